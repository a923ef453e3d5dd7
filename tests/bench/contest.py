"""One fleet and those who take turns on it: who can take part, with how many jobs, in which order, and whether each did its
work. What comes out is plain data, as --json writes it."""

import subprocess
import sys

import contestants
import measure

JOBS_TRIED = (1, 2, 4, 8, 16, 32, 64)
# A contestant that is slow works on fewer databases, but on so many at least, or all.
LEAST_DATABASES = 20
MOST_TRIED_ON = 100


class Contest:
    """`settings` has rounds, pairs, patience (seconds for one action, 0: as long as it takes) and jobs (a number, or None for
    what suits each best); `told` is called with what went wrong and whether that is a failure."""

    def __init__(self, fleet, programs, settings, told):
        self.fleet, self.programs, self.settings, self.told = fleet, programs, settings, told
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
        """The databases that it can work on within the patience there is."""
        names = self.fleet.names
        if not self.settings.patience:
            return names
        contestant.take(names[:4])
        self.begin(contestant)
        seconds = max(self.up_and_down(contestant, 4)) / len(contestant.names)
        if contestant.whole:
            return names
        return names[:max(LEAST_DATABASES, int(self.settings.patience / seconds))]

    def find_jobs(self, contestant, part):
        """Up and down once with each number of jobs; the fastest upgrade wins."""
        if self.settings.jobs:
            contestant.jobs = self.settings.jobs
            return
        contestant.take(part[:MOST_TRIED_ON])
        self.begin(contestant)
        least = 1 if contestant.whole else 2
        for jobs in JOBS_TRIED:
            if least <= jobs <= max(least, len(contestant.names) // 2):
                contestant.tried[jobs] = self.up_and_down(contestant, jobs)[0] / len(contestant.names)
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
        self.samples[contestant.name] = {action: [] for action in contestants.ACTIONS}

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
        for action in contestants.ACTIONS:
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
