"""What is measured, all without TLS: each contestant brings a fleet up, finds nothing to do, reads where it stands, and brings it down."""

import os
import shutil

import revisions

ACTIONS = ("upgrade", "empty", "status", "downgrade")


class Contestant:
    """A row of the tables. `command(action, jobs)` is (argv, folder, environment, input file), or None where the tool
    has nothing for the action."""

    name = ""
    what = ""

    def __init__(self, fleet, programs):
        self.fleet, self.programs = fleet, programs
        self.folder = f"{fleet.folder}/{type(self).__name__.lower()}"
        os.makedirs(self.folder, exist_ok=True)
        self.prepare()

    def missing(self):
        """Why it cannot take part; None if it can."""
        return None

    def prepare(self):
        pass

    def command(self, action, jobs):
        raise NotImplementedError

    def list_of(self, name, line):
        path = f"{self.folder}/{name}"
        revisions.write(path, "".join(line(database) + "\n" for database in self.fleet.names))
        return path

    def each(self, script, jobs, environment=None):
        """A shell line for each database, `jobs` at once; $1 is the database."""
        path = self.list_of("names", lambda name: name)
        argv = ["xargs", "-P", str(jobs), "-I{}", "sh", "-ec", script, "sh", "{}"]
        return argv, self.folder, environment, path


class Floor(Contestant):
    name = "floor"
    what = ("a C program on the bare client library: threads, one connection a database, one message to lock and read, "
            "one message a revision, with version and history rows as dbfleet promises them")
    promises = True

    def prepare(self):
        revisions.write_floor(f"{self.folder}/messages", self.fleet.dialect, self.promises)
        self.databases = self.list_of("databases", self.fleet.floor_line)

    def once(self):
        """The two tables, which no later run has to make."""
        return [self.programs["floor"], self.fleet.dialect, "4", f"{self.folder}/messages/tables"], self.databases

    def command(self, action, jobs):
        folder = {"upgrade": "up", "downgrade": "down", "empty": "read", "status": "read"}[action]
        argv = [self.programs["floor"], self.fleet.dialect, str(jobs), f"{self.folder}/messages/{folder}"]
        return argv, self.folder, None, self.databases


class FloorBare(Floor):
    name = "floor, version row only"
    what = "the floor without history, journal and intents: what those promises cost"
    promises = False

    def command(self, action, jobs):
        return super().command(action, jobs) if action in ("upgrade", "downgrade") else None


class Dbfleet(Contestant):
    name = "dbfleet"
    what = "one process; ledger and report on, as a user has them"

    def prepare(self):
        revisions.write_dbmate(f"{self.folder}/versions", self.fleet.dialect)
        revisions.write(f"{self.folder}/dbfleet.yaml", "version: 1\ninventory: inventory.yaml\n")
        plain = "" if self.fleet.dialect == "sqlite" else "?sslmode=disable"
        lines = "".join(f"  - {{name: {name}, url: '{self.fleet.url(name)}{plain}'}}\n" for name in self.fleet.names)
        revisions.write(f"{self.folder}/inventory.yaml", "targets:\n" + lines)

    def command(self, action, jobs):
        words = {"upgrade": ["upgrade", "heads", "--yes"], "empty": ["upgrade", "heads", "--yes"], "status": ["status"],
                 "downgrade": ["downgrade", "base", "--yes"]}[action]
        return [self.programs["dbfleet"], *words, "-q", "-j", str(jobs)], self.folder, None, None


class Alembic(Contestant):
    name = "alembic, a process each"
    what = "Debian's alembic under xargs -P, one transaction a revision"

    def missing(self):
        return None if shutil.which("alembic") else "alembic is not installed (apt-get install alembic)"

    def prepare(self):
        revisions.write_alembic(self.folder, self.fleet.dialect)

    def address(self):
        return {"postgres": lambda name: self.fleet.url(name, "postgresql+psycopg2"),
                "mysql": lambda name: self.fleet.url(name, "mysql+pymysql"),
                "sqlite": lambda name: f"sqlite:///{self.fleet.place}/{name}.db"}[self.fleet.dialect]("$1")

    def command(self, action, jobs):
        words = {"upgrade": "upgrade head", "empty": "upgrade head", "status": "current", "downgrade": "downgrade base"}
        return self.each(f'exec alembic -x url="{self.address()}" {words[action]}', jobs)


