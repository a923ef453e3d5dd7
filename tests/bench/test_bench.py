#!/usr/bin/env python3
"""What scripts/bench decides, without any database: which numbers of jobs and of databases a contestant gets, what an option
wants measured, and what goals are judged by."""

import argparse
import importlib.machinery
import importlib.util
import os
import sys
import types
import unittest
from unittest import mock

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

import contest  # noqa: E402
import contestants  # noqa: E402
import goals  # noqa: E402
import sizes  # noqa: E402
import tables  # noqa: E402

path = os.path.join(HERE, "..", "..", "scripts", "bench")
loader = importlib.machinery.SourceFileLoader("bench", path)
bench = importlib.util.module_from_spec(importlib.util.spec_from_loader("bench", loader))
loader.exec_module(bench)


class Timed(contest.Contest):
    """Up and down take what `seconds(databases, jobs)` says; `calls` are what was tried."""

    def __init__(self, seconds, count=1000, dialect="postgres", **settings):
        fleet = types.SimpleNamespace(names=list(range(count)), count=count, dialect=dialect)
        super().__init__(fleet, {}, types.SimpleNamespace(jobs=None, patience=2, **settings), None)
        self.seconds, self.calls = seconds, []

    def begin(self, contestant):
        pass

    def up_and_down(self, contestant, jobs):
        self.calls.append((len(contestant.names), jobs))
        return [self.seconds(len(contestant.names), jobs)] * 2


def contestant(whole=False):
    one = types.SimpleNamespace(whole=whole, jobs=4, tried={}, names=[])
    one.take = lambda names: setattr(one, "names", names)
    return one


class Parts(unittest.TestCase):
    def part(self, seconds, whole=False):
        timed = Timed(seconds)
        return len(timed.part_for(contestant(whole))), timed.calls

    def test_a_slow_tool_gets_as_many_as_patience_allows(self):
        self.assertEqual(self.part(lambda count, jobs: 0.1 * count)[0], 20)
        self.assertEqual(self.part(lambda count, jobs: 0.01 * count)[0], 200)

    def test_one_that_takes_long_only_to_begin_gets_more_than_its_beginning_would_allow(self):
        count, calls = self.part(lambda count, jobs: 0.4 + 0.01 * count)
        self.assertGreater(count, 100)
        self.assertLess(len(calls), 4)

    def test_floor_and_dbfleet_get_all_and_nothing_is_tried(self):
        self.assertEqual(self.part(None, whole=True), (1000, []))


class Jobs(unittest.TestCase):
    def found(self, seconds, part=40, **how):
        timed, one = Timed(lambda count, jobs: seconds[jobs], **how), contestant()
        timed.find_jobs(one, list(range(part)))
        return one, timed.calls

    def test_the_fastest_wins_and_what_is_near_it_is_tried_twice(self):
        one, calls = self.found({2: 4, 4: 3, 8: 2.05, 16: 2, 32: 3})
        self.assertEqual(one.jobs, 16)
        self.assertEqual(sorted(calls), sorted([(40, jobs) for jobs in (2, 4, 4, 8, 8, 16, 16, 32)]))

    def test_what_a_first_time_takes_is_not_held_against_the_first_number(self):
        timed, one = Timed(lambda count, jobs: 40 if len(timed.calls) > 1 else 360), contestant()
        timed.find_jobs(one, list(range(40)))
        self.assertEqual(one.tried[4], 1)

    def test_nothing_beyond_what_is_clearly_slower_is_tried(self):
        one, _ = self.found({4: 1, 8: 1.2, 2: 0.8})
        self.assertEqual((one.jobs, sorted(one.tried)), (2, [2, 4, 8]))

    def test_a_slow_tool_tries_on_few_and_files_are_tried_on_many(self):
        self.assertEqual(self.found({2: 1, 4: 1, 8: 1}, part=20)[1][0][0], 12)
        self.assertEqual(self.found({n: 1 for n in contest.JOBS_TRIED}, part=500, dialect="sqlite")[1][0][0], 200)

    def test_never_more_jobs_than_databases(self):
        one, _ = self.found({2: 1, 1: 1}, part=3, count=3)
        self.assertEqual(one.jobs, 2)


