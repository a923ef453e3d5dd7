"""Wall time, CPU time of a program with all it waited for, and the peak memory of its largest process."""

import os
import statistics
import subprocess
from dataclasses import dataclass


@dataclass
class Sample:
    wall: float
    cpu: float
    memory: float  # MiB


class ContestantFailed(Exception):
    pass


def run(timed, command, folder, log, environment=None, input_path=None):
    """Runs one contestant once; raises ContestantFailed with the end of its output if it does not exit with 0."""
    with open(log, "wb") as output, open(input_path or os.devnull, "rb") as source:
        code = subprocess.call([timed, f"{log}.time", *command], cwd=folder, stdin=source, stdout=output,
                               stderr=subprocess.STDOUT, env={**os.environ, **(environment or {})})
    if code != 0:
        with open(log, errors="replace", encoding="utf-8") as output:
            raise ContestantFailed(f"{command[0]} ended with {code}:\n{output.read()[-2000:]}")
    with open(f"{log}.time", encoding="utf-8") as times:
        wall, cpu, memory = map(float, times.read().split())
    return Sample(wall, cpu, memory / 1024)


def spread(values):
    return min(values), statistics.median(values), max(values)


def ratio(values, base):
    """Median of the ratios of one round each, and the bounds that hold its middle half: rounds drift, pairs do not."""
    pairs = sorted(value / other for value, other in zip(values, base) if other > 0)
    if not pairs:
        return None
    quarter = len(pairs) // 4
    return statistics.median(pairs), pairs[quarter], pairs[-1 - quarter]
