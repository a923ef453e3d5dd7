"""PostgreSQL: what of its object table a random schema can have without extensions."""

from . import changes
from .dialect import Dialect
from .objects import Constraint, Expression, Index, Type
from .postgres_types import add_type, change_type, drop_type, type_statements, TYPES


class Postgres(Dialect):
    name = "postgres"
    types = TYPES

    def ref(self, thing):
        space = thing.options.get("schema") if hasattr(thing, "options") else None
        return f"{self.quoted(space)}.{self.quoted(thing.name)}" if space else self.quoted(thing.name)

    # ---- Before tables ----

    def before_tables(self, rng, schema):
        schema.others = {"schema": [], "type": [], "sequence": [], "function": [], "publication": []}
        for _ in range(rng.choice([0, 0, 1])):
            schema.others["schema"].append({"name": schema.names.new(rng, "app_")})
        for _ in range(rng.choice([0, 1, 1, 2, 3])):
            add_type(self, rng, schema)

    def behind_tables(self, rng, schema):
        for _ in range(rng.choice([0, 0, 1, 2])):
            add_function(self, rng, schema)
        for _ in range(rng.choice([0, 0, 1])):
            add_sequence(self, rng, schema)
        for _ in range(rng.choice([0, 0, 1])):
            add_part(self, rng, schema)
        for _ in range(rng.choice([0, 1])):
            add_serial(self, rng, schema)

    def all_types(self, schema):
        own = [other["type"] for other in schema.others["type"] if "type" in other]
        return self.types + own * 3

    # ---- Columns ----

    def decorate_more(self, rng, table, column):
        choices = ["comment", "statistics"]
        if column.type.family == "text":
            choices += ["collate", "storage", "compression"]
        if column.type in self.types and column.type.family == "int" and not column.generated and column.default is None:
            choices += ["identity", "identity"]
        choice = rng.choice(choices)
        if self.is_partitioned(table) and choice == "identity":
            return False
        if choice in column.extra:
            del column.extra[choice]
            return True
        values = {
            "comment": ["a column", "it's; so", "größe"],
            "statistics": [50, 200],
            "collate": ['"C"', '"POSIX"'],
            "storage": ["EXTERNAL", "MAIN"],
            "compression": ["pglz"],
            "identity": ["ALWAYS AS IDENTITY", "BY DEFAULT AS IDENTITY (START WITH 5 INCREMENT BY 2)",
                         "BY DEFAULT AS IDENTITY (MINVALUE -10 MAXVALUE 1000 START WITH 3 CACHE 5 CYCLE)"],
        }
        column.extra[choice] = rng.choice(values[choice])
        if choice == "identity":
            column.notnull = True
        return True

    def may_decorate(self, table, column):
        return "identity" not in column.extra

    def column_sql(self, column):
        words = [self.quoted(column.name), column.type.sql]
        if column.extra.get("collate"):
            words.append(f"COLLATE {column.extra['collate']}")
        if column.generated:
            words.append(f"GENERATED ALWAYS AS ({column.generated.sql(self)}) STORED")
        elif column.extra.get("identity"):
            words.append(f"GENERATED {column.extra['identity']}")
        elif column.default is not None:
            words.append(f"DEFAULT {column.default}")
        if column.notnull:
            words.append("NOT NULL")
        return " ".join(words)

    # ---- Tables ----

    def table(self, rng, schema):
        table = super().table(rng, schema)
        if schema.others["schema"] and rng.random() < 0.3:
            table.options["schema"] = rng.choice(schema.others["schema"])["name"]
        return table

    def is_partitioned(self, table):
        return "partition" in table.options

    def may_refer(self, table, parent):
        return not parent.options.get("UNLOGGED") or bool(table.options.get("UNLOGGED"))

    def may_compute(self, table, column):
        return not self.is_partition_key(table, column)

    def is_partition_key(self, table, column):
        return self.is_partitioned(table) and table.options["partition"]["column"] is column

    def may_drop(self, table, column):
        return super().may_drop(table, column) and not self.is_partition_key(table, column)

    def may_retype(self, table, column):
        return not self.is_partition_key(table, column)

    def unique(self, rng, schema, table):
        if self.is_partitioned(table):
            return None
        constraint = super().unique(rng, schema, table)
        if constraint:
            constraint.tail = rng.choice(["", "", "", " DEFERRABLE", " DEFERRABLE INITIALLY DEFERRED",
                                          " WITH (fillfactor=70)"])
        return constraint

    def check(self, rng, schema, table):
        constraint = super().check(rng, schema, table)
        if constraint and rng.random() < 0.25:
            constraint.tail = rng.choice([" NO INHERIT", " NOT VALID"])
        if constraint and self.is_partitioned(table):
            constraint.tail = ""
        return constraint

    def actions(self, rng, constraint):
        actions = super().actions(rng, constraint)
        return actions + rng.choice(["", "", " DEFERRABLE INITIALLY DEFERRED", " NOT VALID"])

    def foreign(self, rng, schema, table):
        constraint = super().foreign(rng, schema, table)
        if constraint and (self.is_partitioned(table) or self.is_partitioned(constraint.table)):
            constraint.tail = constraint.tail.replace(" NOT VALID", "")
        return constraint

    def more_constraints(self):
        return [self.exclude]

    def exclude(self, rng, schema, table):
        ranges = table.plain("range")
        if not ranges or self.is_partitioned(table):
            return None
        return Constraint("exclude", [rng.choice(ranges)], schema.names.new(rng, "c_"))

    def constraint_sql(self, constraint):
        if constraint.kind == "exclude":
            column = self.quoted(constraint.columns[0].name)
            return f"CONSTRAINT {self.quoted(constraint.name)} EXCLUDE USING gist ({column} WITH &&)"
        return super().constraint_sql(constraint)

    def may_drop_constraint(self, table, constraint):
        return not (self.is_partitioned(table) and constraint.kind == "primary")

    def options(self, rng, schema, table):
        choice = rng.choice(["comment", "comment", "fillfactor", "UNLOGGED", "rls", "replica", "partition"])
        if choice == "partition":
            return self.partition(rng, schema, table)
        if choice in ("fillfactor", "UNLOGGED", "replica") and self.is_partitioned(table):
            return False
        if choice == "UNLOGGED" and any(c.kind == "foreign" and (c.table is table or each is table)
                                        for each in schema.tables for c in each.constraints):
            return False
        if choice in table.options:
            del table.options[choice]
        else:
            table.options[choice] = {"comment": rng.choice(["a table", "it's; so"]), "fillfactor": rng.choice([70, 90]),
                                     "UNLOGGED": True, "rls": rng.choice(["ENABLE", "FORCE"]),
                                     "replica": "FULL"}[choice]
        return True

    def partition(self, rng, schema, table):
        if self.is_partitioned(table):
            partition = table.options["partition"]
            bounds = partition["bounds"]
            free = [bound for bound in range(10, 100, 10) if bound not in bounds]
            if len(bounds) > 1 and rng.random() < 0.4:
                bounds.remove(rng.choice(bounds))
            elif free and rng.random() < 0.7:
                bounds.append(rng.choice(free))
            else:
                partition["default"] = not partition["default"]
            return True
        fresh = not any(base.base is table for base in schema.views) and schema.tables and schema.tables[-1] is table
        key = table.key()
        columns = key.columns if key and len(key.columns) == 1 else table.plain("int") if not key else []
        if not fresh or len(table.constraints) > (1 if key else 0) or table.indexes or table.triggers or \
                table.options or not columns:
            return False
        if any(c.kind == "foreign" and c.table is table for each in schema.tables for c in each.constraints) or \
                any(c.extra.get("identity") for c in table.columns):
            return False
        table.options["partition"] = {"column": rng.choice(columns), "method": rng.choice(["RANGE", "LIST"]),
                                      "bounds": rng.sample(range(10, 100, 10), 2), "default": rng.random() < 0.5,
                                      "name": schema.names.new(rng, "p_")}
        return True

    def partition_statements(self, table):
        partition = table.options["partition"]
        texts = []
        bounds = sorted(partition["bounds"])
        for index, bound in enumerate(bounds):
            name = self.quoted(f"{partition['name']}_{bound}")
            values = f"FROM ({bound}) TO ({bound + 10})" if partition["method"] == "RANGE" else f"IN ({bound}, {bound + 1})"
            texts.append(f"CREATE TABLE {name} PARTITION OF {self.ref(table)} FOR VALUES {values}")
        if partition["default"]:
            name = self.quoted(f"{partition['name']}_rest")
            texts.append(f"CREATE TABLE {name} PARTITION OF {self.ref(table)} DEFAULT")
        return texts

    def table_statements(self, table):
        parts = [self.column_sql(column) for column in table.columns]
        parts += [self.constraint_sql(c) for c in table.constraints if not self.is_late(c)]
        body = ",\n  ".join(parts)
        tail = f" WITH (fillfactor={table.options['fillfactor']})" if "fillfactor" in table.options else ""
        if self.is_partitioned(table):
            partition = table.options["partition"]
            tail = f" PARTITION BY {partition['method']} ({self.quoted(partition['column'].name)})"
        unlogged = "UNLOGGED " if table.options.get("UNLOGGED") else ""
        texts = [f"CREATE {unlogged}TABLE {self.ref(table)} (\n  {body}\n){tail}"]
        if self.is_partitioned(table):
            texts += self.partition_statements(table)
        for column in table.columns:
            if "statistics" in column.extra:
                texts.append(f"ALTER TABLE {self.ref(table)} ALTER {self.quoted(column.name)} SET STATISTICS "
                             f"{column.extra['statistics']}")
            if "storage" in column.extra:
                texts.append(f"ALTER TABLE {self.ref(table)} ALTER {self.quoted(column.name)} SET STORAGE "
                             f"{column.extra['storage']}")
            if "compression" in column.extra:
                texts.append(f"ALTER TABLE {self.ref(table)} ALTER {self.quoted(column.name)} SET COMPRESSION "
                             f"{column.extra['compression']}")
        if "rls" in table.options:
            texts.append(f"ALTER TABLE {self.ref(table)} {table.options['rls']} ROW LEVEL SECURITY")
        if "replica" in table.options:
            texts.append(f"ALTER TABLE {self.ref(table)} REPLICA IDENTITY FULL")
        return texts

    def is_late(self, constraint):
        return constraint.kind == "foreign" or "NOT VALID" in constraint.tail

    def add_key(self, rng, table, columns):
        key = super().add_key(rng, table, columns)
        if rng.random() < 0.3 and columns[0].type.family == "int" and columns[0].default is None:
            columns[0].extra["identity"] = "BY DEFAULT AS IDENTITY"
        return key

    # ---- Indexes ----

    def direction(self, rng):
        return rng.choice(["", "", "", " DESC", " DESC NULLS LAST", " NULLS FIRST"])

    def index(self, rng, schema, table):
        other = table.plain("json", "array", "range", "search")
        if other and rng.random() < 0.4:
            column = rng.choice(other)
            index = Index(schema.names.new(rng, "i_"), [(Expression("{0}", [column]), "")])
            index.extra["method"] = "gist" if column.type.family == "range" else "gin"
            table.indexes.append(index)
            return index
        return super().index(rng, schema, table)

    def index_more(self, rng, schema, table, index):
        if self.is_partitioned(table):
            index.unique = False
        chance = rng.random()
        if chance < 0.15:
            index.parts = [(Expression("lower({0})", part.columns) if part.columns[0].type.family == "text" else part,
                            tail) for part, tail in index.parts]
        elif chance < 0.25:
            index.parts = [(part, " text_pattern_ops" + tail if part.columns[0].type.sql == "text" else tail)
                           for part, tail in index.parts]
        elif chance < 0.35 and not index.unique:
            index.parts = [(index.parts[0][0], "")]
            index.extra["method"] = rng.choice(["hash", "brin"])
        elif chance < 0.45:
            others = [c for c in table.plain("int", "text") if c not in index.uses()]
            index.extra["include"] = [rng.choice(others)] if others else []
        if rng.random() < 0.2:
            index.where = self.condition(rng, table)
        if rng.random() < 0.1 and "method" not in index.extra:
            index.extra["fillfactor"] = 80
        if rng.random() < 0.15:
            index.extra["comment"] = "an index"

    def index_sql(self, table, index):
        parts = ", ".join((part.sql(self) if part.text == "{0}" else f"({part.sql(self)})") + tail
                          for part, tail in index.parts)
        method = f" USING {index.extra['method']}" if "method" in index.extra else ""
        include = f" INCLUDE ({self.column_list(index.extra['include'])})" if index.extra.get("include") else ""
        tail = f" WITH (fillfactor={index.extra['fillfactor']})" if "fillfactor" in index.extra else ""
        where = f" WHERE {index.where.sql(self)}" if index.where else ""
        return f"CREATE {'UNIQUE ' if index.unique else ''}INDEX {self.quoted(index.name)} ON {self.ref(table)}{method} " \
               f"({parts}){include}{tail}{where}"

    # ---- Views, triggers ----

    def view_options(self, rng, schema, view):
        chance = rng.random()
        if chance < 0.2:
            view.extra["materialized"] = not view.extra.get("materialized")
        elif chance < 0.4:
            view.extra["with"] = rng.choice(["security_barrier=true", "check_option=local", "security_invoker=true"])
            if view.base in schema.views and "check_option" in view.extra["with"]:
                del view.extra["with"]
        elif chance < 0.5:
            view.extra["comment"] = "a view"
        else:
            return super().view_options(rng, schema, view)
        return True

    def view_sql(self, view):
        kind = "MATERIALIZED VIEW" if view.extra.get("materialized") else "VIEW"
        options = f" WITH ({view.extra['with']})" if "with" in view.extra and kind == "VIEW" else ""
        return f"CREATE {kind} {self.quoted(view.name)}{options} AS {self.view_select(view)}"

    def trigger(self, rng, schema, table):
        trigger = super().trigger(rng, schema, table)
        if "UPDATE" in trigger.head and rng.random() < 0.5:
            trigger.extra["of"] = True
        if rng.random() < 0.4 and "DELETE" not in trigger.head:
            trigger.extra["when"] = True
        if rng.random() < 0.15:
            trigger.extra["enabled"] = rng.choice(["DISABLE", "ENABLE ALWAYS", "ENABLE REPLICA"])
        return trigger

    def trigger_body(self, rng, table, head):
        return Expression("{0}", [rng.choice(table.plain())])

    def trigger_statements(self, table, trigger):
        column = self.quoted(trigger.body.columns[0].name)
        of = f" OF {column}" if trigger.extra.get("of") else ""
        when = f" WHEN (NEW.{column} IS NOT NULL)" if trigger.extra.get("when") else ""
        texts = [f"CREATE TRIGGER {self.quoted(trigger.name)} {trigger.head}{of} ON {self.ref(table)} FOR EACH ROW{when} "
                 f"EXECUTE FUNCTION touch()"]
        if "enabled" in trigger.extra:
            word = trigger.extra["enabled"]
            texts.append(f"ALTER TABLE {self.ref(table)} {word} TRIGGER {self.quoted(trigger.name)}")
        return texts

    def changes(self):
        return ([add_serial, change_owner] + [add_type, drop_type] + [change_type] * 3 + [add_function, drop_function, change_function, add_sequence,
                drop_sequence, change_sequence, move_table] + [add_part, drop_part] * 2 + [change_publication])

    # ---- Writing ----

    def part_sql(self, table, part):
        kind, name, expression, extra = part
        if kind == "policy":
            return f"CREATE POLICY {self.quoted(name)} ON {self.ref(table)}{extra} USING ({expression.sql(self)})"
        if kind == "rule":
            return f"CREATE RULE {self.quoted(name)} AS ON DELETE TO {self.ref(table)} WHERE {expression.sql(self, 'old.')} " \
                   f"DO {extra}NOTHING"
        return f"CREATE STATISTICS {self.quoted(name)}{extra} ON {expression.sql(self)} FROM {self.ref(table)}"

    def code_sql(self, code):
        body = code["body"]
        kind, body = body.split(":", 1) if body.startswith("AGGREGATE:") else ("FUNCTION", body)
        return f"CREATE {kind} {self.quoted(code['name'])}{body}"

    def comments(self, schema):
        found = []
        for table in schema.tables:
            found.append(("TABLE", self.ref(table), table.options.get("comment")))
            found += [("COLUMN", f"{self.ref(table)}.{self.quoted(c.name)}", c.extra.get("comment"))
                      for c in table.columns]
            space = f"{self.quoted(table.options['schema'])}." if table.options.get("schema") else ""
            found += [("INDEX", space + self.quoted(i.name), i.extra.get("comment")) for i in table.indexes]
        for view in schema.views:
            kind = "MATERIALIZED VIEW" if view.extra.get("materialized") else "VIEW"
            found.append((kind, self.quoted(view.name), view.extra.get("comment")))
        return [f"COMMENT ON {kind} {name} IS {self.literal(text)}" for kind, name, text in found if text]

    def statements(self, schema):
        texts = [f"CREATE SCHEMA {self.quoted(space['name'])}" for space in schema.others["schema"]]
        texts += type_statements(self, schema)
        texts += [f"CREATE SEQUENCE {self.quoted(s['name'])} {s['options']}" for s in live_sequences(schema)]
        texts.append("CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END; $$")
        texts += [self.code_sql(code) for code in schema.others["function"]]
        for table in schema.tables:
            texts += self.table_statements(table)
        for table in schema.tables:
            texts += [f"ALTER TABLE {self.ref(table)} ADD {self.constraint_sql(c)}" for c in table.constraints
                      if self.is_late(c)]
        texts += [f"ALTER SEQUENCE {self.quoted(s['name'])} OWNED BY {self.ref(s['table'])}.{self.quoted(s['column'].name)}"
                  for s in live_sequences(schema) if s.get("owned")]
        texts += [self.index_sql(table, index) for table in schema.tables for index in table.indexes]
        texts += [self.view_sql(view) for view in self.ordered_views(schema)]
        for table in schema.tables:
            for trigger in table.triggers:
                texts += self.trigger_statements(table, trigger)
            texts += [self.part_sql(table, part) for part in table.parts]
        for publication in schema.others["publication"]:
            tables = ", ".join(self.ref(table) for table in publication["tables"] if table in schema.tables)
            texts.append(f"CREATE PUBLICATION {self.quoted(publication['name'])}" + (f" FOR TABLE {tables}" if tables else ""))
        return texts + self.comments(schema)


