"""How large a run is: three sizes, and what an option says instead."""

from dataclasses import dataclass, replace


@dataclass
class Sizes:
    postgres: int
    mysql: int
    sqlite: int
    linked: int  # databases behind the slow link
    rounds: int  # of all contestants
    linked_rounds: int
    pairs: int  # of floor and dbfleet, the rounds among them
    patience: float  # seconds that a contestant may take for an action before it gets fewer databases; 0: any
    jobs: int  # None: what suits each best
    jobs_on_disk: int  # the same for SQLite on disk
    link: float  # milliseconds; 0: no slow link
    targets: tuple  # growth
    revisions: tuple
    record_databases: int  # on each server
    record_files: int  # SQLite
    record_pairs: int
    logins: tuple  # how PostgreSQL lets clients in, of fleet.LOGINS
    plan_size: tuple  # targets, revisions
    plan_runs: int
    plan_worst: bool  # also as many paths as there can be: half a minute of the full size


QUICK = Sizes(postgres=2, mysql=2, sqlite=3, linked=1, rounds=1, linked_rounds=1, pairs=2, patience=0, jobs=2,
              jobs_on_disk=None, link=5,
              targets=(5, 20), revisions=(5, 50), record_databases=2, record_files=10, record_pairs=1, logins=("scram", "trust"), plan_size=(500, 200), plan_runs=1,
              plan_worst=True)
MIDDLE = Sizes(postgres=30, mysql=30, sqlite=100, linked=20, rounds=5, linked_rounds=3, pairs=20, patience=2, jobs=None,
                jobs_on_disk=None, link=20,
               targets=(100, 1000), revisions=(100, 1000), record_databases=30, record_files=200, record_pairs=10, logins=("scram",), plan_size=(10000, 5000),
               plan_runs=3, plan_worst=False)
FULL = Sizes(postgres=300, mysql=300, sqlite=1000, linked=100, rounds=5, linked_rounds=3, pairs=20, patience=4, jobs=None,
             jobs_on_disk=None, link=20,
             targets=(100, 1000, 10000), revisions=(100, 1000, 5000), record_databases=100, record_files=1000, record_pairs=20,
             logins=("scram", "trust"),
             plan_size=(10000, 5000), plan_runs=5, plan_worst=True)


def chosen(arguments):
    """The size that was asked for, with what other options say."""
    sizes = QUICK if arguments.quick else FULL if arguments.full else MIDDLE
    said = {name: getattr(arguments, name) for name in ("rounds", "pairs", "patience", "link")
            if getattr(arguments, name) is not None}
    if arguments.databases:
        said.update({name: arguments.databases for name in ("postgres", "mysql", "sqlite", "linked", "record_databases", "record_files")})
    if arguments.pairs:
        said["record_pairs"] = arguments.pairs
    if arguments.login:
        said["logins"] = ("scram", "trust") if arguments.login == "both" else (arguments.login,)
    if arguments.rounds:
        said["linked_rounds"] = arguments.rounds
    if arguments.jobs:
        said["jobs"] = said["jobs_on_disk"] = None if arguments.jobs == "best" else int(arguments.jobs)
    return replace(sizes, **said)
