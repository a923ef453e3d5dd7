"""The independent checker: says what is wrong with a target, by comparing it with a straight serial application.

Shares no code with dbfleet: it reads the databases with their own drivers and pg_dump, and its reference databases are
made by psql, mariadb and sqlite3. Owns the reference databases; changes no target.
"""
import collections
import contextlib
import fcntl
import os
import re
import subprocess
import time

from fleet import MariaTarget, OUR_TABLES, PostgresTarget, SqliteTarget
from revisions import LOGGED, Section

# ---- Schemas as text -----------------------------------------------------------------------------------------------

def postgres_schema(target):
    dump = subprocess.run(
        ['pg_dump', '-s', '-O', '-x', '-n', target.schema, *(f'--exclude-table=*.{name}*' for name in OUR_TABLES),
         target.database], text=True, capture_output=True, env=target.server.environment(), check=True).stdout
    text = re.sub(rf'\b{target.schema}\.', 'public.', dump)
    lines = (line for line in text.splitlines() if line.strip())
    return '\n'.join(line for line in lines if not re.match(r'--|SET |SELECT pg_catalog|CREATE SCHEMA|COMMENT ON SCHEMA|\\', line))


def mysql_schema(target):
    texts = []
    for table in sorted(set(target.tables()) - set(OUR_TABLES)):
        row = target.query(f'show create table `{table}`')[0]
        texts.append(row[1])
    texts += [' '.join(map(str, row)) for row in target.query(
        'select trigger_name, action_timing, event_manipulation, event_object_table, action_statement '
        f"from information_schema.triggers where trigger_schema = '{target.database}' order by 1")]
    texts += [' '.join(map(str, row)) for row in target.query(
        'select routine_name, routine_type, routine_definition '
        f"from information_schema.routines where routine_schema = '{target.database}' order by 1")]
    text = '\n'.join(texts).replace(f'`{target.database}`.', '')
    return re.sub(r' AUTO_INCREMENT=\d+|DEFINER=`\w+`@`[^`]*`', '', text)


def sqlite_schema(target):
    texts = []
    for kind, name, sql in target.query("select type, name, sql from sqlite_master where name not like 'sqlite_%' order by 1, 2"):
        if name in OUR_TABLES or kind == 'index' and any(table in (sql or '') for table in OUR_TABLES):
            continue
        if kind != 'table':
            texts.append(re.sub(r'["\s]+', ' ', f'{kind} {name} {sql}'))
            continue
        parts = [target.query(f'pragma {pragma}({name})') for pragma in ('table_xinfo', 'foreign_key_list', 'index_list')]
        texts.append(f'table {name} {parts[0]} {parts[1]} {sorted(row[1:] for row in parts[2])}')
    return '\n'.join(texts)


SCHEMA_OF = {'postgres': postgres_schema, 'mysql': mysql_schema, 'sqlite': sqlite_schema}


def data_of(target):
    """Sorted rows of every table but ours and the log."""
    names = set(target.tables()) - set(OUR_TABLES) - {'chaos_log'}
    return {name: sorted(map(repr, target.query(f'select * from {name}'))) for name in sorted(names)}


# ---- dbfleet's own tables and the log ------------------------------------------------------------------------------

Step = collections.namedtuple('Step', 'seq step_id revision direction state total done intent heads_before heads_after')


def history_of(target):
    if OUR_TABLES[1] not in target.tables():
        return []
    return [Step(*row) for row in target.query(
        'select seq, step_id, revision, direction, state, statements_total, statements_done, intent, heads_before, '
        f'heads_after from {OUR_TABLES[1]} order by seq')]


def heads_of(target):
    if OUR_TABLES[0] not in target.tables():
        return []
    return sorted(row[0] for row in target.query(f'select version_num from {OUR_TABLES[0]}'))


def log_of(target):
    """How often each statement of each revision wrote its row."""
    return collections.Counter(tuple(row) for row in target.query('select rev, dir, stmt from chaos_log'))


