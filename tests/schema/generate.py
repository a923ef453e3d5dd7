#!/usr/bin/env python3
"""Random schemas and random changes of them, as pair files (README.md).

    generate.py --dialect postgres|mariadb|sqlite --seed N --pairs M FOLDER

Pair K of seed N is always the same. --pair K writes that one alone; --steps 0,2 makes only these of its changes, and
--without NAME leaves a table or view out on both sides: what it takes to make a failing pair smaller.
"""

import argparse
import copy
import os
import random
import sys

sys.dont_write_bytecode = True  # the source folder stays as it is

from random_schemas import changes
from random_schemas.mariadb import MariaDB
from random_schemas.postgres import Postgres
from random_schemas.sqlite import SQLite

DIALECTS = {"postgres": Postgres, "mariadb": MariaDB, "sqlite": SQLite}


def write_pair(out, dialect, schema, seed, number, steps, left_out):
    changed = copy.deepcopy(schema)
    told = []
    count = random.Random(f"{dialect.name} {seed} {number} count").choice([1, 1, 2, 3, 4, 6, 8, 8])
    for step in range(count):
        if steps is None or step in steps:
            rng = random.Random(f"{dialect.name} {seed} {number} {step}")
            told.append(changes.change(dialect, rng, changed))
    for each in (schema, changed):
        for name in left_out:
            changes.leave_out(each, name)
    out.write(f"-- case: seed {seed} pair {number}: {'; '.join(told)}\n-- from:\n")
    out.write("".join(f"{text};\n" for text in dialect.statements(schema)))
    out.write("-- to:\n")
    out.write("".join(f"{text};\n" for text in dialect.statements(changed)))
    out.write("-- expect: any\n\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dialect", choices=sorted(DIALECTS), required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--pairs", type=int, default=1)
    parser.add_argument("--pair", type=int)
    parser.add_argument("--steps", type=lambda text: [int(step) for step in text.split(",")])
    parser.add_argument("--without", action="append", default=[])
    parser.add_argument("folder")
    options = parser.parse_args()
    dialect = DIALECTS[options.dialect]()
    numbers = range(options.pairs) if options.pair is None else [options.pair]
    os.makedirs(options.folder, exist_ok=True)
    with open(os.path.join(options.folder, f"{options.dialect}-{options.seed}.sql"), "w", encoding="utf-8") as out:
        for number in numbers:
            schema = dialect.schema(random.Random(f"{dialect.name} {options.seed} {number}"))
            write_pair(out, dialect, schema, options.seed, number, options.steps, options.without)


if __name__ == "__main__":
    main()
