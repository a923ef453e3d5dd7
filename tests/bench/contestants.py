"""What is measured, all without TLS: each contestant brings a fleet up, finds nothing to do, reads where it stands, and brings it down."""

import os
import shutil

import revisions

ACTIONS = ("upgrade", "empty", "status", "downgrade")


class Contestant:
    """A row of the tables. `command(action, jobs)` is (argv, folder, environment, input file), or None where the tool
    has nothing for the action. `recorded` is SQL that is true in a database that the tool says is at the head."""

    name = ""
    what = ""
    recorded = "1 = 1"
    history = None  # the table that grows with each round and is read by later ones
    whole = False  # it always gets the whole fleet
    tool = False  # a migration tool
    terminal = False  # it runs on a terminal

    def __init__(self, fleet, programs):
        self.fleet, self.programs = fleet, programs
        self.folder = f"{fleet.folder}/{type(self).__name__.lower()}"
        self.jobs, self.tried = 4, {}
        os.makedirs(self.folder, exist_ok=True)
        self.take(fleet.names)
        self.prepare()
        revisions.write(f"{self.folder}/check/0.sql", self.at_head() + ";\n")
        if self.history:
            words = "delete from" if fleet.dialect == "sqlite" else "truncate table"
            revisions.write(f"{self.folder}/forget/0.sql", f"{words} {self.history};\n")

    def missing(self):
        """Why it cannot take part; None if it can."""
        return None

    def take(self, names):
        """Works on these databases from now on."""
        self.names = names

    def prepare(self):
        pass

    def begin(self):
        """(argv, input file) of what is done once, before the first action and outside of what is measured; or None."""
        return None

    def command(self, action, jobs):
        raise NotImplementedError

    def at_head(self):
        """A query that gives one row in a database that is at the head, by what is in it and what the tool says."""
        recorded = self.recorded.format(head=revisions.identifier(len(self.fleet.steps)), count=len(self.fleet.steps))
        if not self.fleet.shown:
            return f"select 1 where {recorded}"
        view, rows = self.fleet.shown
        return f"select 1 from (select count(*) as n from {view}) as shown where n = {rows} and {recorded}"

    def check(self):
        """(argv, input file) of a program that prints how many databases are at the head."""
        return self.on_each("check")

    def forget(self):
        """(argv, input file) of a program that empties the histories."""
        return self.on_each("forget")

    def on_each(self, messages):
        argv = [self.programs["floor"], self.fleet.dialect, "8", f"{self.folder}/{messages}"]
        return argv, self.list_of("checked", self.fleet.floor_line)

    def list_of(self, name, line):
        path = f"{self.folder}/{name}"
        revisions.write(path, "".join(line(database) + "\n" for database in self.names))
        return path

    def each(self, script, jobs, environment=None):
        """A shell line for each database, `jobs` at once; $1 is the database."""
        path = self.list_of("names", lambda name: name)
        argv = ["xargs", "-P", str(jobs), "-I{}", "sh", "-ec", script, "sh", "{}"]
        return argv, self.folder, environment, path


class Floor(Contestant):
    name = "floor"
    what = ("a C program on the bare client library: threads, one connection a database, one message to lock and read, "
            "one message a revision, with the version and history rows that dbfleet promises; SQLite ends transactions by truncating "
            "its journal. `status` and the empty run are connecting and reading one row")
    recorded = "(select max(version_num) from floor_version) = '{head}'"
    history = "floor_history"
    whole = True
    promises = True

    def prepare(self):
        revisions.write_floor(f"{self.folder}/messages", self.fleet.dialect, self.fleet.steps, self.promises)

    def begin(self):
        """The two tables, which no later run has to make."""
        argv = [self.programs["floor"], self.fleet.dialect, "4", f"{self.folder}/messages/tables"]
        return argv, self.list_of("databases", self.fleet.floor_line)

    def command(self, action, jobs):
        folder = {"upgrade": "up", "downgrade": "down", "empty": "read", "status": "read"}[action]
        argv = [self.programs["floor"], self.fleet.dialect, str(jobs), f"{self.folder}/messages/{folder}"]
        return argv, self.folder, None, self.list_of("databases", self.fleet.floor_line)


