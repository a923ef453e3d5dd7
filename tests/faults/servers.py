"""Private PostgreSQL and MariaDB servers that may be killed: own data folders, Unix sockets only (no port to collide on).

Owns starting, killing and restarting them, and the checker's direct connections. Ends only processes it started or
their children. Root starts each as a system user, since both refuse root. What the servers acknowledge survives
kill -9, since it was written to the operating system; a crash of the machine may lose it.
"""
import glob
import os
import pwd
import shutil
import signal
import subprocess
import time

import psycopg2
import pymysql

PASSWORD = 'chaos-test'


def system_user(*names):
    """The first of these users that exists, where we are root; None: run as we are."""
    if os.getuid() != 0:
        return None
    for name in names:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError('none of these system users exists: ' + ', '.join(names))


def as_user(user):
    """Arguments of subprocess for a process of this user, in a session of its own so that Ctrl-C does not reach it."""
    how = {'start_new_session': True, 'stdin': subprocess.DEVNULL, 'cwd': '/'}
    if user:
        how.update(user=user.pw_uid, group=user.pw_gid, extra_groups=os.getgrouplist(user.pw_name, user.pw_gid))
    return how


def parent_of(pid):
    try:
        with open(f'/proc/{pid}/stat') as file:
            return int(file.read().rpartition(')')[2].split()[1])
    except (OSError, ValueError):
        return None


def is_running(pid):
    """False also for a zombie."""
    try:
        with open(f'/proc/{pid}/stat') as file:
            return file.read().rpartition(')')[2].split()[0] != 'Z'
    except OSError:
        return False


def children_of(pid):
    return [int(name) for name in os.listdir('/proc') if name.isdigit() and parent_of(int(name)) == pid]


class Server:
    """One server process with its children."""

    def __init__(self, folder, name, user):
        self.folder = os.path.join(folder, name)
        self.name = name
        self.user = user
        self.process = None
        self.log = os.path.join(folder, name + '.log')
        os.makedirs(self.folder, mode=0o755)
        if user:
            os.chown(self.folder, user.pw_uid, user.pw_gid)

    def command(self):
        raise NotImplementedError

    def connect(self, database):
        raise NotImplementedError

    def run_once(self, *command):
        with open(self.log, 'a') as log:
            subprocess.run(command, check=True, stdout=log, stderr=log, **as_user(self.user))

    def start(self):
        """Starts it and waits until it answers."""
        with open(self.log, 'a') as log:
            self.process = subprocess.Popen(self.command(), stdout=log, stderr=log, **as_user(self.user))
        deadline = time.monotonic() + 90
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f'{self.name} did not start: see {self.log}')
            time.sleep(0.05)

    def answers(self):
        try:
            self.connect(self.admin_database).close()
            return True
        except (psycopg2.Error, pymysql.Error, OSError):
            return False

    def is_up(self):
        return self.process is not None and self.process.poll() is None

    def wait_until_up(self):
        """After faults: started if it is dead, and answering (PostgreSQL restarts its sessions by itself)."""
        if not self.is_up():
            self.start()
        deadline = time.monotonic() + 60
        while not self.answers():
            if time.monotonic() > deadline:
                raise RuntimeError(f'{self.name} does not answer: see {self.log}')
            time.sleep(0.05)

    def kill_all(self):
        """kill -9 of the whole server; returns when nothing of it is left."""
        if not self.is_up():
            return
        pids = children_of(self.process.pid)
        self.process.kill()
        for pid in pids:
            kill_if_running(pid)
        self.process.wait()
        deadline = time.monotonic() + 20
        while any(map(is_running, pids)) and time.monotonic() < deadline:
            time.sleep(0.01)

    def stop(self):
        """For good; politeness would only take time."""
        self.kill_all()


