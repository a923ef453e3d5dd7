"""The fleet under test: a project folder, 68 targets over three engines, and a direct way into each.

Owns making, looking into and rebuilding the targets. dbfleet reaches the servers through the proxies; what is asked
here goes straight to the servers' sockets.
"""
import contextlib
import glob
import os
import shutil
import sqlite3
import subprocess

from servers import PASSWORD

POSTGRES_DATABASES = 16
POSTGRES_SHARED = 2         # databases with several schemas, each a target
SCHEMAS_EACH = 4
MARIADB_DATABASES = 24
SQLITE_FILES = 16
SQLITE_SMALL = 4            # on a file system that gets full

LOG_TABLE = 'create table chaos_log (rev varchar(10) not null, dir varchar(4) not null, stmt integer not null)'
OUR_TABLES = ('dbfleet_version', 'dbfleet_version_history')


class Target:
    """One database, or one schema of one. `rebuilds` counts how often it was made anew."""
    dialect = None

    def __init__(self, name):
        self.name = name
        self.rebuilds = 0
        self.held = None

    def connect(self):
        raise NotImplementedError

    @contextlib.contextmanager
    def session(self):
        """Queries inside of it share one connection."""
        self.held = self.connect()
        try:
            yield
        finally:
            handle, self.held = self.held, None
            handle.close()

    def query(self, sql):
        """Rows of one query, outside of dbfleet."""
        handle = self.held or self.connect()
        try:
            cursor = handle.cursor()
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
        finally:
            if handle is not self.held:
                handle.close()

    def make(self):
        raise NotImplementedError

    def drop(self):
        raise NotImplementedError

    def rebuild(self):
        self.drop()
        self.make()
        self.rebuilds += 1

    def tables(self):
        raise NotImplementedError

    def apply(self, section):
        """Runs a section with the server's own client; raises on an error."""
        raise NotImplementedError


def run_client(command, text, env=None):
    done = subprocess.run(command, input=text, text=True, capture_output=True, env=env)
    if done.returncode != 0:
        raise RuntimeError(f'{command[0]} failed: {done.stderr}\n{text}')


class PostgresTarget(Target):
    dialect = 'postgres'

    def __init__(self, name, server, database, schema='public'):
        super().__init__(name)
        self.server = server
        self.database = database
        self.schema = schema

    def connect(self):
        handle = self.server.connect(self.database)
        handle.cursor().execute(f'set search_path to {self.schema}')
        return handle

    def query_server(self, sql):
        """On the server's own database."""
        handle = self.server.connect('postgres')
        try:
            cursor = handle.cursor()
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
        finally:
            handle.close()

    def make(self):
        if self.schema == 'public':
            self.query_server(f'create database {self.database} owner fleet template template0')
            self.query('alter schema public owner to fleet')
        else:
            self.query(f'create schema {self.schema} authorization fleet')
        self.query(f'set role fleet; {LOG_TABLE}')

    def drop(self):
        if self.schema == 'public':
            self.query_server(f'drop database if exists {self.database} with (force)')
        else:
            self.query(f'drop schema if exists {self.schema} cascade')

    def tables(self):
        return [row[0] for row in self.query(
            f"select tablename from pg_tables where schemaname = '{self.schema}' order by 1")]

    def apply(self, section):
        one = [] if 'transaction:false' in section.options else ['-1']
        run_client(['psql', '-Xq', '-v', 'ON_ERROR_STOP=1', *one, '-d', self.database, '-o', '/dev/null'], section.text,
                   self.server.environment())


class MariaTarget(Target):
    dialect = 'mysql'

    def __init__(self, name, server, database):
        super().__init__(name)
        self.server = server
        self.database = database

    def connect(self):
        return self.server.connect(self.database)

    def admin(self, sql):
        handle = self.server.connect('')
        try:
            handle.cursor().execute(sql)
        finally:
            handle.close()

    def make(self):
        self.admin(f'create database {self.database}')
        self.query(LOG_TABLE)

    def drop(self):
        self.admin(f'drop database if exists {self.database}')

    def tables(self):
        return [row[0] for row in self.query('show tables')]

    def apply(self, section):
        run_client(['mariadb', '--no-defaults', '-S', self.server.socket, '-u', 'admin', self.database], section.text,
                   dict(os.environ, MYSQL_PWD=PASSWORD))


