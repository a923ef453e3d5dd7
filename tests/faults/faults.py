"""The table of faults. Each row injects one fault into a World and says in a line what it hit; None: there was nothing.

Decisions come from the random generator that is handed in, so that a seed makes the same ones. Kills only processes
that were started here: dbfleet's calls, and children of our own servers after asking who their parent is.
"""
import os
import signal
import sqlite3
import time
from dataclasses import dataclass

import psycopg2
import pymysql

import proxy
from runs import set_clock

# ---- Processes -----------------------------------------------------------------------------------------------------

def pick_call(world, rng):
    place = rng.random()
    live = world.calls.live()
    return live[int(place * len(live))] if live else None


def kill_dbfleet(world, rng):
    call = pick_call(world, rng)
    if call:
        call.process.kill()
        return f'call {call.number}'


def interrupt_dbfleet(world, rng):
    number, times, gap = rng.choice((signal.SIGINT, signal.SIGTERM)), rng.choice((1, 1, 2, 2, 3)), rng.uniform(0.05, 0.8)
    call = pick_call(world, rng)
    if not call:
        return None

    def send(left):
        if call.is_running():
            call.process.send_signal(number)
        if left > 1:
            world.later(gap, lambda: send(left - 1))

    send(times)
    return f'call {call.number}: {number.name} {times} times, {gap:.2f} s apart'


def second_dbfleet(world, rng):
    args = rng.choice((['upgrade', 'head'], ['upgrade', 'head'], ['upgrade', '+2'], ['downgrade', '-1'], ['same']))
    live = world.calls.live()
    if not live:
        return None
    if args == ['same']:
        args = list(live[0].args)
    else:
        args += ['--yes', '--format', 'json', '--max-failures', '100%', '-j', str(rng.choice((8, 16)))]
    call = world.calls.start(*args)
    world.in_background(lambda: world.calls.finish(call))
    return f'call {call.number}: {" ".join(args)}'


def step_clock(world, rng):
    seconds = rng.choice((-86400, -3600, -30, 45, 7200, 40 * 86400))
    stepped = [call for call in world.calls.live() if os.path.exists(call.clock)]
    for call in stepped:
        set_clock(call.clock, seconds)
    if stepped:
        return f'{seconds:+d} s for ' + ', '.join(f'call {call.number}' for call in stepped)


# ---- Servers -------------------------------------------------------------------------------------------------------

def postgres_backend(world, rng):
    place = rng.random()
    rows = world.fleet.targets[0].query_server("select pid from pg_stat_activity where usename = 'fleet' order by pid")
    return rows[int(place * len(rows))][0] if rows else None


def kill_postgres_backend(world, rng):
    """The server then ends all other sessions too and recovers."""
    pid = postgres_backend(world, rng)
    if pid and world.postgres.is_own_backend(pid):
        os.kill(pid, signal.SIGKILL)
        return f'pid {pid}'


def terminate_postgres_backend(world, rng):
    function = rng.choice(('pg_terminate_backend', 'pg_terminate_backend', 'pg_cancel_backend'))
    pid = postgres_backend(world, rng)
    if pid:
        world.fleet.targets[0].query_server(f'select {function}({pid})')
        return f'{function}({pid})'


def kill_mariadb_connection(world, rng):
    place, what = rng.random(), rng.choice(('connection', 'connection', 'query'))
    target = world.fleet.of('mysql')[0]
    rows = target.query("select id from information_schema.processlist where user = 'fleet' order by id")
    if rows:
        number = rows[int(place * len(rows))][0]
        target.query(f'kill {what} {number}')
        return f'{what} {number}'


def kill_server(server_name):
    def inject(world, rng):
        seconds = rng.uniform(0.1, 1.5)
        server = getattr(world, server_name)
        if not world.take(server_name):
            return None
        server.kill_all()

        def restart():
            server.start()
            world.give_back(server_name)

        world.later(seconds, restart)
        return f'down for {seconds:.1f} s'
    return inject


# ---- Connections ---------------------------------------------------------------------------------------------------

COMMIT = rb'(?i)\bcommit\b'
PLACES = (rb'(?i)alter table', rb'(?i)create table', rb'(?i)create (unique )?index', rb'(?i)drop ', rb'insert into chaos_log',
          rb'insert into notes', rb'call add_order', rb'truncate', rb'dbfleet_version_history', rb'dbfleet_version"? ',
          rb'(?i)lock', rb'(?i)update ', COMMIT)


def arm(world, rng, **rule):
    which = rng.choice((world.postgres_proxy, world.mariadb_proxy))
    armed = which.arm(proxy.Rule(reset=rng.random() < 0.5, **rule))
    return f'{which.name}: {armed.describe()}'


