"""The revisions that every contestant applies: the same SQL for all, written in the form each of them reads.

Steps are [(up statements, down statements)], oldest first."""

import os

DIALECTS = ("postgres", "mysql", "sqlite")


def rows(table, count):
    values = ", ".join(f"({n}, 'name {n}', {n * 7 % 1000})" for n in range(1, count + 1))
    return f"insert into {table} (id, name, amount) values {values}"


def ten_steps(dialect):
    """Tables, indexes, columns, rows and a view."""
    on = " on {}" if dialect == "mysql" else ""
    table = "create table {} (id integer not null primary key, name varchar(80) not null, amount integer not null)"
    return [
        ([table.format("customers")], ["drop table customers"]),
        ([table.format("orders"), "create index orders_name on orders (name)"], ["drop table orders"]),
        (["create index customers_name on customers (name)"], ["drop index customers_name" + on.format("customers")]),
        (["alter table customers add column email varchar(120)"], ["alter table customers drop column email"]),
        ([rows("customers", 100)], ["delete from customers"]),
        ([table.format("items"), "create index items_amount on items (amount)"], ["drop table items"]),
        (["alter table orders add column note varchar(200)", "alter table orders add column kind integer"],
         ["alter table orders drop column note", "alter table orders drop column kind"]),
        ([rows("orders", 100)], ["delete from orders"]),
        (["create index orders_amount on orders (amount, name)"], ["drop index orders_amount" + on.format("orders")]),
        (["create view big_orders as select id, name from orders where amount > 500"], ["drop view big_orders"]),
    ]


# What the last of the ten steps shows when all of them are done.
TEN_STEPS_SHOWN = ("big_orders", sum(n * 7 % 1000 > 500 for n in range(1, 101)))


def chain(count):
    """As many small steps as wanted: what grows with them is the tool's own."""
    first = (["create table grown (id integer not null primary key)"], ["drop table grown"])
    return [first] + [([f"insert into grown (id) values ({n})"], [f"delete from grown where id = {n}"])
                      for n in range(2, count + 1)]


def identifier(number):
    return f"{20260101000000 + number}"


def text(statements):
    return "".join(statement + ";\n" for statement in statements)


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)


def write_dbmate(folder, steps):
    """What dbmate and dbfleet both read."""
    for number, (up, down) in enumerate(steps, 1):
        write(f"{folder}/{identifier(number)}_step.sql", f"-- migrate:up\n{text(up)}\n-- migrate:down\n{text(down)}")


def write_plain(folder, steps):
    """One script a direction, with a version row of its own: what a shell loop runs."""
    up, down = "create table if not exists shell_version (version varchar(40) not null);\n", ""
    for number, (forth, back) in enumerate(steps, 1):
        up += text(forth) + f"insert into shell_version values ('{identifier(number)}');\n"
        down = text(back) + f"delete from shell_version where version = '{identifier(number)}';\n" + down
    write(f"{folder}/up.sql", up)
    write(f"{folder}/down.sql", down)


def write_alembic(folder, steps):
    write(f"{folder}/alembic.ini", "[alembic]\nscript_location = %(here)s/migrations\n")
    write(f"{folder}/migrations/env.py", ENVIRONMENT)
    previous = None
    for number, (up, down) in enumerate(steps, 1):
        name = identifier(number)
        body = "".join(f"    op.execute({statement!r})\n" for statement in up)
        back = "".join(f"    op.execute({statement!r})\n" for statement in down)
        write(f"{folder}/migrations/versions/{name}_step.py",
              f"from alembic import op\n\nrevision = {name!r}\ndown_revision = {previous!r}\n\n\n"
              f"def upgrade():\n{body}\n\ndef downgrade():\n{back}")
        previous = name


ENVIRONMENT = '''from alembic import context
from sqlalchemy import create_engine, pool

arguments = context.get_x_argument(as_dictionary=True)
engine = create_engine(arguments["url"], poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
'''


def write_sqitch(folder, dialect, steps):
    engine = {"postgres": "pg", "mysql": "mysql", "sqlite": "sqlite"}[dialect]
    plan = "%syntax-version=1.0.0\n%project=bench\n\n"
    for number, (up, down) in enumerate(steps, 1):
        name = f"step{number:02}"
        plan += f"{name} 2026-01-01T00:00:{number:02}Z Bench <bench@example.com> # step\n"
        begin, end = ("BEGIN;\n", "COMMIT;\n") if dialect != "mysql" else ("", "")
        write(f"{folder}/deploy/{name}.sql", begin + text(up) + end)
        write(f"{folder}/revert/{name}.sql", begin + text(down) + end)
    write(f"{folder}/sqitch.plan", plan)
    write(f"{folder}/sqitch.conf",
          f"[core]\n\tengine = {engine}\n[user]\n\tname = Bench\n\temail = bench@example.com\n"
          "[deploy]\n\tverify = false\n")


