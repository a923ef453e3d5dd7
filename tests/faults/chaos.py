"""Chaos: rounds of dbfleet under faults, then quiet, then the checker. `scripts/chaos SECONDS SEED` starts it.

A round: for some seconds one dbfleet command after the other runs while faults are injected; then the faults end,
dbfleet runs until nothing is left to do, and every target is compared with the reference. Every decision (commands,
kinds of faults, their times, places and lengths) comes from the seed and the number of the round.
"""
import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback

import checker
import revisions
from faults import FAULTS
from fleet import Fleet
from proxy import Proxy
from runs import Calls, contradicted_claims
from servers import MariaDB, Postgres
from settle import Settler
from summary import Summary
from world import Disks, World

HERE = os.path.dirname(os.path.abspath(__file__))
ROUND_SECONDS = 12
ORPHAN_SECONDS = 15


# ---- Decisions, made before the round begins -----------------------------------------------------------------------

COMMANDS = (
    (8, ['upgrade', 'head']),
    (2, ['upgrade', '+1']),
    (2, ['upgrade', '+3']),
    (2, ['upgrade', 'r08']),
    (2, ['downgrade', '-1']),
    (2, ['downgrade', '-4']),
    (2, ['downgrade', 'base']),
    (2, ['resume', 'RUN']),
    (2, ['retry', 'RUN']),
    (2, ['rollback', 'RUN']),
    (1, ['status']),
)


def decide_commands(rng, available):
    """An endless list of command lines."""
    rows = [row for row in COMMANDS if row[1][0] in available]
    while True:
        command = list(rng.choices([args for _, args in rows], [weight for weight, _ in rows])[0])
        limits = ['-j', str(rng.choice((4, 8, 16, 24)))]
        if command[0] != 'status':
            limits += ['--yes', '--max-failures', rng.choice(('100%', '100%', '100%', '10', '0')),
                       '--on-halt', rng.choice(('step', 'target', 'cancel'))]
        if rng.random() < 0.15:
            limits += ['-l', rng.choice(('pg', 'my', 'lite', 'tenants', '*-0*'))]
        yield command + limits + ['--format', 'json'], rng.random() < 0.3


