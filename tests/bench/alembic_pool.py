"""alembic_pool.py JOBS upgrade|downgrade|current < URLS: Alembic's own commands in processes that stay."""

import argparse
import multiprocessing
import sys

from alembic import command
from alembic.config import Config


def work(url):
    config = Config("alembic.ini", cmd_opts=argparse.Namespace(x=[f"url={url}"]))
    {"upgrade": lambda: command.upgrade(config, "head"), "downgrade": lambda: command.downgrade(config, "base"),
     "current": lambda: command.current(config)}[sys.argv[2]]()


if __name__ == "__main__":
    with multiprocessing.Pool(int(sys.argv[1])) as pool:
        for _ in pool.imap_unordered(work, [line.strip() for line in sys.stdin], chunksize=1):
            pass
