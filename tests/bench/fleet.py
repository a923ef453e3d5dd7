"""The databases of a benchmark, on private servers or in files, and their addresses in each contestant's spelling."""

import os
import re
import shutil
import subprocess
import tempfile


class Servers:
    """Private PostgreSQL and MariaDB servers of the test harness; gone with stop()."""

    def __init__(self, source, folder, wanted):
        self.harness = f"{source}/tests/harness/servers"
        self.folder = folder
        self.exports = {}
        if wanted:
            printed = subprocess.run([self.harness, "start", folder, *wanted], check=True, capture_output=True, text=True)
            self.exports = dict(re.findall(r"^export (\w+)='?([^'\n]*)'?$", printed.stdout, re.MULTILINE))

    def stop(self):
        if self.exports:
            subprocess.run([self.harness, "stop", self.folder], check=False, capture_output=True)


class SlowLink:
    """A proxy in front of a server on this machine: each reply comes that much later."""

    def __init__(self, port, milliseconds):
        program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "slow_link.py")
        self.process = subprocess.Popen([program, port, "--delay", str(milliseconds)], stdout=subprocess.PIPE, text=True)
        self.port = self.process.stdout.readline().strip()

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Fleet:
    """`count` databases of one dialect. `folder` holds the contestants' files, `place` SQLite's."""

    def __init__(self, dialect, count, folder, place, servers):
        self.dialect, self.count, self.folder, self.place = dialect, count, folder, place
        self.names = [f"bench_{number:05}" for number in range(1, count + 1)]
        if dialect != "sqlite":
            variable = "DBFLEET_TEST_POSTGRES" if dialect == "postgres" else "DBFLEET_TEST_MYSQL"
            found = re.match(r"\w+://([^:]+):([^@]+)@([^:]+):(\d+)/", servers.exports[variable])
            self.user, self.password, self.host, self.port = found.groups()
            self.socket = servers.exports.get(variable + "_SOCKET")
        os.makedirs(folder, exist_ok=True)

    def url(self, name, scheme=None):
        """As most tools write it."""
        if self.dialect == "sqlite":
            return f"{scheme or 'sqlite'}:{self.place}/{name}.db"
        scheme = scheme or {"postgres": "postgresql", "mysql": "mysql"}[self.dialect]
        return f"{scheme}://{self.user}:{self.password}@{self.host}:{self.port}/{name}"

    def floor_line(self, name):
        if self.dialect == "sqlite":
            return f"{self.place}/{name}.db"
        if self.dialect == "postgres":
            return f"host={self.host} port={self.port} user={self.user} password={self.password} dbname={name}"
        return f"{self.host} {self.port} {self.user} {self.password} {name}"

    def client(self, name):
        """The dialect's own shell, reading a script from standard input."""
        if self.dialect == "sqlite":
            return ["sqlite3", "-bail", f"{self.place}/{name}.db"]
        if self.dialect == "postgres":
            return ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.url(name)]
        return ["mariadb", f"-h{self.host}", f"-P{self.port}", f"-u{self.user}", f"-p{self.password}", name]

    def make(self):
        if self.dialect == "sqlite":
            os.makedirs(self.place, exist_ok=True)
            for name in self.names:
                subprocess.run(["sqlite3", f"{self.place}/{name}.db", "vacuum"], check=True)
            return
        statements = "".join(f"create database {name};\n" for name in self.names)
        subprocess.run(self.client("postgres" if self.dialect == "postgres" else "mysql"), input=statements, text=True,
                       check=True)

    def take_away(self):
        if self.dialect == "sqlite":
            shutil.rmtree(self.place, ignore_errors=True)


def ram_disk():
    """A folder in memory for SQLite, or None where there is none."""
    return tempfile.mkdtemp(prefix="dbfleet-bench.", dir="/dev/shm") if os.access("/dev/shm", os.W_OK) else None
