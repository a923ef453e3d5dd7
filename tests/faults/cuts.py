"""Deterministic tests of broken connections: cut at every so many bytes, and what others do while one is gone.

For each server, a small path is run with the connection cut at a byte of either direction, then run again: everything
must have happened exactly once. SQLite has no connection to cut: there dbfleet is killed after so many milliseconds.
Ends with "N passed, N failed".
"""
import collections
import os
import shutil
import sys
import tempfile
import threading
import time

import checker
import proxy
import revisions
from fleet import Fleet, MariaTarget, PostgresTarget, SqliteTarget
from runs import Calls, contradicted_claims
from servers import MariaDB, Postgres
from settle import Settler

HERE = os.path.dirname(os.path.abspath(__file__))
CUTS_EACH_WAY = 14      # for each server, over the bytes of all connections of a run
KILLS = 20

# Where a cut leaves an intent open, of every class: (target, goal, text).
STATEMENTS = [
    ('my', 'head', b'create table customers'),
    ('my', 'head', b'alter table customers add column note'),
    ('my', 'head', b'create unique index customers_name'),
    ('my', 'head', b'alter table counters rename'),
    ('my', 'head', b'create view order_totals'),
    ('my', 'head', b'create trigger orders_audit'),
    ('my', 'head', b'create procedure add_order'),
    ('my', 'head', b'call add_order'),
    ('my', 'head', b'insert into notes'),
    ('my', 'head', b'rename table m2'),
    ('my', 'head', b'add constraint m3_m1'),
    ('my', 'head', b'create or replace view m_view'),
    ('my', 'head', b'insert into plain'),
    ('my', 'head', b'truncate table staging_a'),
    ('my', 'head', b'drop table staging_a, staging_b'),
    ('my', 'base', b'drop procedure add_order'),
    ('my', 'base', b'drop trigger orders_audit'),
    ('my', 'base', b'drop view order_totals'),
    ('my', 'base', b'drop index customers_name'),
    ('my', 'base', b'drop column points'),
    ('pg', 'head', b'create index concurrently orders_amount'),
    ('pg', 'head', b'create type mood'),
    ('pg', 'head', b'alter type mood add value'),
    ('pg', 'head', b'insert into plain'),
    ('pg', 'base', b'drop index concurrently'),
    ('pg', 'base', b'drop type mood'),
]

INVENTORY = """defaults:
  user: fleet
  password: "${{env:CHAOS_PASSWORD}}"
  lock_wait: 10s
  retry: {{attempts: 4, initial: 20ms, maximum: 200ms, total: 20s}}
targets:
  - {{name: pg, url: "postgresql://127.0.0.1:{postgres}/chaos_cut", transaction: {transaction}}}
  - {{name: lite, url: "sqlite:{folder}/lite.db"}}
  - {{name: my, url: "mysql://127.0.0.1:{mariadb}/chaos_cut?defaults=off"}}
"""


class SmallFleet(Fleet):
    """One target of each kind."""

    def make_targets(self):
        yield PostgresTarget('pg', self.postgres, 'chaos_cut')
        yield MariaTarget('my', self.mariadb, 'chaos_cut')
        yield SqliteTarget('lite', os.path.join(self.folder, 'lite.db'))


