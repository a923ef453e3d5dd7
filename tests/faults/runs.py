"""Calls of dbfleet: started, watched, ended, and what their reports claim.

Every call's command line, output and exit code are kept in a folder. What a report says about steps is remembered, so
that it can be held against the targets later: a wrong "done" is the worst that can happen.
"""
import collections
import glob
import json
import os
import signal
import subprocess
import threading
import time

from servers import PASSWORD

ENDED_BY_US = {-signal.SIGKILL, -signal.SIGINT, -signal.SIGTERM}
EXIT_CODES = {0, 1, 3, 4, 5, 6, 130} | ENDED_BY_US
CONFIGURATION = 78          # also a ledger that cannot be written
OF_RUNS = {'resume', 'retry', 'rollback', 'report'}
QUIET = {'done', 'unchanged', 'inactive'}
CALL_SECONDS = 120          # longer than any timeout in the inventory adds up to


class Call:
    def __init__(self, number, args, process, stem):
        self.number = number
        self.args = args
        self.process = process
        self.stem = stem
        self.begun = time.monotonic()
        self.hung = False
        self.clock = stem + '.clock'
        self.quiet_about = ()   # exit codes that are no violation

    @property
    def code(self):
        return self.process.returncode

    def is_running(self):
        return self.process.poll() is None

    def report(self):
        """The JSON document it printed; None where it died before."""
        try:
            with open(self.stem + '.out') as file:
                return json.load(file)
        except (OSError, ValueError):
            return None

    def errors(self):
        with open(self.stem + '.err') as file:
            return file.read()


def is_run_report(report):
    return isinstance(report, dict) and 'targets' in report and 'run' in report


def find_faketime(binary):
    """A program with sanitizers takes no preloaded library."""
    found = glob.glob('/usr/lib/*/faketime/libfaketime.so.1')
    linked = subprocess.run(['ldd', binary], capture_output=True, text=True).stdout
    return found[0] if found and 'libasan' not in linked else None