def cut_at_byte(world, rng):
    way = rng.choice((proxy.TO_SERVER, proxy.TO_CLIENT))
    return arm(world, rng, way=way, action=proxy.CUT, at=rng.choice((rng.randrange(60), rng.randrange(1500), rng.randrange(8000))))


def cut_before_commit(world, rng):
    return arm(world, rng, way=proxy.TO_SERVER, action=proxy.CUT, pattern=COMMIT, skip=rng.randrange(20))


def cut_after_commit(world, rng):
    return arm(world, rng, way=proxy.TO_SERVER, action=proxy.CUT_REPLY, pattern=COMMIT, skip=rng.randrange(20),
               seconds=rng.choice((0.05, 0.5, 2.5)))


def cut_at_statement(world, rng):
    action = rng.choice((proxy.CUT, proxy.CUT_REPLY, proxy.CUT_REPLY))
    return arm(world, rng, way=proxy.TO_SERVER, action=action, pattern=rng.choice(PLACES), skip=rng.randrange(8), seconds=0.3)


def cut_inside_result(world, rng):
    return arm(world, rng, way=proxy.TO_CLIENT, action=proxy.CUT, at=rng.randrange(1, 400))


def stall(world, rng):
    way = rng.choice((proxy.TO_SERVER, proxy.TO_CLIENT))
    return arm(world, rng, way=way, action=proxy.STALL, at=rng.randrange(3000), seconds=rng.uniform(0.3, 2))


def half_open(world, rng):
    return arm(world, rng, way=proxy.TO_SERVER, action=proxy.HALF_OPEN, at=rng.randrange(3000), seconds=rng.uniform(0.5, 4))


def blackhole(world, rng):
    way = rng.choice((proxy.TO_SERVER, proxy.TO_CLIENT))
    return arm(world, rng, way=way, action=proxy.BLACKHOLE, at=rng.randrange(3000), seconds=rng.uniform(0.5, 4))


def kill_at_statement(world, rng):
    """kill -9 of dbfleet at the moment when a certain text is on its way to a server."""
    def kill():
        for call in world.calls.live():
            call.process.kill()

    return arm(world, rng, way=proxy.TO_SERVER, action=proxy.HOOK, pattern=rng.choice(PLACES), skip=rng.randrange(12), on_hit=kill)


# ---- Locks ---------------------------------------------------------------------------------------------------------

LOCKED_TABLES = ('chaos_log', 'dbfleet_version', 'dbfleet_version_history', 'orders', 'customers')


def hold(world, target, statements, seconds, last):
    """Runs statements on a connection, waits, runs the last one and closes; False where the first ones fail."""
    handle = target.connect()
    try:
        for statement in statements:
            handle.cursor().execute(statement)
    except (psycopg2.Error, pymysql.Error, sqlite3.Error):
        handle.close()
        return False

    def release():
        try:
            handle.cursor().execute(last)
            handle.close()
        except (psycopg2.Error, pymysql.Error, sqlite3.Error):
            pass

    world.later(seconds, release)
    return True


def hold_lock(world, rng):
    target, table, seconds = rng.choice(world.fleet.targets), rng.choice(LOCKED_TABLES), rng.uniform(1, 4)
    rows = rng.random() < 0.4
    if target.dialect == 'sqlite':
        rows, statements, last = False, ['pragma busy_timeout = 200', 'begin ' + rng.choice(('immediate', 'exclusive'))], 'rollback'
    elif rows:
        wait = "set lock_timeout = '300ms'" if target.dialect == 'postgres' else 'set innodb_lock_wait_timeout = 1'
        statements, last = [wait, 'begin', f'select * from {table} for update'], 'rollback'
    elif target.dialect == 'postgres':
        statements, last = ["set lock_timeout = '300ms'", 'begin', f'lock table {table}'], 'rollback'
    else:
        statements, last = ['set lock_wait_timeout = 1', f'lock tables {table} write'], 'unlock tables'
    if hold(world, target, statements, seconds, last):
        return f'{target.name}: {"rows of " if rows else ""}{table} for {seconds:.1f} s'


def make_deadlock(world, rng):
    """Takes the rows that revision r05 updates, in the other order."""
    target, gap = rng.choice(world.fleet.of('postgres') + world.fleet.of('mysql')), rng.uniform(0.05, 0.5)
    table = next((name for name in ('counters', 'tallies') if name in target.tables()), None)
    if not table:
        return None
    first = ['begin', f"update {table} set n = n where name = 'b'"]

    def cross(handle):
        for statement in (f"update {table} set n = n where name = 'a'", 'rollback'):
            handle.cursor().execute(statement)

    world.in_background(lambda: run_crossed(target, first, gap, cross))
    return f'{target.name}: {table}'


def run_crossed(target, first, gap, cross):
    try:
        handle = target.connect()
        for statement in first:
            handle.cursor().execute(statement)
        time.sleep(gap)
        cross(handle)
        handle.close()
    except (psycopg2.Error, pymysql.Error):
        pass