def decide_faults(rng, abilities, only):
    """[(seconds into the round, fault, seed of its own)]; a round has a choice of the table's rows."""
    rows = [row for row in FAULTS if row.needs is None or row.needs in abilities]
    if only:
        rows = [row for row in rows if row.name in only]
    else:
        rows = rng.sample(rows, rng.randint(max(3, len(rows) // 3), len(rows)))
    moment, found = rng.uniform(0.1, 0.6), []
    while moment < ROUND_SECONDS:
        found.append((moment, rng.choices(rows, [row.weight for row in rows])[0], rng.random()))
        moment += rng.uniform(0.1, 0.5)
    return found


# ---- The run -------------------------------------------------------------------------------------------------------

class Chaos:
    def __init__(self, folder, options):
        self.folder = folder
        self.options = options
        self.summary = Summary(options.seed)
        self.log = open(os.path.join(folder, 'faults.log'), 'w', buffering=1)
        self.round = 0
        self.begun = time.monotonic()
        self.opened = []

    # ---- Set up and down ----

    def set_up(self):
        self.disks = Disks(self.folder)
        self.opened.append(self.disks.close)
        self.postgres, self.mariadb = Postgres(self.folder), MariaDB(self.folder)
        for server in (self.postgres, self.mariadb):
            self.opened.append(server.stop)
            server.start()
        proxies = [Proxy(server.name, server.socket) for server in (self.postgres, self.mariadb)]
        self.opened += [proxy.close for proxy in proxies]
        project = os.path.join(self.folder, 'project')
        os.makedirs(project)
        os.symlink(self.disks.ledger_folder, os.path.join(project, '.dbfleet'))
        self.fleet = Fleet(project, self.postgres, self.mariadb, self.disks.small_folder)
        versions = os.path.join(HERE, 'versions')
        self.fleet.make(versions, proxies[0].port, proxies[1].port)
        self.calls = Calls(self.options.dbfleet, os.path.join(self.folder, 'calls'), project,
                           lambda text: self.complain(None, text))
        self.opened.append(self.calls.kill_all)
        self.reference = checker.Reference(self.folder, self.postgres, self.mariadb, revisions.load(versions))
        self.reference.build()
        self.world = World(self.fleet, self.postgres, self.mariadb, *proxies, self.calls, self.disks)
        self.settler = Settler(self.fleet, self.calls, self.reference, self.complain, self.keep_evidence)
        self.available = [args[0] for _, args in COMMANDS if self.calls.has_command(args[0])]

    def tear_down(self):
        for close in reversed(self.opened):
            try:
                close()
            except Exception as problem:    # the others must still end
                print(f'chaos: while cleaning up: {problem!r}', file=sys.stderr)
        self.log.close()

    # ---- Telling ----

    def say(self, text):
        print(f'[{time.monotonic() - self.begun:6.1f} s] {text}', flush=True)

    def note(self, **what):
        what = {'at': round(time.monotonic() - self.begun, 3), 'round': self.round, **what}
        self.log.write(json.dumps(what) + '\n')

    def complain(self, target, text):
        self.summary.violation(self.round, target, text)
        self.note(violation=text, target=target)
        self.say(f'VIOLATION round {self.round} {target or ""}: {text}')

    # ---- A round ----

    def run_round(self):
        self.round += 1
        rng = random.Random(f'{self.options.seed}/{self.round}')
        goal = rng.choices(('head', 'base'), (4, 1))[0]
        commands = decide_commands(random.Random(rng.random()), self.available)
        faults = decide_faults(random.Random(rng.random()), self.world.abilities(), self.options.only)
        self.say(f'round {self.round}: {len(faults)} faults, then {goal}')
        self.inject(commands, faults)
        for problem in self.world.heal():
            self.complain(None, f'the harness failed: {problem}')
        self.calls.ledger_is_hurt = False
        self.remove_broken_ledger()
        self.calls.read_ledger()    # before anything is made anew
        before = len(self.settler.undecidable)
        if rng.random() < 0.5 and self.calls.last_run and 'resume' in self.available:
            self.calls.run('resume', self.calls.last_run, '--yes', '--format', 'json', '--max-failures', '100%')
        self.settler.settle(goal)
        for found in self.settler.undecidable[before:]:
            self.note(undecidable=vars(found))
            self.summary.undecidable(found)
        self.check(['r12'] if goal == 'head' else [])

    def inject(self, commands, faults):
        """Commands one after the other, in the main thread's eyes; faults when their time has come."""
        begun, call = time.monotonic(), None
        while (passed := time.monotonic() - begun) < ROUND_SECONDS:
            if call and not call.is_running():
                self.calls.finish(call)
                call = None
            if not call:
                call = self.start_command(*next(commands))
            while faults and faults[0][0] <= passed:
                self.strike(*faults.pop(0)[1:])
            time.sleep(0.01)
        if call:
            self.world.heal_proxies()
            self.calls.finish(call)

    def start_command(self, args, stepped_clock):
        if 'RUN' in args:
            if not self.calls.last_run:
                args = ['upgrade', 'head', *args[2:]]
            args = [self.calls.last_run if arg == 'RUN' else arg for arg in args]
        call = self.calls.start(*args, stepped_clock=stepped_clock)
        self.note(call=call.number, args=' '.join(args))
        return call

    def strike(self, fault, seed):
        try:
            hit = fault.inject(self.world, random.Random(seed))
        except Exception as problem:    # a server that is down just now cannot be asked whom to kill
            hit = None
            self.note(fault=fault.name, missed=repr(problem)[:200])
        self.summary.fault(fault.name, hit)
        if hit:
            self.note(fault=fault.name, hit=hit)

    def remove_broken_ledger(self):
        """What a person does when a ledger that was deleted or filled up cannot be read any more."""
        call = self.calls.run('runs', '--format', 'json', quiet_about=(78,))
        if call.code != 0:
            self.note(ledger='deleted, since it could not be read', said=call.errors()[-300:])
            self.summary.ledgers_removed += 1
            for name in os.listdir(self.disks.ledger_folder):
                os.unlink(os.path.join(self.disks.ledger_folder, name))

    def check(self, heads):
        for left in checker.wait_for_no_orphans(self.fleet, ORPHAN_SECONDS):
            self.complain(None, f'left on the servers: {left}')
        for target in self.fleet.targets:
            found = checker.violations_of(target, heads, self.reference)
            with target.session():
                found += contradicted_claims(self.calls.claims[target.name], checker.history_of(target))
            self.summary.checked(bool(found))
            for text in found:
                self.complain(target.name, text)
            if found:
                self.keep_evidence(target)
                self.settler.rebuild(target)
        if any(violation[0] == self.round for violation in self.summary.violations):
            self.settler.settle('head')

    def keep_evidence(self, target):
        """What a target that is wrong looks like, before it is made anew."""
        with open(os.path.join(self.folder, f'round-{self.round}-{target.name}.txt'), 'a') as file:
            file.write(checker.describe(target))

    def run(self):
        self.set_up()
        skipped = [row.name for row in FAULTS if row.needs and row.needs not in self.world.abilities()]
        self.say(f'{len(self.fleet.targets)} targets, seed {self.options.seed}'
                 + (f'; cannot be injected here: {", ".join(skipped)}' if skipped else ''))
        end = time.monotonic() + self.options.seconds
        while self.round == 0 or time.monotonic() < end:
            self.run_round()
            if self.summary.violations and self.options.stop:
                break
        self.summary.finish(self.round, self.calls.codes, self.settler.tries, skipped)


def read_options():
    parser = argparse.ArgumentParser(prog='chaos', description='Runs dbfleet on a fleet of 68 databases under faults.')
    parser.add_argument('seconds', type=float)
    parser.add_argument('seed', type=int)
    parser.add_argument('--dbfleet', default=os.environ.get('DBFLEET', 'dbfleet'), help='the program under test')
    parser.add_argument('--only', type=lambda text: text.split(','), help='only these faults, separated by commas')
    parser.add_argument('--stop', action='store_true', help='stop after the first round with a violation')
    parser.add_argument('--keep', action='store_true', help='keep the folder even if all is well')
    options = parser.parse_args()
    options.dbfleet = os.path.abspath(shutil.which(options.dbfleet) or options.dbfleet)
    return options


def interrupted(number, frame):
    raise KeyboardInterrupt


def main():
    options = read_options()
    signal.signal(signal.SIGTERM, interrupted)
    folder = tempfile.mkdtemp(prefix='dbfleet-chaos.')
    os.chmod(folder, 0o755)
    chaos = Chaos(folder, options)
    failed = True
    try:
        chaos.run()
        failed = bool(chaos.summary.violations)
        print(chaos.summary.text())
        print('\nseed, seconds, rounds, faults, calls of dbfleet, targets x rounds, undecidable, violations')
        print(chaos.summary.row(time.monotonic() - chaos.begun))
        with open(os.path.join(folder, 'summary.json'), 'w') as file:
            json.dump(chaos.summary.as_dict(), file, indent=2)
    except Exception:   # of the harness: the servers must still be stopped, and the last line be said
        traceback.print_exc()
        chaos.summary.violation(chaos.round, None, 'the harness failed')
    except KeyboardInterrupt:
        failed = bool(chaos.summary.violations)
        print('chaos: interrupted', file=sys.stderr)
        return 130
    finally:
        chaos.tear_down()
        if failed or options.keep:
            print(f'chaos: logs, outputs and faults are in {folder}')
            only = f' --only {",".join(options.only)}' if options.only else ''
            print(f'chaos: replay with scripts/chaos {options.seconds:g} {options.seed}{only}')
        else:
            shutil.rmtree(folder)
    print(chaos.summary.last_line())
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