class Calls:
    """Starts dbfleet; several may run at once. `complain` takes the text of a violation."""

    def __init__(self, binary, folder, project, complain):
        self.binary = binary
        self.folder = folder
        self.project = project
        self.complain = complain
        self.lock = threading.Lock()
        self.count = 0
        self.codes = collections.Counter()
        self.running = []
        self.claims = collections.defaultdict(dict)     # {target: {step: (state, call)}}
        self.last_run = None
        self.known_runs = set()
        self.ledger_is_hurt = False     # in this round
        self.ledger_was_hurt = False    # ever: then runs may be unknown to it
        self.faketime = find_faketime(binary)
        os.makedirs(folder)

    def environment(self, call_clock):
        env = {name: value for name, value in os.environ.items() if not name.startswith(('DBFLEET_', 'DATABASE_URL'))}
        env['CHAOS_PASSWORD'] = PASSWORD
        if call_clock:
            env.update(LD_PRELOAD=self.faketime, FAKETIME_TIMESTAMP_FILE=call_clock, FAKETIME_CACHE_DURATION='1',
                       FAKETIME_DONT_FAKE_MONOTONIC='1')
        return env

    def start(self, *args, stepped_clock=False):
        with self.lock:
            self.count += 1
            number = self.count
        stem = os.path.join(self.folder, f'{number:04}-{args[0]}')
        stepped = stepped_clock and self.faketime is not None
        if stepped:
            set_clock(stem + '.clock', 0)
        with open(stem + '.cmd', 'w') as file:
            file.write(' '.join(args) + '\n')
        with open(stem + '.out', 'w') as out, open(stem + '.err', 'w') as err:
            process = subprocess.Popen([self.binary, *args], stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                       cwd=self.project, env=self.environment(stem + '.clock' if stepped else None),
                                       start_new_session=True)
        call = Call(number, args, process, stem)
        with self.lock:
            self.running.append(call)
        return call

    def live(self):
        with self.lock:
            return [call for call in self.running if call.is_running()]

    def finish(self, call, seconds=CALL_SECONDS):
        """Waits for its end; one that does not end is a violation, and is killed."""
        try:
            call.process.wait(max(0, seconds - (time.monotonic() - call.begun)))
        except subprocess.TimeoutExpired:
            call.hung = True
            self.complain(f'call {call.number} ({" ".join(call.args)}) did not end within {seconds} s')
            call.process.send_signal(signal.SIGABRT)
            call.process.wait()
        with self.lock:
            self.running.remove(call)
            self.codes[call.code] += 1
        with open(call.stem + '.cmd', 'a') as file:
            file.write(f'exit code {call.code} after {time.monotonic() - call.begun:.1f} s\n')
        self.judge(call)
        return call.code

    def run(self, *args, quiet_about=()):
        call = self.start(*args)
        call.quiet_about = quiet_about
        self.finish(call)
        return call

    def judge(self, call):
        if call.hung:
            return
        allowed = call.code in EXIT_CODES or call.code in call.quiet_about or (
            call.code == CONFIGURATION and (self.ledger_is_hurt or self.ledger_was_hurt and call.args[0] in OF_RUNS))
        if not allowed:
            self.complain(f'call {call.number} ({" ".join(call.args)}) ended with {call.code}: '
                          f'{call.errors().strip()[-400:]!r}')
        report = call.report()
        if is_run_report(report):
            self.last_run = report['run']
            self.known_runs.add(report['run'])
            self.judge_report(call, report)
            self.remember(f'call {call.number}', report)

    def judge_report(self, call, report):
        """What a report says must agree with itself."""
        for target in report['targets']:
            if target['outcome'] == 'done' and target['heads_after'] != target['heads_goal']:
                self.complain(f'call {call.number} says that {target["target"]} is done, at {target["heads_after"]}, '
                              f'though its goal was {target["heads_goal"]}')
        bad = [target['target'] for target in report['targets'] if target['outcome'] not in QUIET]
        if call.code == 0 and bad and call.args[0] != 'report':
            self.complain(f'call {call.number} ended with 0, but {", ".join(bad)} are not done')

    def remember(self, source, report):
        for target in report['targets']:
            for step in target.get('steps', []):
                if step.get('step'):
                    self.claims[target['target']][step['step']] = (step['state'], source)

    def read_ledger(self):
        """Also what the ledger says of runs that were killed is held against the targets."""
        listed = self.run('runs', '--last', '30', '--format', 'json', quiet_about=(CONFIGURATION,)).report() or []
        for run in listed:
            if run['run'] in self.known_runs:
                continue
            report = self.run('report', run['run'], '--format', 'json').report()
            if is_run_report(report):
                self.known_runs.add(run['run'])
                self.remember(f'the ledger about run {run["run"]}', report)

    def forget(self, target):
        """The target was made anew."""
        self.claims.pop(target.name, None)

    def hurt_ledger(self):
        self.ledger_is_hurt = self.ledger_was_hurt = True

    def has_command(self, name):
        listed = subprocess.run([self.binary, '--help'], capture_output=True, text=True).stdout
        return any(line.split()[:1] == [name] for line in listed.splitlines())

    def has_option(self, command, option):
        helped = subprocess.run([self.binary, command, '--help'], capture_output=True, text=True)
        return self.has_command(command) and option in helped.stdout

    def kill_all(self):
        with self.lock:
            running = list(self.running)
        for call in running:
            if call.is_running():
                call.process.kill()
                call.process.wait()


def set_clock(path, seconds):
    """What the clock of a call under libfaketime is off by; takes effect within a second."""
    with open(path + '.new', 'w') as file:
        file.write(f'{seconds:+d}\n')
    os.rename(path + '.new', path)


def contradicted_claims(claims, history):
    """Steps of which a report said something else than the target's history does."""
    states = {step.step_id: step.state for step in history}
    for step_id, (claimed, source) in sorted(claims.items()):
        found = states.get(step_id)
        if claimed == 'done' and found != 'done':
            yield f'{source} reported step {step_id} done, but the history says {found}'
        if claimed in ('rolled-back', 'not-started') and found == 'done':
            yield f'{source} reported step {step_id} {claimed}, but the history says done'
