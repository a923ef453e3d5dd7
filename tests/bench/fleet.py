"""The databases of a benchmark, on private servers or in files, and their addresses in each contestant's spelling."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

import revisions

TITLES = {"postgres": "PostgreSQL", "mysql": "MariaDB", "sqlite": "SQLite"}
# How PostgreSQL lets clients in, by the methods' names in pg_hba.conf.
LOGINS = {"scram": "PostgreSQL", "trust": "PostgreSQL, without password"}
# Whom the private server trusts; everyone else proves the password.
TRUSTED = "dbfleet_trust"
# What ten steps and the tables of all contestants take, with room to spare.
SQLITE_BYTES = 256 * 1024


class Servers:
    """Private PostgreSQL and MariaDB servers of the test harness; gone at the end of the `with`."""

    def __init__(self, source, folder, wanted):
        self.harness, self.folder, self.wanted = f"{source}/tests/harness/servers", folder, wanted
        self.exports = {}

    def __enter__(self):
        if self.wanted:
            try:
                self.start()
            except BaseException:
                self.stop()
                raise
        return self

    def __exit__(self, *reason):
        self.stop()

    def start(self):
        printed = subprocess.run([self.harness, "start", self.folder, *self.wanted], check=True, stdout=subprocess.PIPE,
                                 text=True, env={**os.environ, "DBFLEET_TEST_BENCH": "1"})
        self.exports = dict(re.findall(r"^export (\w+)='?([^'\n]*)'?$", printed.stdout, re.MULTILINE))

    def stop(self):
        if os.path.isdir(self.folder):
            subprocess.run([self.harness, "stop", self.folder], check=False, capture_output=True)


class SlowLink:
    """A proxy in front of a server on this machine: each reply comes that much later, and round trips are counted."""

    def __init__(self, port, milliseconds, folder):
        program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "slow_link.py")
        self.counts = f"{folder}/trips"
        self.process = subprocess.Popen([program, port, "--delay", str(milliseconds), "--counts", self.counts],
                                        stdout=subprocess.PIPE, text=True)
        self.port = self.process.stdout.readline().strip()

    def take_trips(self):
        """How many round trips there were since the last time."""
        self.process.send_signal(signal.SIGUSR1)
        while not os.path.exists(self.counts):
            if self.process.poll() is not None:
                raise OSError("the slow link ended")
            time.sleep(0.01)
        with open(self.counts, encoding="ascii") as file:
            trips = sum(int(line) for line in file)
        os.unlink(self.counts)
        return trips

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Fleet:
    """`count` databases of one dialect and the steps that are to be applied to them. `folder` holds the contestants' files,
    `place` SQLite's. `login`: how PostgreSQL lets all of them in; the password is in every address, whether it is asked for or not."""

    def __init__(self, dialect, count, folder, place=None, servers=None, steps=None, login="scram"):
        self.dialect, self.count, self.folder, self.place = dialect, count, folder, place
        self.steps = steps or revisions.ten_steps(dialect)
        self.shown = None if steps else revisions.TEN_STEPS_SHOWN
        self.names = [f"bench_{number:05}" for number in range(1, count + 1)]
        self.title = TITLES[dialect]
        self.link = None
        if dialect != "sqlite":
            variable = "DBFLEET_TEST_POSTGRES" if dialect == "postgres" else "DBFLEET_TEST_MYSQL"
            found = re.match(r"\w+://([^:]+):([^@]+)@([^:]+):(\d+)/", servers.exports[variable])
            self.user, self.password, self.host, self.port = found.groups()
        if dialect == "postgres":
            self.user, self.title = TRUSTED if login == "trust" else self.user, LOGINS[login]
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
        """Empty databases, whatever was there."""
        if self.dialect == "sqlite":
            shutil.rmtree(self.place, ignore_errors=True)
            os.makedirs(self.place)
            for name in self.names:
                open(f"{self.place}/{name}.db", "wb").close()
            return
        statements = "".join(f"drop database if exists {name};\ncreate database {name};\n" for name in self.names)
        subprocess.run(self.client("postgres" if self.dialect == "postgres" else "mysql"), input=statements, text=True,
                       check=True, stderr=subprocess.DEVNULL)

    def slow_down(self, milliseconds):
        """All contestants that are made from now on go over the link."""
        self.link = SlowLink(self.port, milliseconds, self.folder)
        self.port, self.title = self.link.port, f"{self.title} over {milliseconds:g} ms"

    def take_away(self):
        if self.link:
            self.link.stop()
        if self.dialect == "sqlite":
            shutil.rmtree(self.place, ignore_errors=True)


def ram_disk(databases):
    """A folder in memory for so many SQLite files; None where there is none, or not enough of it."""
    if not os.access("/dev/shm", os.W_OK):
        return None
    room = os.statvfs("/dev/shm")
    if room.f_bavail * room.f_frsize < databases * SQLITE_BYTES:
        return None
    return tempfile.mkdtemp(prefix="dbfleet-bench.", dir="/dev/shm")
