"""What a run was made on: the machine, and the versions of all that took part."""

import datetime
import os
import platform
import re
import subprocess


def first_line(*argv):
    try:
        printed = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=20,
                                 env={**os.environ, "LC_ALL": "C.UTF-8"})
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = (printed.stdout or printed.stderr).strip().splitlines()
    return lines[0] if printed.returncode == 0 and lines else None


def found(path, pattern, default):
    with open(path, encoding="utf-8") as file:
        match = re.search(pattern, file.read(), re.MULTILINE)
    return match[1].strip('"') if match else default


def versions(programs):
    asked = {"PostgreSQL": ("postgres", "--version"), "MariaDB": ("mariadbd", "--no-defaults", "--version"),
             "SQLite": ("sqlite3", "--version"), "dbfleet": (programs["dbfleet"], "--version"),
             "alembic": ("alembic", "--version"), "sqitch": ("sqitch", "--version"),
             "dbmate": (programs["dbmate"] or "dbmate", "--version"), "psql": ("psql", "--version"),
             "mariadb": ("mariadb", "--version"), "Python": ("python3", "--version")}
    return {name: " ".join((first_line(*argv) or "not there").split()[:6]) for name, argv in asked.items()}


def describe(source, programs):
    kib = int(found("/proc/meminfo", r"^MemTotal:\s*(\d+)", "0"))
    processor = found("/proc/cpuinfo", r"^model name\s*: (.*)$", platform.machine())
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "source": first_line("git", "-C", source, "describe", "--always", "--dirty", "--tags") or "unknown",
        "machine": f"{os.cpu_count()} x {processor}, {kib / 1024 / 1024:.0f} GiB of memory",
        "system": f"{found('/etc/os-release', r'^PRETTY_NAME=(.*)$', 'Linux')}, Linux {platform.release().partition('-')[0]}",
        "versions": versions(programs),
    }