class AlembicPool(Alembic):
    name = "alembic, a pool"
    what = "the same in a pool of Python processes that stay: alembic.command in a multiprocessing.Pool"

    def prepare(self):
        super().prepare()
        shutil.copy(os.path.join(os.path.dirname(__file__), "alembic_pool.py"), self.folder)

    def command(self, action, jobs):
        words = {"upgrade": "upgrade", "empty": "upgrade", "status": "current", "downgrade": "downgrade"}
        path = self.list_of("names", lambda name: self.address().replace("$1", name))
        return ["/usr/bin/python3", "alembic_pool.py", str(jobs), words[action]], self.folder, None, path


class Sqitch(Contestant):
    name = "sqitch"
    what = "Debian's sqitch under xargs -P, without verify scripts"

    def missing(self):
        return None if shutil.which("sqitch") else "sqitch is not installed (apt-get install sqitch)"

    def prepare(self):
        revisions.write_sqitch(self.folder, self.fleet.dialect)

    def command(self, action, jobs):
        fleet = self.fleet
        target = {"postgres": lambda: f"db:pg://{fleet.user}:{fleet.password}@{fleet.host}:{fleet.port}/$1",
                  "mysql": lambda: f"db:mariadb://{fleet.user}:{fleet.password}@{fleet.host}:{fleet.port}/$1",
                  "sqlite": lambda: f"db:sqlite:{fleet.place}/$1.db"}[fleet.dialect]()
        # its registry is a schema on PostgreSQL; elsewhere one database for all, which runs in parallel cannot share
        registry = "" if fleet.dialect == "postgres" else ' --registry "sqitch_$1"'
        words = {"upgrade": "deploy", "empty": "deploy", "status": "status", "downgrade": "revert -y"}
        return self.each(f'exec sqitch {words[action]}{registry} --target "{target}"', jobs, {"LC_ALL": "C.UTF-8"})


class Dbmate(Contestant):
    name = "dbmate"
    what = "dbmate from npm under xargs -P; down is one call a revision, since it has no other"

    def missing(self):
        return None if self.programs.get("dbmate") else "dbmate is not installed (npm install dbmate)"

    def prepare(self):
        revisions.write_dbmate(f"{self.folder}/versions", self.fleet.dialect)

    def command(self, action, jobs):
        fleet = self.fleet
        url = f"sqlite:{fleet.place}/$1.db" if fleet.dialect == "sqlite" else fleet.url("$1")
        url += "?sslmode=disable" if fleet.dialect == "postgres" else ""
        call = f'{self.programs["dbmate"]} --no-dump-schema -d versions --url "{url}"'
        words = {"upgrade": "migrate", "empty": "migrate", "status": "status"}
        if action == "downgrade":
            count = len(revisions.sections(fleet.dialect))
            return self.each(f"for step in $(seq {count}); do {call} rollback; done", jobs)
        return self.each(f"exec {call} {words[action]}", jobs)


class Shell(Contestant):
    name = "shell loop"
    what = "psql, mariadb or sqlite3 under xargs -P, one script with all revisions; no check of anything"

    def prepare(self):
        revisions.write_plain(self.folder, self.fleet.dialect)

    def command(self, action, jobs):
        client = " ".join(f"'{word}'" if " " in word else word for word in self.fleet.client("$1"))
        script = {"upgrade": f"exec {client} < up.sql", "downgrade": f"exec {client} < down.sql",
                  "status": f'echo "select max(version) from shell_version;" | {client}'}.get(action)
        return self.each(script, jobs) if script else None


ALL = (Floor, FloorBare, Dbfleet, Alembic, AlembicPool, Sqitch, Dbmate, Shell)