# ---- Functions and sequences ----

BODIES = [
    "(a integer) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT a + 1 $$",
    "(a integer) RETURNS integer LANGUAGE sql STABLE COST 5 AS $$ SELECT a + 2 $$",
    "(a integer) RETURNS bigint LANGUAGE sql AS $$ SELECT a::bigint $$",
    "(a integer, b text DEFAULT 'x;y') RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path TO 'public' AS "
    "$f$ BEGIN RETURN a || b; END; $f$",
    "(OUT a integer, OUT b text) LANGUAGE sql AS $$ SELECT 1, 'x' $$",
    "(VARIADIC a integer[]) RETURNS SETOF integer LANGUAGE sql ROWS 10 PARALLEL SAFE AS $$ SELECT unnest(a) $$",
    "(a integer) RETURNS integer LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT a * 3; END",
    "AGGREGATE:(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0')",
    "AGGREGATE:(integer) (SFUNC = int4larger, STYPE = integer, PARALLEL = safe)",
]


def add_function(dialect, rng, schema):
    function = {"name": schema.names.new(rng, "f_"), "body": rng.choice(BODIES)}
    schema.others["function"].append(function)
    return f"add function {function['name']}"


def is_other_kind(one, other):
    return one.startswith("AGGREGATE:") != other.startswith("AGGREGATE:")


