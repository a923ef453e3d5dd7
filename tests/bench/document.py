"""docs/performance.md: a run as a page, with what people wrote about it."""

import os
import re

import goals
import tables

# Fleets smaller than this show nothing but starts of processes.
FEW = 20

HOW = """## How to repeat it

```sh
scripts/bootstrap --bench       # servers, clients and those who are compared
{command}
```

`scripts/bench --quick` does all of it once on a handful of databases, `scripts/bench --help` says what can be chosen. The machine
should have nothing else to do. A run of `--full` may be made in parts (`--only pg --json pg.json` and so on) and put together:
`scripts/bench --from pg.json --from mysql.json --document docs/performance.md`.

- Servers are private and gone afterwards. Nothing waits for a disk: what is measured is programs. They allow 1,300 connections, as
  a server with 300 tenants' databases allows about a thousand: a program that keeps a connection to each target from its look at the fleet to
  its work there, as dbfleet does within a quarter of what the server allows, needs them. No contestant uses TLS.
- **PostgreSQL is measured twice**, each time in the same way for all: with a password that each connection proves by SCRAM-SHA-256, the
  server's default, and without one (`trust` in `pg_hba.conf`). SCRAM has every client compute 4,096 rounds of HMAC, 3.3 ms for a
  connection: with it the figures are what most users have, without it they show what the programs themselves do. Goals are judged on
  both. MariaDB's way of login (`mysql_native_password`) takes three SHA-1. Over the slow link, and for what records cost, the
  password is asked for.
- All apply the same ten revisions to the same databases: tables, indexes, columns, rows a hundred at a time, a view. Each action begins with
  a new process. A round is an upgrade, an empty run, a status and a downgrade by each contestant, in another order each time; after each
  upgrade all databases are asked whether they are at the head. Behind each downgrade the histories of floor and dbfleet are emptied,
  which is not measured: a database in use went up once, and `status` reads its history ([what a long one
  costs](explanation/where-the-time-goes.md#what-the-remaining-time-is-made-of)).
- **Ratios** are medians of the ratios of each round, database by database: rounds drift, pairs do not. The **interval** holds the median
  with at least 95%, whatever the distribution: two of the ordered ratios, which a binomial distribution with one half names (of 20: the 6th and
  the 15th). For fewer than six rounds there is none.
- A contestant that is slow works on fewer databases (the column says on how many); its ratios are for each database. What a program
  does once in a run, such as starting a pool of processes, or dbfleet's plan, ledger and report, is spread over the databases it works
  on: dbfleet and the floor always have the whole fleet, since a fleet is what they are used for, and a tool that takes long only to
  begin gets more databases than its beginning would allow.
- `jobs` says how many each worked with: a number that the command names for all, or what suits each best. For that each goes up and
  down once, which makes its tables, then tries 4, then twice as many again and again, then half as many, until one is slower by more
  than a tenth; what is within a tenth of the best is tried once more, and the fastest upgrade wins. A table shows what was tried, on 40
  databases (12 for the slow, 200 files).
- **What records cost** is dbfleet against dbfleet, in pairs with the same jobs, on a fleet of each kind.
- CPU is the client's, with all processes it waited for; peak memory is that of its largest process.
- SQLite is measured on a RAM disk, and 200 files at most on disk, where figures scatter.
- Over the **slow link** each reply comes that much later, and round trips are counted (the goodbye of a connection is one, though nobody waits for it).

"""


def notes_of(path):
    """What people wrote, its headings one level lower and its links as seen from another folder."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    text = text.split("\n", 1)[1].replace("](../", "](")
    return re.sub(r"^## .*\n+(?=## |\Z)", "", text, flags=re.MULTILINE).strip()


def versions_of(run):
    return "; ".join(f"{name}: {version}" for name, version in run["versions"].items())


def run_lines(runs):
    for run in runs:
        yield (f"- {run['date']}, dbfleet {run['source']}, `{run['command']}`: {run['machine']}; {run['system']}.\n"
               f"  {versions_of(run)}\n")


def warning(results):
    few = all(leg["databases"] < FEW for leg in results["legs"])
    return "**Made from a handful of databases: this shows what the page looks like, not how fast anything is.**\n\n" if few else ""


def page(results, source):
    notes = os.path.join(source, "docs", "explanation", "where-the-time-goes.md")
    command = f"{results['runs'][0]['command']} --document docs/performance.md"
    parts = ["# Performance\n\n", f"This page is generated from a run: `{command}`. "
             "What people wrote about it is in [where the time goes](explanation/where-the-time-goes.md), which is repeated here.\n\n", warning(results),
             "".join(run_lines(results["runs"])), "\n## Goals\n\n",
             tables.as_markdown(goals.table(results)).split("\n\n", 1)[1], "\n", HOW.format(command=command),
             "## Contestants\n\n", tables.contestants_as_markdown(), "\n", "".join(f"{note}\n\n" for note in results["notes"]),
             f"{notes_of(notes)}\n\n", "## Figures\n\n",
             "\n".join(tables.as_markdown(table) for table in tables.of_run(results))]
    return "".join(parts)
