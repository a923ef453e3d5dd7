"""The figures of a run as tables, and tables as text and Markdown. The first contestant is what the others are compared with."""

from dataclasses import dataclass

import contestants
import measure


@dataclass
class Table:
    title: str
    columns: tuple
    rows: list  # of cells; the first of each row is text


# ---- Figures of contestants ------------------------------------------------------------------------------------------

def per_database(row, action, field):
    """What each round took, by database: some contestants work on a part of the fleet."""
    return [sample[field] / row["databases"] for sample in row["samples"][action]]


def compare(row, base, action, field):
    return measure.ratio(per_database(row, action, field), per_database(base, action, field))


def trips(row, action):
    """Round trips of one target; None where no link counted them."""
    counted = [sample["trips"] for sample in row["samples"][action] if "trips" in sample]
    return measure.spread(counted)[1] if counted else None


def row_named(rows, name):
    return next((row for row in rows if row["name"] == name), None)


def interval(ratio):
    bounds = ratio and ratio["interval"]
    return f"{bounds[0]:.2f}-{bounds[1]:.2f}" if bounds else "-"


def times(ratio):
    return f"{ratio['median']:.2f} x" if ratio else "-"


COLUMNS = ("contestant", "jobs", "databases", "rounds", "wall min", "median", "max", "ratio", "95% interval", "CPU", "ratio",
           "95% interval", "peak MiB")


def cells(row, base, action):
    samples = row["samples"][action]
    wall, cpu = compare(row, base, action, "wall"), compare(row, base, action, "cpu")
    walls = measure.spread([sample["wall"] for sample in samples])
    used = measure.spread([sample["cpu"] for sample in samples])[1]
    counted = trips(row, action)
    return [row["name"], str(row["jobs"]), str(row["databases"]), str(len(samples)), *(f"{value:.3f} s" for value in walls),
            times(wall), interval(wall), f"{used:.3f} s", times(cpu), interval(cpu),
            f"{max(sample['memory'] for sample in samples):.0f}", *([f"{counted:.1f}"] if counted is not None else [])]


def of_action(leg, action):
    base = leg["contestants"][0]
    rows = [cells(row, base, action) for row in leg["contestants"] if row["samples"].get(action)]
    linked = rows and len(rows[0]) > len(COLUMNS)
    columns = COLUMNS + ("round trips a database",) if linked else COLUMNS
    return Table(f"{leg['title']}: {action}, {leg['databases']} databases", columns, rows)


def of_jobs(leg):
    tried = [row for row in leg["contestants"] if row["tried"]]
    counts = sorted({int(jobs) for row in tried for jobs in row["tried"]})
    rows = [[row["name"], *(f"{row['tried'][str(jobs)] * 1000:.2f}" if str(jobs) in row["tried"] else "-" for jobs in counts)]
            for row in tried]
    return Table(f"{leg['title']}: upgrade by --jobs, milliseconds a database; those near the best were tried twice",
                 ("contestant", *(str(jobs) for jobs in counts)), rows)


def of_records(leg):
    rows = leg["contestants"]
    return Table(f"What records cost: {leg['title']}, upgrade, {leg['databases']} databases", COLUMNS,
                 [cells(row, rows[0], "upgrade") for row in rows])


# ---- Growth and planning ------------------------------------------------------------------------------------

GROWTH = ("contestant", "targets", "revisions", "jobs", "upgrade", "ms a target", "CPU", "CPU ms a target", "peak MiB", "status",
          "peak MiB")


def growth_cells(row):
    upgrade, status, count = row["upgrade"], row["status"], row["targets"]
    return [row["contestant"], f"{count:,}", f"{row['revisions']:,}", str(row["jobs"]), f"{upgrade['wall']:.3f} s",
            f"{upgrade['wall'] * 1000 / count:.2f}", f"{upgrade['cpu']:.3f} s", f"{upgrade['cpu'] * 1000 / count:.2f}",
            f"{upgrade['memory']:.0f}", f"{status['wall']:.3f} s", f"{status['memory']:.0f}"]


def of_growth(growth):
    yield Table(f"Growth by targets: SQLite {growth['place']}", GROWTH, [growth_cells(row) for row in growth["targets"]])
    yield Table(f"Growth by revisions: SQLite {growth['place']}", GROWTH, [growth_cells(row) for row in growth["revisions"]])
    yield Table("Memory by steps: one target, the same files read", ("upgrade", "peak MiB"),
                [[f"{row['steps']:,} steps of {row['of']:,}", f"{row['memory']:.1f}"] for row in growth["memory"]])


FILES = ("fleet", "paths", "MB", "plan", "write", "load", "check", "Markdown", "diff")


def of_planning(planning):
    yield Table("Planning, without any database", ("what", "milliseconds"),
                [[row["what"], f"{row['milliseconds']:.1f}"] for row in planning["times"]])
    yield Table(f"Plan files: {planning['files']['targets']:,} targets, 50 revisions; milliseconds", FILES,
                planning["files"]["rows"])


def of_run(results):
    """All tables but the goals', in the order of reading."""
    tables = []
    for leg in results["legs"]:
        tables += [of_action(leg, action) for action in results["actions"] if leg["contestants"]]
        tables.append(of_jobs(leg))
    tables += map(of_records, results["records"])
    if results["growth"]:
        tables += of_growth(results["growth"])
    if results["planning"]:
        tables += of_planning(results["planning"])
    return [table for table in tables if table.rows]


# ---- Forms -----------------------------------------------------------------------------------------------------------

def as_text(table):
    widths = [max(len(line[i]) for line in [table.columns, *table.rows]) for i in range(len(table.columns))]
    lines = [f"\n{table.title}"]
    for line in [table.columns, *table.rows]:
        aligned = [line[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(line[1:], widths[1:])]
        lines.append("  " + "  ".join(aligned).rstrip())
    return "\n".join(lines) + "\n"


def as_markdown(table):
    head = "| " + " | ".join(table.columns) + " |\n|---|" + "---:|" * (len(table.columns) - 1) + "\n"
    return f"### {table.title}\n\n{head}" + "".join("| " + " | ".join(line) + " |\n" for line in table.rows)


def contestants_as_markdown():
    return "".join(f"- **{kind.name}**: {kind.what}.\n" for kind in contestants.ALL + contestants.RECORDS)