def drop_function(dialect, rng, schema):
    function = changes.pick(rng, schema.others["function"])
    if not function:
        return None
    schema.others["function"].remove(function)
    return f"drop function {function['name']}"


def change_function(dialect, rng, schema):
    function = changes.pick(rng, schema.others["function"])
    if not function:
        return None
    function["body"] = rng.choice([body for body in BODIES if not is_other_kind(body, function["body"])])
    return f"change function {function['name']}"


SEQUENCES = ["START WITH 5 INCREMENT BY 2", "AS integer MAXVALUE 1000 CYCLE", "AS smallint", "MINVALUE -5 START WITH 0 CACHE 7",
             "INCREMENT BY -1"]


def add_sequence(dialect, rng, schema):
    sequence = {"name": schema.names.new(rng, "s_"), "options": rng.choice(SEQUENCES)}
    schema.others["sequence"].append(sequence)
    return f"add sequence {sequence['name']}"


def live_sequences(schema):
    """A column takes the sequence along that belongs to it."""
    return [s for s in schema.others["sequence"] if "table" not in s or (
        s["table"] in schema.tables and s["column"] in s["table"].columns)]


def add_serial(dialect, rng, schema):
    table = changes.pick(rng, [table for table in schema.tables if not table.options.get("schema")])
    columns = [c for c in table.plain("int") if c.default is None and not c.extra.get("identity") and
               c.type in dialect.types] if table else []
    if not columns or dialect.is_partitioned(table):
        return None
    column = rng.choice(columns)
    name = schema.names.new(rng, "s_")
    column.default = "nextval('{}'::regclass)".format(dialect.quoted(name).replace("'", "''"))
    schema.others["sequence"].append({"name": name, "options": rng.choice(["", "AS integer", "START WITH 3"]),
                                      "table": table, "column": column, "owned": rng.random() < 0.8})
    return f"add serial to {table.name}.{column.name}"


