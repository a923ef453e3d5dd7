"""What the records of a run cost: upgrades in turns on one fleet, with all records on and with as few as can be, and with as many
jobs each."""

import os

import contestants
import sizes
from contest import Contest

JOBS = 4


def run(fleet, programs, settings, told):
    """`fleet.place` is in memory if there is some: the ledger of who keeps no records is there. As a leg of the results has it."""
    os.makedirs(fleet.place, exist_ok=True)
    settings = sizes.replace(settings, jobs=settings.jobs or JOBS, patience=0)
    contest = Contest(fleet, programs, settings, told, ("upgrade", "downgrade"))
    try:
        fleet.make()
        entered = contest.enter(contestants.RECORDS)
        contest.take_turns(entered, settings.record_pairs, "pair")
        rows = [contest.row(one) for one in entered if one.name in contest.samples]
    finally:
        fleet.take_away()
    return {"title": fleet.title, "databases": fleet.count, "contestants": rows}