# ---- Disk and ledger -----------------------------------------------------------------------------------------------

def delete_ledger(world, rng):
    deleted = 0
    for tail in ('', '-wal', '-shm', '-journal'):
        try:
            os.unlink(world.fleet.ledger + tail)
            deleted += 1
        except FileNotFoundError:
            pass
    world.calls.hurt_ledger()
    return f'{deleted} files' if deleted else None


def lock_ledger(world, rng):
    seconds = rng.uniform(0.5, 8)
    if not os.path.exists(world.fleet.ledger):
        return None
    try:
        handle = sqlite3.connect(world.fleet.ledger, timeout=0.5, isolation_level=None, check_same_thread=False)
        handle.execute('begin exclusive')
    except sqlite3.Error:
        return None
    world.calls.hurt_ledger()

    def release():
        try:
            handle.close()
        except sqlite3.Error:
            pass

    world.later(seconds, release)
    return f'for {seconds:.1f} s'


def protect_ledger(world, rng):
    seconds = rng.uniform(0.5, 3)
    if not os.path.exists(world.fleet.ledger) or not world.take('ledger protection'):
        return None
    world.calls.hurt_ledger()
    unprotect = world.disks.protect(world.fleet.ledger)

    def release():
        unprotect()
        world.give_back('ledger protection')

    world.later(seconds, release)
    return f'for {seconds:.1f} s'


def fill_disk(world, rng):
    folder, seconds = rng.choice(world.disks.small), rng.uniform(0.5, 3)
    if not world.take(folder):
        return None
    if folder == world.disks.ledger_folder:
        world.calls.hurt_ledger()
    size = world.disks.fill(folder)

    def release():
        world.disks.empty(folder)
        world.give_back(folder)

    world.later(seconds, release)
    return f'{os.path.basename(folder)}: {size} bytes for {seconds:.1f} s'


# ---- The table -----------------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Fault:
    name: str
    weight: int
    inject: object
    needs: str = None       # what of World.abilities it needs
    meaning: str = ''


FAULTS = (
    Fault('kill-dbfleet', 4, kill_dbfleet, None, 'kill -9 of dbfleet'),
    Fault('kill-at-statement', 4, kill_at_statement, None, 'kill -9 of dbfleet when a certain statement has left it'),
    Fault('interrupt', 4, interrupt_dbfleet, None, 'SIGINT or SIGTERM, one to three times'),
    Fault('second-dbfleet', 4, second_dbfleet, None, 'another dbfleet on the same targets'),
    Fault('clock-step', 3, step_clock, 'faketime', "dbfleet's clock jumps, up to 40 days"),
    Fault('kill-postgres-backend', 2, kill_postgres_backend, None, 'kill -9 of a server process of PostgreSQL'),
    Fault('terminate-postgres-backend', 4, terminate_postgres_backend, None, 'pg_terminate_backend, pg_cancel_backend'),
    Fault('kill-mariadb-connection', 5, kill_mariadb_connection, None, 'KILL CONNECTION, KILL QUERY'),
    Fault('kill-postgres', 1, kill_server('postgres'), None, 'kill -9 of the whole PostgreSQL server'),
    Fault('kill-mariadb', 2, kill_server('mariadb'), None, 'kill -9 of the MariaDB server'),
    Fault('cut-at-byte', 6, cut_at_byte, None, 'connection cut at a byte of either direction'),
    Fault('cut-before-commit', 5, cut_before_commit, None, 'connection cut before COMMIT arrives'),
    Fault('cut-after-commit', 6, cut_after_commit, None, 'COMMIT arrives, its answer does not'),
    Fault('cut-at-statement', 6, cut_at_statement, None, 'the same at other statements'),
    Fault('cut-inside-result', 4, cut_inside_result, None, 'connection cut inside a result'),
    Fault('stall', 3, stall, None, 'connection stands still for up to 2 s'),
    Fault('half-open', 4, half_open, None, 'the server learns up to 4 s later that the client is gone'),
    Fault('blackhole', 3, blackhole, None, 'nothing passes for up to 4 s, then the connection breaks'),
    Fault('lock-holder', 6, hold_lock, None, 'another session holds a table, rows, or a SQLite file for 1 to 4 s'),
    Fault('deadlock', 4, make_deadlock, None, 'another session updates the same rows in the other order'),
    Fault('ledger-deleted', 1, delete_ledger, None, 'the ledger is deleted during the run'),
    Fault('ledger-locked', 1, lock_ledger, None, 'another process holds the ledger for up to 8 s'),
    Fault('ledger-read-only', 1, protect_ledger, 'protect', 'the ledger cannot be written'),
    Fault('disk-full', 3, fill_disk, 'tmpfs', 'no space left for SQLite targets, or for the ledger'),
)