def change_owner(dialect, rng, schema):
    sequence = changes.pick(rng, [s for s in live_sequences(schema) if "table" in s])
    if not sequence:
        return None
    sequence["owned"] = not sequence["owned"]
    return f"owner of sequence {sequence['name']}"


def drop_sequence(dialect, rng, schema):
    sequence = changes.pick(rng, live_sequences(schema))
    if not sequence:
        return None
    if "table" in sequence and "nextval" in (sequence["column"].default or ""):
        sequence["column"].default = None
    schema.others["sequence"].remove(sequence)
    return f"drop sequence {sequence['name']}"


def change_sequence(dialect, rng, schema):
    sequence = changes.pick(rng, live_sequences(schema))
    if not sequence:
        return None
    sequence["options"] = rng.choice(SEQUENCES)
    return f"change sequence {sequence['name']}"


# ---- Parts of tables ----


def add_part(dialect, rng, schema):
    table = changes.pick(rng, schema.tables)
    kind = rng.choice(["policy", "policy", "statistics", "rule"])
    name = schema.names.new(rng, "x_")
    if kind == "statistics":
        columns = table.plain("int", "text", "number", "date") if table else []
        if len(columns) < 2:
            return None
        expression = Expression("{0}, {1}", rng.sample(columns, 2))
        table.parts.append((kind, name, expression, rng.choice(["", " (ndistinct)", " (dependencies, mcv)"])))
    else:
        expression = dialect.condition(rng, table) if table else None
        if not expression or kind == "rule" and dialect.is_partitioned(table):
            return None
        extra = rng.choice(["", " AS RESTRICTIVE", " FOR UPDATE", " FOR SELECT"]) if kind == "policy" else \
            rng.choice(["ALSO ", "INSTEAD "])
        table.parts.append((kind, name, expression, extra))
    return f"add {kind} {name}"


