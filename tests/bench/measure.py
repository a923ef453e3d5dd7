"""Wall time, CPU time of a program with all it waited for, and the peak memory of its largest process; and what many such
measurements say together."""

import math
import os
import pty
import statistics
import subprocess


class ContestantFailed(Exception):
    pass


def watch_terminal(process, master):
    """Reads what a program draws on its terminal, as a person's terminal does, until it ends."""
    try:
        while os.read(master, 65536):
            pass
    except OSError:  # what Linux says when the last one has closed the other side
        pass
    os.close(master)
    return process.wait()


def call(argv, folder, environment, source, log, terminal):
    environment = {**os.environ, **(environment or {})}
    if not terminal:
        with open(log, "wb") as output:
            return subprocess.call(argv, cwd=folder, stdin=source, stdout=output, stderr=subprocess.STDOUT, env=environment)
    master, slave = pty.openpty()
    environment["TERM"] = "xterm-256color"
    process = subprocess.Popen(argv, cwd=folder, stdin=source, stdout=slave, stderr=slave, env=environment)
    os.close(slave)
    return watch_terminal(process, master)


def run(timed, command, folder, log, environment=None, input_path=None, terminal=False):
    """Runs one contestant once; raises ContestantFailed with the end of its output if it does not exit with 0."""
    open(log, "wb").close()
    with open(input_path or os.devnull, "rb") as source:
        code = call([timed, f"{log}.time", *command], folder, environment, source, log, terminal)
    if code != 0:
        with open(log, errors="replace", encoding="utf-8") as output:
            raise ContestantFailed(f"{os.path.basename(command[0])} ended with {code}:\n{output.read()[-2000:]}")
    with open(f"{log}.time", encoding="utf-8") as times:
        wall, cpu, memory = map(float, times.read().split())
    return {"wall": wall, "cpu": cpu, "memory": memory / 1024}


def spread(values):
    return min(values), statistics.median(values), max(values)


def median_interval(values):
    """Bounds that hold the median with at least 95% whatever the distribution: the two order statistics that a binomial
    distribution names. None for fewer than six values."""
    ordered, count = sorted(values), len(values)
    outside, below = 0, 0
    while 2 * (outside + math.comb(count, below)) <= 0.05 * 2 ** count:
        outside += math.comb(count, below)
        below += 1
    return (ordered[below - 1], ordered[count - below]) if below else None


def ratio(values, base):
    """Of two lists in the order of their rounds: median of the ratios of each round, its interval or None, how many. Rounds
    drift, pairs do not. None where there is nothing to compare."""
    pairs = [value / other for value, other in zip(values, base) if other > 0]
    if not pairs:
        return None
    return {"median": statistics.median(pairs), "interval": median_interval(pairs), "pairs": len(pairs)}
