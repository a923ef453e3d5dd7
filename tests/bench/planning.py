"""Planning, without any database: lines of the program `planning`, the fastest of several runs."""

import shutil
import subprocess

import revisions


def lines_of(program, *words):
    printed = subprocess.run([program, *map(str, words)], check=True, capture_output=True, text=True)
    return [line.split("\t") for line in printed.stdout.splitlines()]


def fastest(program, runs, *words):
    """{what: milliseconds}"""
    times = [dict(lines_of(program, *words)) for _ in range(runs)]
    return {what: min(float(time[what]) for time in times) for what in times[0]}


def run(program, work, settings):
    targets, count = settings.plan_size
    folder = f"{work}/planned"
    revisions.write_dbmate(folder, revisions.chain(count))
    rows = [{"what": what, "milliseconds": took} for what, took in fastest(program, settings.plan_runs, "load", folder).items()]
    shutil.rmtree(folder)
    plans = fastest(program, settings.plan_runs, "plan", targets, count)
    if settings.plan_worst:
        plans.update(fastest(program, 1, "worst", targets, count))
    rows += [{"what": f"{targets:,} targets x {count:,} revisions: {what}", "milliseconds": took} for what, took in plans.items()]
    files = lines_of(program, "file", targets, 50)
    return {"targets": targets, "revisions": count, "times": rows, "files": {"targets": targets, "rows": files}}