def drop_part(dialect, rng, schema):
    table = changes.pick(rng, [table for table in schema.tables if table.parts])
    if not table:
        return None
    part = rng.choice(table.parts)
    table.parts.remove(part)
    return f"drop {part[0]} {part[1]}"


def move_table(dialect, rng, schema):
    table = changes.pick(rng, [table for table in schema.tables if schema.others["schema"]])
    if not table or dialect.is_partitioned(table) or any(s.get("table") is table for s in live_sequences(schema)):
        return None
    schema.forget_references(table)
    for view in [view for view in schema.views if view.base is table]:
        if view in schema.views:
            schema.forget_view(view)
    table.constraints = [c for c in table.constraints if c.kind != "foreign"]
    if not table.options.pop("schema", None):
        table.options["schema"] = rng.choice(schema.others["schema"])["name"]
    return f"move table {table.name}"


def change_publication(dialect, rng, schema):
    publications = schema.others["publication"]
    tables = [table for table in schema.tables if not table.options.get("UNLOGGED")]
    if publications and rng.random() < 0.4:
        publications.pop()
        return "drop publication"
    if not tables:
        return None
    chosen = rng.sample(tables, rng.randint(1, len(tables)))
    if publications:
        publications[0]["tables"] = chosen
        return "change publication"
    publications.append({"name": schema.names.new(rng, "pub_"), "tables": chosen})
    return "add publication"
