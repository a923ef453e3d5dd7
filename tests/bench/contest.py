"""One fleet and those who take turns on it: who can take part, with how many jobs, in which order, and whether each did its
work. What comes out is plain data, as --json writes it."""

import statistics
import subprocess
import sys

import contestants
import measure

JOBS_TRIED = (1, 2, 4, 8, 16, 32, 64)
JOBS_FIRST = 4  # the first that is tried
# A contestant that is slow works on fewer databases, but on so many at least, or all.
LEAST_DATABASES = 20
# Numbers of jobs are tried on as many: of a slow contestant, on a server, of files, which take less.
TRIED_ON_SLOW, TRIED_ON, TRIED_ON_FILES = 12, 40, 200
# What differs by less may be chance: it is tried once more.
NEAR = 1.1


class Contest:
    """`settings` has rounds, pairs, patience (seconds for one action, 0: as long as it takes) and jobs (a number, or None for
    what suits each best); `told` is called with what went wrong and whether that is a failure; `actions` are what a turn is."""

    def __init__(self, fleet, programs, settings, told, actions=contestants.ACTIONS):
        self.fleet, self.programs, self.settings, self.told = fleet, programs, settings, told
        self.actions = actions
        self.entered, self.samples = [], {}

    # ---- One contestant ----

    def act(self, contestant, action, jobs):
        """One action: its sample, or None where the tool has nothing for it."""
        command = contestant.command(action, jobs)
        if command is None:
            return None
        link = self.fleet.link
        if link:
            link.take_trips()
        argv, folder, environment, source = command
        log = f"{contestant.folder}/{action}.log"
        sample = measure.run(self.programs["timed"], argv, folder, log, environment, source, contestant.terminal)
        if link:
            sample["trips"] = link.take_trips() / len(contestant.names)
        if action == "upgrade":
            self.check(contestant)
        elif action == "downgrade" and contestant.history:
            self.forget(contestant)
        return sample

    def check(self, contestant):
        """A tool that says it is done and is not would be fast."""
        argv, databases = contestant.check()
        with open(databases, "rb") as source:
            asked = subprocess.run(argv, stdin=source, capture_output=True, check=False, text=True)
        if asked.returncode != 0 or asked.stdout.strip() != str(len(contestant.names)):
            raise measure.ContestantFailed(f"{contestant.name}: {asked.stdout.strip() or 0} of {len(contestant.names)} databases "
                                           f"are at the head after its upgrade {asked.stderr[-1000:]}")

    def forget(self, contestant):
        """A database in use went up once: with each round it would have twice as many rows of history as it has revisions, and
        what reads them would be measured for that."""
        argv, databases = contestant.forget()
        with open(databases, "rb") as source:
            asked = subprocess.run(argv, stdin=source, capture_output=True, check=False, text=True)
        if asked.returncode != 0:
            raise measure.ContestantFailed(f"{contestant.name}: its histories could not be emptied: {asked.stderr[-1000:]}")

    def begin(self, contestant):
        if contestant.begin():
            argv, databases = contestant.begin()
            measure.run(self.programs["timed"], argv, contestant.folder, f"{contestant.folder}/begin.log", None, databases)

    def up_and_down(self, contestant, jobs):
        samples = [self.act(contestant, action, jobs) for action in ("upgrade", "downgrade")]
        return [sample["wall"] for sample in samples]

    def part_for(self, contestant):
        """The databases that it can work on within the patience there is. What takes long only to begin is looked at again on
        more of them."""
        names, patience = self.fleet.names, self.settings.patience
        if not patience or contestant.whole:
            return names
        count = min(4, len(names))
        while True:
            contestant.take(names[:count])
            self.begin(contestant)
            more = int(count * patience / max(self.up_and_down(contestant, JOBS_FIRST)))
            if more < 2 * count or count == len(names):
                return names[:max(LEAST_DATABASES, more)]
            count = min(more, len(names))

    def try_jobs(self, contestant, numbers, tries):
        """One up and down with each of these numbers of jobs, until one is clearly slower than the best so far."""
        for jobs in numbers:
            tries.setdefault(jobs, []).append(self.up_and_down(contestant, jobs)[0] / len(contestant.names))
            if tries[jobs][0] > NEAR * min(min(times) for times in tries.values()):
                return

    def find_jobs(self, contestant, part):
        """Up and down with more jobs and with fewer than the first number, as long as that is not clearly slower; what is near
        the best once more. The fastest upgrade wins."""
        if self.settings.jobs:
            contestant.jobs = self.settings.jobs
            return
        slow = len(part) <= LEAST_DATABASES < self.fleet.count
        contestant.take(part[:TRIED_ON_SLOW if slow else TRIED_ON_FILES if self.fleet.dialect == "sqlite" else TRIED_ON])
        self.begin(contestant)
        least = 1 if contestant.whole else 2
        first = min(JOBS_FIRST, len(contestant.names))
        # Its own tables are made the first time, which is no property of a number of jobs.
        self.up_and_down(contestant, max(jobs for jobs in JOBS_TRIED if jobs <= first))
        tries = {}
        self.try_jobs(contestant, [jobs for jobs in JOBS_TRIED if first <= jobs <= len(contestant.names)], tries)
        self.try_jobs(contestant, [jobs for jobs in reversed(JOBS_TRIED) if least <= jobs < first], tries)
        best = min(times[0] for times in tries.values())
        for jobs in [jobs for jobs, times in tries.items() if times[0] <= NEAR * best] if len(tries) > 1 else ():
            tries[jobs].append(self.up_and_down(contestant, jobs)[0] / len(contestant.names))
        contestant.tried = {jobs: statistics.median(times) for jobs, times in tries.items()}
        contestant.jobs = min(contestant.tried, key=contestant.tried.get)

    # ---- All of them ----

    def attempt(self, contestant, work, *arguments):
        """False if it failed: then it is out, and the databases are made anew for the others."""
        try:
            work(contestant, *arguments)
            return True
        except measure.ContestantFailed as error:
            self.told(f"{self.fleet.title}: {contestant.name} failed: {error}", True)
            self.samples.pop(contestant.name, None)
            self.fleet.make()
            for other in self.entered:
                if other.name in self.samples:
                    self.begin(other)
            return False

    def get_to_know(self, contestant):
        contestant.part = self.part_for(contestant)
        self.find_jobs(contestant, contestant.part)

    def get_ready(self, contestant):
        """Once up and down, so that its own tables are there before it is measured."""
        contestant.take(contestant.part)
        self.begin(contestant)
        if self.settings.rounds > 1:
            self.up_and_down(contestant, contestant.jobs)
        self.samples[contestant.name] = {action: [] for action in self.actions}

    def enter(self, kinds):
        """Those who can take part, ready on databases that hold nothing but each contestant's own tables."""
        able = []
        for kind in kinds:
            contestant = kind(self.fleet, self.programs)
            if contestant.missing():
                self.told(f"{self.fleet.title}: {contestant.name} took no part: {contestant.missing()}", False)
            elif self.attempt(contestant, self.get_to_know):
                able.append(contestant)
        self.fleet.make()
        self.entered = [contestant for contestant in able if self.attempt(contestant, self.get_ready)]
        return self.entered

    def turn(self, contestant):
        for action in self.actions:
            sample = self.act(contestant, action, contestant.jobs)
            if sample is not None:
                self.samples[contestant.name][action].append(sample)

    def take_turns(self, entered, rounds, what):
        """In another order each time."""
        for number in range(rounds if entered else 0):
            start = number % len(entered)
            for contestant in entered[start:] + entered[:start]:
                if contestant.name in self.samples:
                    self.attempt(contestant, self.turn)
            print(f"bench: {self.fleet.title}: {what} {number + 1} of {rounds}", file=sys.stderr)

    def row(self, contestant):
        return {"name": contestant.name, "jobs": contestant.jobs, "databases": len(contestant.names),
                "tried": contestant.tried, "samples": self.samples[contestant.name]}

    def run(self, kinds):
        """All of `kinds` in rounds, then pairs of floor and dbfleet."""
        entered = self.enter(kinds)
        self.take_turns(entered, self.settings.rounds, "round")
        pair = [one for one in entered if type(one) in (contestants.Floor, contestants.Dbfleet)]
        self.take_turns(pair, self.settings.pairs - self.settings.rounds, "pair")
        return [self.row(contestant) for contestant in entered if contestant.name in self.samples]
