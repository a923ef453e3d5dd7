"""The figures as text, Markdown and JSON. The first contestant is what the others are compared with."""

from dataclasses import dataclass

import contestants
import measure

COLUMNS = ("contestant", "jobs", "wall min", "median", "max", "ratio", "(middle half)", "CPU", "ratio", "peak MiB")


@dataclass
class Result:
    fleet: object
    ready: list
    samples: dict  # contestant name -> action -> [Sample]


def row(result, contestant, action):
    samples = result.samples[contestant.name][action]
    base = result.samples[result.ready[0].name][action]
    if not samples:
        return None
    walls, cpus = [s.wall for s in samples], [s.cpu for s in samples]
    wall = measure.spread(walls)
    wall_ratio = measure.ratio(walls, [s.wall for s in base])
    cpu_ratio = measure.ratio(cpus, [s.cpu for s in base])
    return {"contestant": contestant.name, "jobs": contestant.jobs, "wall": wall, "wall_ratio": wall_ratio,
            "cpu": measure.spread(cpus)[1], "cpu_ratio": cpu_ratio, "memory": max(s.memory for s in samples)}


def cells(figures):
    wall, ratio, cpu = figures["wall"], figures["wall_ratio"], figures["cpu_ratio"]
    return (figures["contestant"], str(figures["jobs"]), *(f"{value:.3f} s" for value in wall),
            f"{ratio[0]:.2f} x" if ratio else "-", f"{ratio[1]:.2f}-{ratio[2]:.2f}" if ratio else "-",
            f"{figures['cpu']:.3f} s", f"{cpu[0]:.1f} x" if cpu else "-", f"{figures['memory']:.0f}")


def sections(results):
    """(title, [cells]) for each fleet and action."""
    for result in results:
        for action in contestants.ACTIONS:
            found = [row(result, contestant, action) for contestant in result.ready]
            found = [cells(figures) for figures in found if figures]
            if found:
                rounds = len(result.samples[result.ready[0].name][action])
                yield f"{result.fleet.title}: {action}, {result.fleet.count} databases, {rounds} rounds", found


def as_text(results, notes):
    lines = []
    for title, rows in sections(results):
        widths = [max(len(line[i]) for line in [COLUMNS, *rows]) for i in range(len(COLUMNS))]
        lines.append(f"\n{title}")
        for line in [COLUMNS, *rows]:
            aligned = [line[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(line[1:], widths[1:])]
            lines.append("  " + "  ".join(aligned))
    return "\n".join(lines + [""] + notes)


def as_markdown(results, notes):
    text = "".join(f"- **{kind.name}**: {kind.what}\n" for kind in contestants.ALL)
    for title, rows in sections(results):
        text += f"\n### {title}\n\n| " + " | ".join(COLUMNS) + " |\n|" + "---|" * len(COLUMNS) + "\n"
        text += "".join("| " + " | ".join(line) + " |\n" for line in rows)
    return text + "".join(f"\n{note}\n" for note in notes)


def as_json(results, notes):
    return {"results": [{"fleet": result.fleet.title, "databases": result.fleet.count, "action": action,
                         "contestants": [figures for contestant in result.ready
                                         if (figures := row(result, contestant, action))]}
                        for result in results for action in contestants.ACTIONS], "notes": notes}
