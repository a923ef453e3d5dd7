"""What is to be reached, as data, and whether a run has reached it."""

from dataclasses import dataclass
from typing import Callable

import contestants
import tables

MEGABYTES = 1000 * 1000 / 1024 / 1024  # of MiB


@dataclass
class Goal:
    what: str
    measure: Callable  # of the results: {"median", "interval", "pairs"}, or None
    limit: float = None  # None: to be set from what is measured
    at_least: bool = False
    pairs: int = 1  # on fewer it says nothing
    unit: str = " x"


def single(value):
    return None if value is None else {"median": value, "interval": None, "pairs": 1}


def rows_of(results, key, *names):
    """The rows of these contestants, or None if none of the fleets of that kind had all of them. A fleet of floor and dbfleet
    and one of all contestants may have been put together."""
    for leg in results["legs"]:
        rows = [tables.row_named(leg["contestants"], name) for name in names]
        if leg["key"] == key and all(rows):
            return rows
    return None


# ---- What is measured ------------------------------------------------------------------------------------------------

def over_floor(key, action, field):
    def measured(results):
        rows = rows_of(results, key, "dbfleet", "floor")
        return rows and tables.compare(*rows, action, field)
    return measured


def over_dbfleet(key, field, *names):
    """The least of what these took for an upgrade, in dbfleets: the best of them."""
    def measured(results):
        found = [rows_of(results, key, name, "dbfleet") for name in names]
        ratios = [tables.compare(*rows, "upgrade", field) for rows in found if rows]
        ratios = [ratio for ratio in ratios if ratio]
        return min(ratios, key=lambda ratio: ratio["median"]) if ratios else None
    return measured


def trips_beyond_floor(key):
    """The floor's are: connect, one to read and lock, one a revision. What dbfleet asks the server once in a run is no
    target's."""
    def measured(results):
        rows = rows_of(results, key, "dbfleet", "floor")
        counts = [tables.trips(row, "upgrade") for row in rows or ()]
        if len(counts) != 2 or None in counts:
            return None
        return single(counts[0] - counts[1] - 1 / rows[0]["databases"])
    return measured


def planning_seconds(beginning, ending, targets, revisions):
    """Of planning of that size, the row with these words."""
    def measured(results):
        planning = results["planning"]
        if not planning or (planning["targets"], planning["revisions"]) != (targets, revisions):
            return None
        took = [row["milliseconds"] / 1000 for row in planning["times"]
                if row["what"].startswith(beginning) and row["what"].endswith(ending)]
        return single(took[0] if took else None)
    return measured


def memory_of(targets, jobs):
    def measured(results):
        rows = [row for row in (results["growth"] or {}).get("targets", ())
                if (row["targets"], row["jobs"], row["contestant"]) == (targets, jobs, "dbfleet")]
        return single(max(row["upgrade"]["memory"] for row in rows) / MEGABYTES if rows else None)
    return measured


def memory_by_steps(results):
    rows = (results["growth"] or {}).get("memory", ())
    return single(rows[1]["memory"] / rows[0]["memory"]) if len(rows) == 2 else None


def records(key, field):
    def measured(results):
        rows = next((leg["contestants"] for leg in results["records"] if leg["key"] == key), ())
        return tables.compare(rows[1], rows[0], "upgrade", field) if len(rows) == 2 else None
    return measured


# ---- The goals -------------------------------------------------------------------------------------------------------

TITLES = {"pg": "PostgreSQL, SCRAM", "pg-trust": "PostgreSQL, without password", "mysql": "MariaDB", "sqlite": "SQLite on a RAM disk", "pg-link": "PostgreSQL, slow link",
          "mysql-link": "MariaDB, slow link"}
A_PROCESS_EACH, POOL, DBMATE, BEST = "alembic, a process each", "alembic, a pool", "dbmate", "the best"
PEERS = {A_PROCESS_EACH: "an Alembic process each", POOL: "a process pool of Alembic", DBMATE: "dbmate", BEST: "the best migration tool"}