class Cuts:
    def __init__(self, folder, binary):
        self.folder = folder
        self.binary = binary
        self.passed = 0
        self.failed = 0
        self.complaints = []
        self.undecidable = collections.Counter()
        self.opened = []

    def set_up(self):
        self.postgres, self.mariadb = Postgres(self.folder), MariaDB(self.folder)
        self.proxies = {}
        for name, server in (('pg', self.postgres), ('my', self.mariadb)):
            self.opened.append(server.stop)
            server.start()
            self.proxies[name] = proxy.Proxy(name, server.socket)
            self.opened.append(self.proxies[name].close)

    def use(self, versions, transaction='step'):
        """A project with these revisions, and databases at base."""
        project = os.path.join(self.folder, versions)
        versions = os.path.join(HERE, versions)
        self.fleet = SmallFleet(project, self.postgres, self.mariadb, None)
        self.fleet.write_project(versions, INVENTORY.format(
            postgres=self.proxies['pg'].port, mariadb=self.proxies['my'].port, transaction=transaction, folder=project))
        self.calls = Calls(self.binary, project + '-calls', project, self.complaints.append)
        self.opened.append(self.calls.kill_all)
        self.reference = checker.Reference(project, self.postgres, self.mariadb, revisions.load(versions))
        for target in self.reference.targets.values():
            target.drop()
        self.reference.build()
        for target in self.fleet.targets:
            target.rebuild()
        self.settler = Settler(self.fleet, self.calls, self.reference,
                               lambda name, text: self.complaints.append(f'{name}: {text}'), lambda target: None)

    def renew(self, target):
        target.rebuild()
        self.calls.forget(target)
        if target.name in self.proxies:
            self.proxies[target.name].restart_count()

    def test(self, name, body, *args):
        self.complaints.clear()
        try:
            body(*args)
        except Exception as problem:    # one broken test must not end the others
            self.complaints.append(repr(problem))
        print(('not ok ' if self.complaints else 'ok ') + name, flush=True)
        for text in self.complaints:
            print(f'    {text}', flush=True)
        self.failed += bool(self.complaints)
        self.passed += not self.complaints

    def check(self, target, heads):
        for left in checker.wait_for_no_orphans(self.fleet, 10):
            self.complaints.append(f'left on the servers: {left}')
        self.complaints += checker.violations_of(target, heads, self.reference)
        self.complaints += contradicted_claims(self.calls.claims[target.name], checker.history_of(target))
        if self.complaints:
            self.complaints.append(checker.describe(target))

    # ---- Cut at a byte ----

    def measure(self, target):
        """Bytes that each connection of a whole run passes: [(number, way, bytes)]."""
        self.renew(target)
        self.calls.run('upgrade', 'head', '--yes', '-q', '-l', target.name)
        return sorted((number, way, size) for (number, way), size in self.proxies[target.name].counts.items())

    def cut_once(self, target, number, way, at, action):
        self.renew(target)
        rule = self.proxies[target.name].arm(proxy.Rule(way=way, action=action, at=at, link=number, seconds=0.1))
        self.calls.run('upgrade', 'head', '--yes', '--format', 'json', '-l', target.name)
        if not rule.hit:
            return    # a run that ended before this byte, as runs differ by some
        self.proxies[target.name].heal()
        self.settle(target)

    def every_so_many_bytes(self, target, what=''):
        places = self.measure(target)
        for way in (proxy.TO_SERVER, proxy.TO_CLIENT):
            total = sum(size for _, found, size in places if found == way)
            stride = max(1, total // CUTS_EACH_WAY)
            for number, found, size in places:
                for at in range(1, size, stride) if found == way else ():
                    action = proxy.CUT_REPLY if (at // stride) % 2 and way == proxy.TO_SERVER else proxy.CUT
                    name = f'{target.name}{what}: connection {number} {action} {way} at byte {at} of {size}: exactly once'
                    self.test(name, self.cut_once, target, number, way, at, action)

    # ---- Killed after a while ----

    def kill_once(self, target, seconds):
        self.renew(target)
        call = self.calls.start('upgrade', 'head', '--yes', '--format', 'json', '-l', target.name)
        time.sleep(seconds)
        call.process.kill()
        self.calls.finish(call)
        self.settle(target)

    def every_so_many_milliseconds(self, target):
        """Over the time that a run takes."""
        self.renew(target)
        begun = time.monotonic()
        self.calls.run('upgrade', 'head', '--yes', '-q', '-l', target.name)
        taken = time.monotonic() - begun
        for i in range(KILLS):
            self.test(f'{target.name}: killed at {i + 1} of {KILLS} parts of a run: exactly once', self.kill_once, target,
                      taken * (i + 1) / KILLS)

    # ---- Cut at a statement ----

    def cut_at_statement(self, target, text, action, goal):
        """In the middle of the long path; what is undecidable is settled by what a person says."""
        self.renew(target)
        if goal == 'base':
            self.calls.run('upgrade', 'head', '--yes', '-q', '-l', target.name)
        rule = self.proxies[target.name].arm(proxy.Rule(way=proxy.TO_SERVER, action=action, pattern=text, seconds=0.3))
        self.calls.run('downgrade' if goal == 'base' else 'upgrade', goal, '--yes', '--format', 'json', '-l', target.name)
        if not rule.hit:
            self.complaints.append(f'{text} never came by')
        self.settle(target, goal)

    def settle(self, target, goal='head'):
        self.settler.undecidable.clear()
        self.settler.settle(goal, [target.name])
        for found in self.settler.undecidable:
            self.undecidable[f'{found.kind}, really {found.truth}'] += 1
            print(f'    undecidable: {found}', flush=True)
        self.check(target, [] if goal == 'base' else [self.reference.revisions[-1].id])

    def at_statements(self):
        for action in (proxy.CUT, proxy.CUT_REPLY):
            for name, goal, text in STATEMENTS:
                self.test(f'{name}: {action} at {text.decode()}, on the way to {goal}', self.cut_at_statement,
                          self.fleet.by_name[name], text, action, goal)

    # ---- Meanwhile ----

    def another_goes_on(self, target):
        """A step's COMMIT is carried out, its answer is lost, and before the connection is made again another dbfleet
        takes the target further. The first must then leave it alone: its next step is no longer next."""
        front = self.proxies[target.name]
        self.renew(target)
        self.calls.run('upgrade', 'head', '--yes', '-q', '-l', target.name)
        gate = threading.Event()
        rule = front.arm(proxy.Rule(way=proxy.TO_SERVER, action=proxy.CUT_REPLY, pattern=b"(?is)'r11'.*commit", seconds=0.05,
                                    on_hit=lambda: setattr(front, 'gate', gate)))
        first = self.calls.start('downgrade', 'base', '--yes', '--format', 'json', '-l', target.name)
        wait_until(lambda: rule.hit or not first.is_running())
        time.sleep(0.3)
        front.gate = None
        second = self.calls.run('downgrade', 'r07', '--yes', '--format', 'json', '-l', target.name)
        gate.set()
        self.calls.finish(first)
        if not rule.hit or second.code != 0:
            self.complaints.append(f'not what was to be tested: {rule}, exit code {second.code}')
        self.settle(target)

    # ---- All ----

    def network_targets(self):
        return [target for target in self.fleet.targets if target.name in self.proxies]

    def run(self):
        self.set_up()
        self.use('versions')
        self.every_so_many_milliseconds(self.fleet.by_name['lite'])
        self.at_statements()
        for target in self.network_targets():
            self.test(f'{target.name}: a step that is done, and another dbfleet that goes on before the first is back',
                      self.another_goes_on, target)
        self.use('small')
        for target in self.network_targets():
            self.every_so_many_bytes(target)
        self.use('whole', 'target')
        self.every_so_many_bytes(self.fleet.by_name['pg'], ', the path in one transaction')

    def tear_down(self):
        for close in reversed(self.opened):
            close()


def wait_until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)


def main():
    folder = tempfile.mkdtemp(prefix='dbfleet-cuts.')
    os.chmod(folder, 0o755)
    cuts = Cuts(folder, os.path.abspath(os.environ['DBFLEET']))
    try:
        cuts.run()
    finally:
        cuts.tear_down()
        if cuts.failed:
            print(f'cuts: outputs and logs are in {folder}')
        else:
            shutil.rmtree(folder)
    print('declared undecidable, and settled by what a person says:')
    for kind, count in sorted(cuts.undecidable.items()):
        print(f'  {kind}: {count}')
    print(f'{cuts.passed} passed, {cuts.failed} failed')
    return 1 if cuts.failed or not cuts.passed else 0


if __name__ == '__main__':
    sys.exit(main())