def log_excess(target, history=None):
    """Rows beyond (or short of) what the finished steps of the history explain: {(revision, direction, statement): n}."""
    steps = history if history is not None else history_of(target)
    finished = collections.Counter((step.revision, step.direction) for step in steps if step.state == 'done')
    rows = log_of(target)
    return {key: count - finished[key[:2]] for key, count in rows.items() if count != finished[key[:2]]}


def snapshot(target):
    """Schema and data; inside a session of the target it uses that."""
    with contextlib.nullcontext() if target.held else target.session():
        return SCHEMA_OF[target.dialect](target), data_of(target)


def describe(target):
    """Everything about a target, for a person."""
    with contextlib.nullcontext() if target.held else target.session():
        lines = [f'heads {heads_of(target)}']
        if OUR_TABLES[1] in target.tables():
            lines += map(str, target.query(f'select * from {OUR_TABLES[1]} order by seq'))
        lines += [f'{key} {count}' for key, count in sorted(log_of(target).items())]
        return '\n'.join(lines + list(map(str, snapshot(target)))) + '\n'


# ---- The reference -------------------------------------------------------------------------------------------------

class Reference:
    """What schema and data are after each revision, in one database for each dialect. dbfleet's user cannot see them."""

    def __init__(self, folder, postgres, mariadb, revisions):
        self.revisions = revisions
        self.targets = {
            'postgres': PostgresTarget('reference', postgres, 'reference'),
            'mysql': MariaTarget('reference', mariadb, 'reference'),
            'sqlite': SqliteTarget('reference', os.path.join(folder, 'reference.db')),
        }
        self.after = {dialect: {} for dialect in self.targets}      # {revision or 'base': snapshot}
        self.partial = {}

    def build(self):
        for dialect, target in self.targets.items():
            target.make()
            self.after[dialect]['base'] = snapshot(target)
            for revision in self.revisions:
                target.apply(revision.section('up', dialect))
                self.after[dialect][revision.id] = snapshot(target)

    def expected(self, dialect, heads):
        return self.after[dialect][heads[0] if heads else 'base']

    def inside(self, dialect, revision_id, direction):
        """Snapshots inside one section: after none of its statements, after the first, …"""
        key = (dialect, revision_id, direction)
        if key not in self.partial:
            self.partial[key] = self.walk(*key)
        return self.partial[key]

    def walk(self, dialect, revision_id, direction):
        target = self.targets[dialect]
        target.rebuild()
        for revision in self.revisions:
            if revision.id == revision_id and direction == 'up':
                break
            target.apply(revision.section('up', dialect))
            if revision.id == revision_id:
                break
        section = revision.section(direction, dialect)
        target.query('delete from chaos_log')
        found = [(*snapshot(target), log_of(target))]
        done = []
        for statement in section.statements(dialect):
            done.append(statement)
            if in_transaction(done):
                found.append(found[-1])
                continue
            target.apply(Section(script_of(done, dialect), ('transaction:false',)))
            done = []
            found.append((*snapshot(target), log_of(target)))
        return found


def in_transaction(statements):
    words = [text.split()[0].lower() for text in statements]
    return words[0] == 'begin' and words[-1] != 'commit'


def script_of(statements, dialect):
    if dialect == 'mysql':
        return 'delimiter //\n' + ''.join(text + '//\n' for text in statements)
    return ''.join(text + ';\n' for text in statements)


# ---- What is wrong -------------------------------------------------------------------------------------------------

def first_difference(expected, found):
    left, right = expected.splitlines(), found.splitlines()
    for a, b in zip(left + [''] * len(right), right + [''] * len(left)):
        if a != b:
            return f'expected {a.strip()[:200]!r}, found {b.strip()[:200]!r}'
    return 'differs'


def compare_content(target, expected):
    """Schema and data against a snapshot."""
    schema, data = snapshot(target)
    if schema != expected[0]:
        yield 'schema: ' + first_difference(expected[0], schema)
    for table in sorted(set(data) | set(expected[1])):
        left, right = expected[1].get(table), data.get(table)
        if left != right and left is not None and right is not None:
            missing, more = list_difference(left, right), list_difference(right, left)
            yield f'rows of {table}: {len(missing)} missing {missing[:3]}, {len(more)} too many {more[:3]}'