class FloorBare(Floor):
    name = "floor, version row only"
    what = "the floor without history, journal and intents: the floor against this is what those promises cost"
    history = None
    promises = False

    def command(self, action, jobs):
        return super().command(action, jobs) if action in ("upgrade", "downgrade") else None


class FloorReadFirst(Floor):
    name = "floor, all read first"
    what = ("the floor where all databases are read before the first is changed, over connections that stay open: the floor against "
            "this is what that promise costs")

    def missing(self):
        return "files are not kept open" if self.fleet.dialect == "sqlite" else None

    def command(self, action, jobs):
        if action not in ("upgrade", "downgrade"):
            return None
        argv, folder, environment, databases = super().command(action, jobs)
        return [*argv, f"{self.folder}/messages/read"], folder, environment, databases


class Dbfleet(Contestant):
    name = "dbfleet"
    what = "one process; ledger and report on, as a user has them, without a terminal to draw on"
    recorded = ("(select max(version_num) from dbfleet_version) = '{head}' "
                "and (select count(*) from dbfleet_version_history) >= {count}")
    history = "dbfleet_version_history"
    whole = True
    ledger = ".dbfleet/ledger.db"
    options = ("-q",)

    def take(self, names):
        super().take(names)
        plain = "" if self.fleet.dialect == "sqlite" else "?sslmode=disable"
        lines = "".join(f"  - {{name: {name}, url: '{self.fleet.url(name)}{plain}'}}\n" for name in names)
        revisions.write(f"{self.folder}/inventory.yaml", "targets:\n" + lines)

    def prepare(self):
        revisions.write_dbmate(f"{self.folder}/versions", self.fleet.steps)
        revisions.write(f"{self.folder}/dbfleet.yaml", f"version: 1\ninventory: inventory.yaml\nledger: {self.ledger}\n")

    def command(self, action, jobs):
        words = {"upgrade": ["upgrade", "heads", "--yes", *self.options], "empty": ["upgrade", "heads", "--yes", "-q"],
                 "status": ["status", "-q"], "downgrade": ["downgrade", "base", "--yes", "-q"]}[action]
        return [self.programs["dbfleet"], *words, "-j", str(jobs)], self.folder, None, None


class DbfleetSilent(Dbfleet):
    name = "dbfleet, silent"
    what = "no progress, events or report files; its ledger, which cannot be off, is in memory"

    def prepare(self):
        # The fleet's own folder where it has one: it is on the RAM disk.
        self.ledger = f"{self.fleet.place}/ledger.db" if self.fleet.place else self.ledger
        super().prepare()


class DbfleetAll(Dbfleet):
    name = "dbfleet, all records"
    what = "progress on a terminal, ledger on disk, events, report files (HTML, JSON, Markdown, JUnit) and metrics"
    options = ("--events", "events.ndjson", "--metrics", "run.prom", "--report", "run.html", "--report", "run.json",
               "--report", "run.md", "--report", "run.xml")
    terminal = True


class Alembic(Contestant):
    name = "alembic, a process each"
    what = "Debian's alembic under xargs -P, one transaction a revision; psycopg2, mysqlclient, sqlite3"
    recorded = "(select max(version_num) from alembic_version) = '{head}'"
    tool = True

    def missing(self):
        return None if shutil.which("alembic") else "alembic is not installed (scripts/bootstrap --bench)"

    def prepare(self):
        revisions.write_alembic(self.folder, self.fleet.steps)

    def address(self, name):
        if self.fleet.dialect == "sqlite":
            return f"sqlite:///{self.fleet.place}/{name}.db"
        return self.fleet.url(name, {"postgres": "postgresql+psycopg2", "mysql": "mysql+mysqldb"}[self.fleet.dialect])

    def command(self, action, jobs):
        words = {"upgrade": "upgrade head", "empty": "upgrade head", "status": "current", "downgrade": "downgrade base"}
        return self.each(f'exec alembic -x url="{self.address("$1")}" {words[action]}', jobs)


