"""How cost grows with targets and with revisions, and what memory that takes: SQLite in memory, where nothing hides the tool's own
work."""

import contestants
import fleet as fleets
import measure
import revisions
from contest import Contest

FLOOR_AND_DBFLEET = (contestants.Floor, contestants.Dbfleet)


class Growth:
    """`place`: a folder in memory, None where there is none; `settings`: the Sizes of the run; `told`: as a Contest has it."""

    def __init__(self, programs, work, place, settings, told):
        self.programs, self.work, self.settings, self.told = programs, work, settings, told
        self.place, self.place_name = place or f"{work}/grown", "on a RAM disk" if place else "on disk"

    def contest(self, name, count, steps=None):
        fleet = fleets.Fleet("sqlite", count, f"{self.work}/{name}", f"{self.place}/{name}", steps=steps)
        fleet.title = f"SQLite, {name}"
        fleet.make()
        return Contest(fleet, self.programs, self.settings, self.told)

    def once(self, contest, kind, jobs, row):
        """A row of growth: one upgrade and a status of it."""
        contestant = kind(contest.fleet, self.programs)
        rows = []

        def work(one):
            contest.begin(one)
            upgrade = contest.act(one, "upgrade", jobs)
            status = contest.act(one, "status", jobs)
            contest.act(one, "downgrade", jobs)
            rows.append({**row, "contestant": one.name, "jobs": jobs, "upgrade": upgrade, "status": status})

        contest.attempt(contestant, work)
        return rows

    def by_targets(self):
        rows = []
        for count in self.settings.targets:
            contest = self.contest(f"{count} targets", count)
            for kind in FLOOR_AND_DBFLEET:
                rows += self.once(contest, kind, 4, {"targets": count, "revisions": 10})
            if count == self.settings.targets[-1]:
                rows += self.once(contest, contestants.Dbfleet, 64, {"targets": count, "revisions": 10})
            contest.fleet.take_away()
        return rows

    def by_revisions(self):
        rows = []
        for count in self.settings.revisions:
            contest = self.contest(f"{count} revisions", 4, revisions.chain(count))
            for kind in FLOOR_AND_DBFLEET:
                rows += self.once(contest, kind, 2, {"targets": 4, "revisions": count})
            contest.fleet.take_away()
        return rows

    def memory_of_steps(self):
        """The same files read, few steps and all of them: what a step leaves behind."""
        few, all_steps = self.settings.revisions[0], self.settings.revisions[-1]
        contest = self.contest("steps", 1, revisions.chain(all_steps))
        contestant = contestants.Dbfleet(contest.fleet, self.programs)
        rows = []

        def work(one):
            for goal in (few, all_steps):
                argv = [self.programs["dbfleet"], "upgrade", revisions.identifier(goal), "--yes", "-q"]
                sample = measure.run(self.programs["timed"], argv, one.folder, f"{one.folder}/steps.log")
                rows.append({"steps": goal if goal == few else goal - few, "of": all_steps, "memory": sample["memory"]})

        contest.attempt(contestant, work)
        contest.fleet.take_away()
        return rows

    def run(self):
        return {"place": self.place_name, "targets": self.by_targets(), "revisions": self.by_revisions(), "memory": self.memory_of_steps()}
