"""PostgreSQL's types, and those that a schema makes itself."""

from . import changes
from .objects import Type

TYPES = [
    Type("integer", "int", ["0", "'-5'::integer", "42"]),
    Type("bigint", "int", ["7"]),
    Type("smallint", "int", ["1"]),
    Type("numeric(10,2)", "number", ["1.25"]),
    Type("numeric", "number", ["0"]),
    Type("double precision", "number", ["0.5"]),
    Type("real", "number", ["1.5"]),
    Type("text", "text", ["'none'::text", "''", "'it''s'", "lower('X')", "CURRENT_USER"]),
    Type("character varying(20)", "text", ["'a b'"]),
    Type("character varying(60)", "text", ["'a b'"]),
    Type("character(5)", "text", ["'abc'"]),
    Type("boolean", "bool", ["true", "false"]),
    Type("date", "date", ["'2020-01-01'::date", "CURRENT_DATE"]),
    Type("timestamp without time zone", "date", ["'2020-01-01 02:03:04'", "now()"]),
    Type("timestamp(3) with time zone", "date", ["'2020-01-01 02:03:04+00'", "now()"]),
    Type("time without time zone", "time", ["'01:02:03'"]),
    Type("interval", "span", ["'01:00:00'::interval"]),
    Type("uuid", "uuid", ["gen_random_uuid()"]),
    Type("jsonb", "json", ["'{}'::jsonb"]),
    Type("json", "plain json", ["'[]'"]),
    Type("bytea", "blob", ["'\\x00ff'::bytea"]),
    Type("inet", "inet", ["'::1'"]),
    Type("integer[]", "array", ["'{}'", "ARRAY[1, 2]"]),
    Type("text[]", "array", ["'{a,b}'::text[]"]),
    Type("int4range", "range", ["'[1,5)'"]),
    Type("daterange", "range", []),
    Type("tsvector", "search", []),
    Type("bit(8)", "bits", ["B'00000101'"]),
    Type("money", "money", ["1.5"]),
    Type("point", "point", []),
]


def make_type(dialect, name, kind, base=None, labels=None):
    quoted = dialect.quoted(name)
    if kind == "enum":
        return Type(quoted, "enum " + name, [dialect.literal(labels[0])])
    if kind == "domain":
        return Type(quoted, base.family, [])
    return Type(quoted, "own " + name, [])


def add_type(dialect, rng, schema):
    kind = rng.choice(["enum", "enum", "domain", "domain", "composite", "range"])
    name = schema.names.new(rng, "y_")
    other = {"name": name, "kind": kind}
    if kind == "enum":
        other["labels"] = rng.sample(["new", "open", "done", "it's", "two words", "Größe", "void"], rng.randint(2, 5))
    elif kind == "domain":
        other["base"] = rng.choice([t for t in TYPES if t.sql in ("integer", "text", "numeric(10,2)")])
        fill_domain(dialect, rng, other)
    elif kind == "composite":
        other["fields"] = [(f"f{i}", rng.choice(TYPES[:12]).sql) for i in range(rng.randint(1, 3))]
    else:
        other["subtype"] = rng.choice(["integer", "date", "numeric"])
    other["type"] = make_type(dialect, name, kind, other.get("base"), other.get("labels"))
    schema.others["type"].append(other)
    return f"add {kind} {name}"


def fill_domain(dialect, rng, other):
    conditions = {"int": ["VALUE > -1000", "VALUE <> 777"], "number": ["VALUE > -1000"],
                  "text": ["length(VALUE) < 300", "VALUE <> 'zz'"]}[other["base"].family]
    other["check"] = rng.choice(conditions + [None])
    other["check name"] = rng.choice(["rule", None])
    other["notnull"] = rng.random() < 0.1
    other["default"] = rng.choice([None, None] + [value for value in other["base"].values if "(" not in value])


def users(schema, other):
    return [(table, column) for table in schema.tables for column in table.columns if column.type is other["type"]]


def drop_type(dialect, rng, schema):
    other = changes.pick(rng, schema.others["type"])
    if not other:
        return None
    for table, column in users(schema, other):
        if not dialect.may_drop(table, column) or len(table.columns) < 2:
            return None
    for table, column in users(schema, other):
        schema.forget_column(table, column)
    schema.others["type"].remove(other)
    return f"drop {other['kind']} {other['name']}"


def change_type(dialect, rng, schema):
    other = changes.pick(rng, schema.others["type"])
    if not other:
        return None
    if other["kind"] == "enum":
        change_labels(rng, other)
    elif other["kind"] == "domain":
        fill_domain(dialect, rng, other)
    elif other["kind"] == "composite":
        other["fields"] = other["fields"][1:] if len(other["fields"]) > 1 and rng.random() < 0.5 else \
            other["fields"] + [(f"g{rng.randrange(99)}", "text")]
    else:
        if users(schema, other):
            return None
        other["subtype"] = rng.choice(["integer", "date", "numeric"])
    return f"change {other['kind']} {other['name']}"


def change_labels(rng, other):
    labels = other["labels"]
    chance = rng.random()
    if chance < 0.6:
        free = [label for label in ("more", "fewer", "it''s", "Last") if label not in labels]
        if free:
            labels.insert(rng.randrange(len(labels) + 1), rng.choice(free))
    elif chance < 0.8 and len(labels) > 2:
        labels.remove(rng.choice(labels[1:]))
    else:
        first, rest = labels[:1], labels[1:]
        rng.shuffle(rest)
        labels[:] = first + rest


def type_statements(dialect, schema):
    return [type_sql(dialect, other) for other in schema.others["type"]]


def type_sql(dialect, other):
    name = dialect.quoted(other["name"])
    if other["kind"] == "enum":
        return f"CREATE TYPE {name} AS ENUM ({', '.join(dialect.literal(label) for label in other['labels'])})"
    if other["kind"] == "composite":
        return f"CREATE TYPE {name} AS ({', '.join(f'{field} {kind}' for field, kind in other['fields'])})"
    if other["kind"] == "range":
        return f"CREATE TYPE {name} AS RANGE (subtype = {other['subtype']})"
    words = [f"CREATE DOMAIN {name} AS {other['base'].sql}"]
    if other["default"]:
        words.append(f"DEFAULT {other['default']}")
    if other["notnull"]:
        words.append("NOT NULL")
    if other["check"]:
        words.append(f"CONSTRAINT {other['check name']} CHECK ({other['check']})" if other["check name"] else
                     f"CHECK ({other['check']})")
    return " ".join(words)