def list_difference(left, right):
    return list((collections.Counter(left) - collections.Counter(right)).elements())


def compare_log(target, history, revisions):
    """Every statement of every finished step wrote its row exactly once."""
    excess = log_excess(target, history)
    for (revision, direction, number), count in sorted(excess.items()):
        word = 'too often' if count > 0 else 'too seldom'
        yield f'statement {number} of {revision} {direction} ran {abs(count)} times {word}'
    rows = log_of(target)
    finished = {(step.revision, step.direction) for step in history if step.state == 'done'}
    for revision in revisions:
        for direction in ('up', 'down'):
            for number in revision.section(direction, target.dialect).logged():
                key = (revision.id, direction, number)
                if key[:2] in finished and key not in rows:
                    yield f'statement {number} of {revision.id} {direction} never ran, though its step is done'


def compare_history(heads, history, revisions):
    """Finished steps explain the version rows, and none is half done."""
    ids = [revision.id for revision in revisions]
    applied = ids[:ids.index(heads[0]) + 1] if heads else []
    for revision in ids:
        steps = [step for step in history if step.revision == revision and step.state == 'done']
        ups = sum(step.direction == 'up' for step in steps)
        downs = len(steps) - ups
        if ups - downs != (revision in applied):
            yield f'{revision}: {ups} times up and {downs} times down in the history, but the heads are {heads}'
        elif steps and (steps[-1].direction == 'up') != (revision in applied):
            yield f'{revision}: its newest finished step in the history is {steps[-1].direction}, but the heads are {heads}'
    for step in history:
        begun = step.done > 0 or step.intent > 0
        if step.state == 'done' and (step.done != step.total or step.intent):
            yield f'{step.step_id}: done with {step.done} of {step.total} statements, intent {step.intent}'
        elif step.state == 'verify-failed' or step.state != 'done' and begun:
            yield f'{step.step_id}: {step.revision} {step.direction} is {step.state} at {step.done} of {step.total}'


def violations_of(target, heads_wanted, reference):
    """Everything that is wrong with one target at the end of a round."""
    with target.session():
        return list(find_violations(target, heads_wanted, reference))


def find_violations(target, heads_wanted, reference):
    heads, history = heads_of(target), history_of(target)
    if heads != heads_wanted:
        yield f'its heads are {heads}, expected {heads_wanted}'
    if len(heads) > 1 or heads and heads[0] not in reference.after[target.dialect]:
        return
    yield from compare_content(target, reference.expected(target.dialect, heads))
    yield from compare_log(target, history, reference.revisions)
    yield from compare_history(heads, history, reference.revisions)


# ---- What is left on the servers -----------------------------------------------------------------------------------

def orphans(fleet):
    """Locks and sessions of dbfleet that are still there."""
    first = fleet.of('postgres')[0]
    for row in first.query("select pid, application_name, state, left(query, 80) from pg_stat_activity where usename = 'fleet'"):
        yield f'PostgreSQL session {row}'
    for row in first.query("select pid, database, classid, objid from pg_locks where locktype = 'advisory'"):
        yield f'PostgreSQL advisory lock {row}'
    maria = fleet.of('mysql')[0]
    for row in maria.query("select id, db, command, time, info from information_schema.processlist where user = 'fleet'"):
        yield f'MariaDB session {row}'
    for row in maria.query("select thread_id, table_schema from information_schema.metadata_lock_info where lock_type = 'User lock'"):
        yield f'MariaDB user lock {row}'
    for target in fleet.of('sqlite'):
        if not lock_file_is_free(target.path + '.dbfleet-lock'):
            yield f'{target.name}: its lock file is locked'


def lock_file_is_free(path):
    if not os.path.exists(path):
        return True
    with open(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            return False


def wait_for_no_orphans(fleet, seconds):
    """What is left after waiting so long: a server takes a moment to notice that a client is gone."""
    deadline = time.monotonic() + seconds
    left = list(orphans(fleet))
    while left and time.monotonic() < deadline:
        time.sleep(0.2)
        left = list(orphans(fleet))
    return left