def floor_goals():
    for field, word, limits in (("wall", "wall", {"pg": 1.05, "pg-trust": 1.05, "mysql": 1.05, "sqlite": 1.10}),
                                ("cpu", "client CPU", {"pg": 1.5, "pg-trust": 1.5, "mysql": 1.5, "sqlite": 1.15})):
        for key, limit in limits.items():
            yield Goal(f"{TITLES[key]}: full upgrade, {word}, of the floor's", over_floor(key, "upgrade", field), limit, pairs=20)
    for key in ("pg-link", "mysql-link"):
        yield Goal(f"{TITLES[key]}: round trips of a target beyond connect + 1 + 1 a revision; one to the server itself not counted", trips_beyond_floor(key), 1, unit="")


def peer_goals():
    """(fleets, field, peers, how many times better). MariaDB's and the slow links' were set from what was measured first.
    PostgreSQL's are judged by both logins: SCRAM is the larger part of what a client computes for a database, whoever it is."""
    postgres = ("pg", "pg-trust")
    for keys, field, whom, limit in (
            (postgres, "wall", BEST, 1.4), (postgres, "wall", DBMATE, 2), (["mysql"], "wall", BEST, 1.15), (["sqlite"], "wall", BEST, 7),
            (postgres, "cpu", BEST, 12), (postgres, "cpu", DBMATE, 30), (postgres, "cpu", POOL, 30), (["sqlite"], "cpu", BEST, 7),
            (["pg-link"], "wall", BEST, 5), (["mysql-link"], "wall", BEST, 3),
            ((*postgres, "mysql"), "wall", A_PROCESS_EACH, 10), ((*postgres, "mysql"), "cpu", A_PROCESS_EACH, 200)):
        for key in keys:
            word = {"wall": "wall", "cpu": "client CPU"}[field]
            yield Goal(f"{TITLES[key]}: full upgrade, {word} of {PEERS[whom]}, of dbfleet's",
                       over_dbfleet(key, field, *(contestants.TOOLS if whom == BEST else [whom])), limit, at_least=True,
                       pairs=3 if key.endswith("link") else 5)


def reading_goals():
    for key in ("pg", "pg-trust", "mysql", "sqlite"):
        for action, words in (("status", "status"), ("empty", "the empty run")):
            yield Goal(f"{TITLES[key]}: {words}, wall, of connecting and reading one row", over_floor(key, action, "wall"), 1.10, pairs=20)


def own_goals():
    for words in ("one path", "one path, 4 waves, variables", "50 paths, 4 waves", "a path from each revision"):
        yield Goal(f"planning 10,000 targets x 5,000 revisions, {words}", planning_seconds("10,000 targets", f": {words}", 10000, 5000),
                   1, unit=" s")
    yield Goal("5,000 files read, parsed and hashed", planning_seconds("5000 files", "hashed", 10000, 5000), 0.25, unit=" s")
    yield Goal("memory with 10,000 targets and 64 jobs", memory_of(10000, 64), 64, unit=" MB")
    yield Goal("memory of the most steps, of the fewest's", memory_by_steps, 1.05)
    for key in ("pg", "mysql", "sqlite"):
        for field, word, limit in (("wall", "wall", 1.03), ("cpu", "client CPU", None)):
            yield Goal(f"{TITLES[key]}: ledger, progress, report and events on: {word}, of without", records(key, field), limit, pairs=10)


GOALS = (*floor_goals(), *peer_goals(), *reading_goals(), *own_goals())


# ---- Verdicts --------------------------------------------------------------------------------------------------------

def verdict(goal, measured):
    if measured is None:
        return "not measured in this run"
    if goal.limit is None:
        return "measured, to be set"
    if measured["pairs"] < goal.pairs:
        return f"too few rounds to tell: {measured['pairs']} of {goal.pairs}"
    low, high = measured["interval"] or (measured["median"],) * 2
    best, worst = (high, low) if goal.at_least else (low, high)
    reaches = (lambda value: value >= goal.limit) if goal.at_least else (lambda value: value <= goal.limit)
    return "reached" if reaches(worst) else "undecided: the interval holds the goal" if reaches(best) else "not reached"


def cells(goal, measured):
    limit = "-" if goal.limit is None else f"{'at least' if goal.at_least else 'at most'} {goal.limit:g}{goal.unit}"
    value = "-" if measured is None else f"{measured['median']:.2f}{goal.unit}"
    return [goal.what, limit, value, tables.interval(measured), verdict(goal, measured)]


def table(results):
    rows = [cells(goal, goal.measure(results)) for goal in GOALS]
    return tables.Table("Goals", ("goal", "to reach", "measured", "95% interval", "verdict"), rows)