def kill_if_running(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


class Postgres(Server):
    admin_database = 'postgres'
    socket_port = 5432

    def __init__(self, folder):
        super().__init__(folder, 'postgres', system_user('postgres', 'nobody'))
        self.bin = self.find_binaries()
        self.data = os.path.join(self.folder, 'data')
        self.socket = os.path.join(self.folder, f'.s.PGSQL.{self.socket_port}')
        password = os.path.join(self.folder, 'password')
        with open(password, 'w') as file:
            file.write(PASSWORD + '\n')
        self.run_once(os.path.join(self.bin, 'initdb'), '-D', self.data, '-U', 'postgres', '--pwfile=' + password,
                      '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync')
        with open(os.path.join(self.data, 'postgresql.conf'), 'a') as file:
            file.write(POSTGRES_SETTINGS.format(folder=self.folder))

    @staticmethod
    def find_binaries():
        folders = sorted(glob.glob('/usr/lib/postgresql/*/bin'), key=lambda path: float(path.split('/')[4]))
        if folders:
            return folders[-1]
        return os.path.dirname(shutil.which('initdb') or '/nowhere/initdb')

    def command(self):
        return [os.path.join(self.bin, 'postgres'), '-D', self.data]

    def connect(self, database):
        handle = psycopg2.connect(host=self.folder, port=self.socket_port, user='postgres', password=PASSWORD,
                                  dbname=database, application_name='checker', connect_timeout=10)
        handle.autocommit = True
        return handle

    def environment(self):
        return dict(os.environ, PGHOST=self.folder, PGPORT=str(self.socket_port), PGUSER='postgres', PGPASSWORD=PASSWORD)

    def is_own_backend(self, pid):
        return self.is_up() and parent_of(pid) == self.process.pid


POSTGRES_SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{folder}'
max_connections = 200
shared_buffers = 64MB
fsync = off
log_line_prefix = '%m [%p] %a %d '
log_statement = 'ddl'
"""


class MariaDB(Server):
    admin_database = 'mysql'

    def __init__(self, folder):
        super().__init__(folder, 'mariadb', system_user('mysql', 'nobody'))
        self.socket = os.path.join(self.folder, 'socket')
        self.data = os.path.join(self.folder, 'data')
        self.temporary = os.path.join(self.folder, 'tmp')   # a server that starts deletes temporary tables that it finds
        os.makedirs(self.temporary)
        if self.user:
            os.chown(self.temporary, self.user.pw_uid, self.user.pw_gid)
        self.bin = shutil.which('mariadbd', path=os.environ.get('PATH', '') + ':/usr/sbin:/usr/local/sbin')
        if not self.bin:
            raise RuntimeError('MariaDB is not installed: apt-get install mariadb-server')
        self.init_file = os.path.join(self.folder, 'init.sql')
        with open(self.init_file, 'w') as file:
            file.write(MARIADB_ACCOUNTS.format(password=PASSWORD))
        self.run_once('mariadb-install-db', '--no-defaults', '--datadir=' + self.data, '--skip-test-db',
                      '--auth-root-authentication-method=normal', '--innodb-flush-method=nosync',
                      '--tmpdir=' + self.temporary)

    def command(self):
        return [self.bin, '--no-defaults', '--datadir=' + self.data, '--socket=' + self.socket, '--tmpdir=' + self.temporary,
                '--pid-file=' + os.path.join(self.folder, 'pid'), '--init-file=' + self.init_file, '--skip-networking',
                '--max-connections=200', '--innodb-buffer-pool-size=64M', '--innodb-log-file-size=32M',
                '--innodb-flush-log-at-trx-commit=2', '--innodb-flush-method=nosync', '--skip-log-bin',
                '--character-set-server=utf8mb4', '--plugin-load-add=metadata_lock_info', '--innodb-use-native-aio=0']

    def connect(self, database):
        return pymysql.connect(unix_socket=self.socket, user='admin', password=PASSWORD, database=database or None,
                               autocommit=True, connect_timeout=10)


MARIADB_ACCOUNTS = """CREATE USER IF NOT EXISTS 'admin'@'%' IDENTIFIED BY '{password}';
GRANT ALL PRIVILEGES ON *.* TO 'admin'@'%' WITH GRANT OPTION;
CREATE USER IF NOT EXISTS 'fleet'@'%' IDENTIFIED BY '{password}';
GRANT ALL PRIVILEGES ON `chaos\\_%`.* TO 'fleet'@'%';
"""