# ---- What the floor sends --------------------------------------------------------------------------------------------

HISTORY = {
    "postgres": ("text", "timestamp with time zone", "clock_timestamp()", ""),
    "mysql": ("varchar(190)", "datetime(6)", "utc_timestamp(6)", " engine=innodb"),
    "sqlite": ("text", "text", "strftime('%Y-%m-%d %H:%M:%f', 'now')", ""),
}
LOCK = {"postgres": "select pg_try_advisory_lock(4711);\n", "mysql": "select get_lock('floor', 0);\n", "sqlite": ""}
BEGIN = {"postgres": "begin;\n", "mysql": "start transaction;\n", "sqlite": "begin immediate;\n"}


def tables(dialect):
    kind, time, _, tail = HISTORY[dialect]
    return (f"create table if not exists floor_version (version_num varchar(64) not null primary key){tail};\n"
            f"create table if not exists floor_history (seq integer not null primary key, step_id {kind} not null unique, "
            f"run_id {kind}, plan_digest {kind}, revision {kind}, direction {kind}, checksum {kind}, heads_before {kind}, "
            f"heads_after {kind}, started_at {time}, finished_at {time}, applied_by {kind}, server {kind}, "
            f"statements_total integer, statements_done integer, state {kind}, intent integer, evidence {kind}){tail};\n")


def move(before, after):
    if before and after:
        return f"update floor_version set version_num = '{after}' where version_num = '{before}';\n"
    if after:
        return f"insert into floor_version values ('{after}');\n"
    return f"delete from floor_version where version_num = '{before}';\n"


def history(dialect, direction, revision, before, after, total, done, state):
    now = HISTORY[dialect][2]
    number = "coalesce(max(seq), 0) + 1"
    name = f"concat('run-', {number})" if dialect == "mysql" else f"'run-' || ({number})"
    return (f"insert into floor_history select {number}, {name}, 'run', '{'d' * 64}', '{revision}', '{direction}', "
            f"'{'c' * 64}', '{before}', '{after}', {now}, {now}, 'bench@host', 'server', {total}, {done}, '{state}', 0, "
            "null from floor_history;\n")


def transactional_step(dialect, statements, direction, revision, before, after, promises):
    message = BEGIN[dialect] + text(statements) + move(before, after)
    if promises:
        message += history(dialect, direction, revision, before, after, len(statements), len(statements), "done")
    return message + "commit;\n"


def journaled_step(statements, direction, revision, before, after, promises):
    """MySQL: intent, statement and done for each; then the version row with the end of the journal."""
    if not promises:
        return text(statements) + move(before, after)
    last = "where step_id = @step"
    message = history("mysql", direction, revision, before, after, len(statements), 0, "running")
    message += "set @step = (select step_id from floor_history order by seq desc limit 1);\n"
    for number, statement in enumerate(statements, 1):
        message += f"update floor_history set intent = {number}, evidence = '{'e' * 64}' {last};\n{statement};\n"
        message += f"update floor_history set intent = 0, statements_done = {number}, evidence = null {last};\n"
    message += "start transaction;\n" + move(before, after)
    return message + f"update floor_history set state = 'done', finished_at = utc_timestamp(6) {last};\ncommit;\n"


def floor_step(dialect, steps, position, direction, promises):
    """The message of the step that comes `position`th in that direction."""
    names = [identifier(number) for number in (position, position + 1)]
    before, after = (names[0] if position else "", names[1])
    up, down = steps[position]
    if direction == "down":
        arguments = (down, direction, names[1], after, before, promises)
    else:
        arguments = (up, direction, names[1], before, after, promises)
    return journaled_step(*arguments) if dialect == "mysql" else transactional_step(dialect, *arguments)


def write_floor(folder, dialect, steps, promises):
    """Messages in the order to send them: lock and read, then one a revision. Tables are made once, before."""
    # As safe as SQLite's own way to end a transaction, and less work; it lasts as long as the connection.
    begin = "pragma journal_mode = truncate;\n" if dialect == "sqlite" else ""
    write(f"{folder}/tables/0.sql", tables(dialect))
    write(f"{folder}/read/0.sql", "select version_num from floor_version;\n")
    for direction in ("up", "down"):
        write(f"{folder}/{direction}/00000.sql", begin + LOCK[dialect] + "select version_num from floor_version;\n")
        for number in range(1, len(steps) + 1):
            position = number - 1 if direction == "up" else len(steps) - number
            write(f"{folder}/{direction}/{number:05}.sql", floor_step(dialect, steps, position, direction, promises))