class SqliteTarget(Target):
    dialect = 'sqlite'

    def __init__(self, name, path):
        super().__init__(name)
        self.path = path

    def connect(self):
        return sqlite3.connect(self.path, timeout=10, isolation_level=None, check_same_thread=False)

    def make(self):
        self.query(LOG_TABLE)

    def drop(self):
        for path in glob.glob(glob.escape(self.path) + '*'):
            if not path.endswith('.dbfleet-lock'):
                os.unlink(path)

    def tables(self):
        return [row[0] for row in self.query(
            "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite_%' order by 1")]

    def apply(self, section):
        keys = 'off' if 'foreign_keys:off' in section.options else 'on'
        text = f'pragma foreign_keys = {keys};\n{section.text}'
        run_client(['sqlite3', '-batch', '-bail', '-init', '/dev/null', self.path], text)


# ---- The whole -----------------------------------------------------------------------------------------------------

class Fleet:
    """Project folder and targets. `small` is the folder of the SQLite files on the file system that gets full."""

    def __init__(self, folder, postgres, mariadb, small):
        self.folder = folder
        self.versions = os.path.join(folder, 'versions')
        self.ledger = os.path.join(folder, '.dbfleet', 'ledger.db')
        self.postgres = postgres
        self.mariadb = mariadb
        self.data = os.path.join(folder, 'data')
        self.small = small
        self.targets = list(self.make_targets())
        self.by_name = {target.name: target for target in self.targets}

    def make_targets(self):
        for i in range(1, POSTGRES_DATABASES + 1):
            yield PostgresTarget(f'pg-{i:02}', self.postgres, f'chaos_{i:02}')
        for i in range(1, POSTGRES_SHARED + 1):
            for k in range(1, SCHEMAS_EACH + 1):
                yield PostgresTarget(f'tenant-{i}-{k}', self.postgres, f'chaos_shared_{i}', f't{k}')
        for i in range(1, MARIADB_DATABASES + 1):
            yield MariaTarget(f'my-{i:02}', self.mariadb, f'chaos_{i:02}')
        for i in range(1, SQLITE_FILES + SQLITE_SMALL + 1):
            folder = self.data if i <= SQLITE_FILES else self.small
            yield SqliteTarget(f'lite-{i:02}', os.path.join(folder, f'lite_{i:02}.db'))

    def make(self, versions, postgres_port, mariadb_port):
        for folder in (self.data, self.small):
            os.makedirs(folder, exist_ok=True)
        self.write_project(versions, INVENTORY.format(
            postgres=postgres_port, mariadb=mariadb_port, data=self.data, small=self.small, files=SQLITE_FILES,
            first_small=SQLITE_FILES + 1, last_small=SQLITE_FILES + SQLITE_SMALL, databases=POSTGRES_DATABASES,
            shared=POSTGRES_SHARED, schemas=SCHEMAS_EACH, maria=MARIADB_DATABASES))
        for i in range(1, POSTGRES_SHARED + 1):
            self.targets[0].query_server(f'create database chaos_shared_{i} owner fleet template template0')
        for target in self.targets:
            target.make()

    def write_project(self, versions, inventory):
        os.makedirs(self.folder, exist_ok=True)
        shutil.copytree(versions, self.versions)
        for name, text in (('dbfleet.yaml', PROJECT), ('inventory.yaml', inventory)):
            with open(os.path.join(self.folder, name), 'w') as file:
                file.write(text)
        first = self.of('postgres')[0]
        if not first.query_server("select 1 from pg_roles where rolname = 'fleet'"):
            first.query_server(f"create role fleet login password '{PASSWORD}'")

    def of(self, dialect):
        return [target for target in self.targets if target.dialect == dialect]


PROJECT = """version: 1
inventory: inventory.yaml
ledger: .dbfleet/ledger.db
"""

INVENTORY = """defaults: {{connect_timeout: 5s, lock_timeout: 2s, statement_timeout: 30s, lock_wait: 12s}}
groups:
  pg:
    user: fleet
    password: "${{env:CHAOS_PASSWORD}}"
    targets:
      - {{name: "pg-{{01..{databases}}}", url: "postgresql://127.0.0.1:{postgres}/chaos_{{01..{databases}}}"}}
    groups:
      tenants:
        targets:
          - name: "tenant-{{d:1..{shared}}}-{{s:1..{schemas}}}"
            url: "postgresql://127.0.0.1:{postgres}/chaos_shared_{{d:1..{shared}}}"
            schema: "t{{s:1..{schemas}}}"
  my:
    user: fleet
    password: "${{env:CHAOS_PASSWORD}}"
    targets:
      - {{name: "my-{{01..{maria}}}", url: "mysql://127.0.0.1:{mariadb}/chaos_{{01..{maria}}}?defaults=off"}}
  lite:
    targets:
      - {{name: "lite-{{01..{files}}}", url: "sqlite:{data}/lite_{{01..{files}}}.db"}}
      - {{name: "lite-{{{first_small}..{last_small}}}", url: "sqlite:{small}/lite_{{{first_small}..{last_small}}}.db"}}
"""