class Wanted(unittest.TestCase):
    def wanted(self, *only):
        arguments = argparse.Namespace(only=list(only))
        return ([part for part in bench.DIALECTS if bench.wants_contest(arguments, part)],
                [part for part in bench.DIALECTS if bench.wants_records(arguments, part)],
                [part for part in ("growth", "plan") if bench.is_named(arguments, part)])

    def test_parts(self):
        every = ["pg", "mysql", "sqlite"]
        self.assertEqual(self.wanted(), (every, every, ["growth", "plan"]))
        self.assertEqual(self.wanted("pg"), (["pg"], [], []))
        self.assertEqual(self.wanted("status"), (every, [], []))
        self.assertEqual(self.wanted("status", "mysql"), (["mysql"], [], []))
        self.assertEqual(self.wanted("records"), ([], every, []))
        self.assertEqual(self.wanted("records", "sqlite", "plan"), ([], ["sqlite"], ["plan"]))
        self.assertEqual(self.wanted("growth"), ([], [], ["growth"]))

    def sizes(self, *words):
        with mock.patch.object(sys, "argv", ["bench", *words]):
            return sizes.chosen(bench.read_arguments())

    def test_logins(self):
        self.assertEqual(self.sizes().logins, ("scram",))
        self.assertEqual(self.sizes("--login", "trust").logins, ("trust",))
        self.assertEqual(self.sizes("--login", "both").logins, ("scram", "trust"))
        self.assertEqual(self.sizes("--full").logins, ("scram", "trust"))

    def test_pairs_and_databases_are_those_of_records_too(self):
        chosen = self.sizes("--pairs", "7", "--databases", "5")
        self.assertEqual((chosen.record_pairs, chosen.record_databases, chosen.record_files), (7, 5, 5))


def row(name, seconds, databases=10, rounds=20):
    return {"name": name, "databases": databases, "jobs": 4, "tried": {},
            "samples": {action: [{"wall": seconds, "cpu": seconds, "memory": 1}] * rounds for action in contestants.ACTIONS}}


class Goals(unittest.TestCase):
    def judged(self, beginning, **results):
        results = {"legs": [], "records": [], "growth": None, "planning": None, **results}
        return {line[0]: (line[2], line[4]) for line in goals.table(results).rows if line[0].startswith(beginning)}

    def test_both_logins_are_judged_each_by_its_own_fleet(self):
        legs = [{"key": key, "title": key, "databases": 10, "contestants": [row("floor", 1), row("dbfleet", 1), row("dbmate", dbmate)]}
                for key, dbmate in (("pg", 6), ("pg-trust", 36))]
        words = "full upgrade, client CPU of dbmate, of dbfleet's"
        self.assertEqual(self.judged("PostgreSQL", legs=legs)[f"PostgreSQL, SCRAM: {words}"], ("6.00 x", "not reached"))
        self.assertEqual(self.judged("PostgreSQL", legs=legs)[f"PostgreSQL, without password: {words}"], ("36.00 x", "reached"))

    def test_records_are_judged_for_each_kind(self):
        legs = [{"key": key, "title": key, "databases": 10, "contestants": [row("dbfleet, silent", 1), row("dbfleet, all records", all_on)]}
                for key, all_on in (("pg", 1.01), ("sqlite", 1.05))]
        words = "ledger, progress, report and events on: wall, of without"
        self.assertEqual(self.judged("PostgreSQL", records=legs)[f"PostgreSQL, SCRAM: {words}"], ("1.01 x", "reached"))
        self.assertEqual(self.judged("SQLite", records=legs)[f"SQLite on a RAM disk: {words}"], ("1.05 x", "not reached"))
        self.assertEqual(self.judged("MariaDB", records=legs)[f"MariaDB: {words}"], ("-", "not measured in this run"))

    def test_ratios_are_by_database(self):
        few, many = row("a", 1, databases=10), row("b", 1, databases=100)
        self.assertAlmostEqual(tables.compare(few, many, "upgrade", "wall")["median"], 10)


def main():
    """Ends with "N passed, N failed", which scripts/test adds up."""
    ran = unittest.main(exit=False).result
    failed = len({test.id() for test, _ in ran.failures + ran.errors}) + len(ran.skipped)
    print(f"{ran.testsRun - failed} passed, {failed} failed", flush=True)
    sys.exit(failed > 0 or ran.testsRun == 0)


if __name__ == "__main__":
    main()