class AlembicPool(Alembic):
    name = "alembic, a pool"
    what = "the same in a pool of Python processes that stay: alembic.command in a multiprocessing.Pool"

    def prepare(self):
        super().prepare()
        shutil.copy(os.path.join(os.path.dirname(__file__), "alembic_pool.py"), self.folder)

    def command(self, action, jobs):
        words = {"upgrade": "upgrade", "empty": "upgrade", "status": "current", "downgrade": "downgrade"}
        path = self.list_of("names", self.address)
        return ["/usr/bin/python3", "alembic_pool.py", str(jobs), words[action]], self.folder, None, path


class Sqitch(Contestant):
    name = "sqitch"
    what = ("Debian's sqitch under xargs -P, without verify scripts; a registry for each database, since one for all cannot be "
            "shared by runs in parallel")
    tool = True

    def missing(self):
        return None if shutil.which("sqitch") else "sqitch is not installed (scripts/bootstrap --bench)"

    def prepare(self):
        revisions.write_sqitch(self.folder, self.fleet.dialect, self.fleet.steps)

    def command(self, action, jobs):
        fleet = self.fleet
        target = {"postgres": lambda: f"db:pg://{fleet.user}:{fleet.password}@{fleet.host}:{fleet.port}/$1",
                  "mysql": lambda: f"db:mariadb://{fleet.user}:{fleet.password}@{fleet.host}:{fleet.port}/$1",
                  "sqlite": lambda: f"db:sqlite:{fleet.place}/$1.db"}[fleet.dialect]()
        # its registry is a schema of the database on PostgreSQL
        registry = "" if fleet.dialect == "postgres" else ' --registry "sqitch_$1"'
        words = {"upgrade": "deploy", "empty": "deploy", "status": "status", "downgrade": "revert -y"}
        return self.each(f'exec sqitch {words[action]}{registry} --target "{target}"', jobs, {"LC_ALL": "C.UTF-8"})


class Dbmate(Contestant):
    name = "dbmate"
    what = "dbmate from npm under xargs -P, the program itself without node; down is one call a revision, since it has no other"
    recorded = "(select count(*) from schema_migrations) = {count}"
    tool = True

    def missing(self):
        return None if self.programs.get("dbmate") else "dbmate is not installed (scripts/bootstrap --bench, which asks npm)"

    def prepare(self):
        revisions.write_dbmate(f"{self.folder}/versions", self.fleet.steps)

    def command(self, action, jobs):
        fleet = self.fleet
        url = f"sqlite:{fleet.place}/$1.db" if fleet.dialect == "sqlite" else fleet.url("$1")
        url += "?sslmode=disable" if fleet.dialect == "postgres" else ""
        call = f'{self.programs["dbmate"]} --no-dump-schema -d versions --url "{url}"'
        words = {"upgrade": "migrate", "empty": "migrate", "status": "status"}
        if action == "downgrade":
            return self.each(f"for step in $(seq {len(fleet.steps)}); do {call} rollback; done", jobs)
        return self.each(f"exec {call} {words[action]}", jobs)


class Shell(Contestant):
    name = "shell loop"
    what = "psql, mariadb or sqlite3 under xargs -P, one script with all revisions; no check of anything, and no empty run"
    recorded = "(select count(*) from shell_version) = {count}"

    def prepare(self):
        revisions.write_plain(self.folder, self.fleet.steps)

    def command(self, action, jobs):
        client = " ".join(f"'{word}'" if " " in word else word for word in self.fleet.client("$1"))
        script = {"upgrade": f"exec {client} < up.sql", "downgrade": f"exec {client} < down.sql",
                  "status": f'echo "select max(version) from shell_version;" | {client}'}.get(action)
        return self.each(script, jobs) if script else None


ALL = (Floor, FloorBare, FloorReadFirst, Dbfleet, Alembic, AlembicPool, Sqitch, Dbmate, Shell)
RECORDS = (DbfleetSilent, DbfleetAll)
TOOLS = [kind.name for kind in ALL if kind.tool]
