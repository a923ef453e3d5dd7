"""MariaDB: everything of its object table that needs no plugin."""

from . import changes
from .dialect import Dialect
from .objects import Constraint, Expression, Type

TIMES = ["'2020-01-02 03:04:05'", "current_timestamp()", "NULL"]


class MariaDB(Dialect):
    name = "mariadb"
    quote = "`"
    types = [
        Type("INT", "int", ["0", "-5", "42", "(1 + 2)"]),
        Type("INT UNSIGNED", "int", ["7"]),
        Type("BIGINT", "int", ["7"]),
        Type("SMALLINT", "int", ["1"]),
        Type("MEDIUMINT UNSIGNED", "int", ["1"]),
        Type("DECIMAL(10,2)", "number", ["1.25", "-3.00"]),
        Type("DECIMAL(5,0) UNSIGNED", "number", ["9"]),
        Type("DOUBLE", "number", ["0.5"]),
        Type("FLOAT", "number", ["1.5"]),
        Type("VARCHAR(20)", "text", ["'none'", "''", "'it''s'", "NULL", "(lower('X'))"]),
        Type("VARCHAR(60)", "text", ["'a b'"]),
        Type("CHAR(5)", "text", ["'abc'"]),
        Type("TEXT", "clob", ["'text'"]),
        Type("MEDIUMTEXT", "clob"),
        Type("JSON", "json", ["'[]'"]),
        Type("BLOB", "blob"),
        Type("VARBINARY(16)", "blob", ["'ab'"]),
        Type("DATE", "date", ["'2020-01-01'", "(curdate())"]),
        Type("DATETIME", "date", TIMES),
        Type("DATETIME(3)", "date", ["current_timestamp(3)"]),
        Type("TIMESTAMP", "date", ["'2020-01-02 03:04:05'", "current_timestamp()"]),
        Type("TIME", "time", ["'01:02:03'"]),
        Type("YEAR", "year", ["2020"]),
        Type("BOOLEAN", "bool", ["0", "1"]),
        Type("ENUM('a','b')", "enum", ["'a'"]),
        Type("ENUM('a','b','it''s')", "enum", ["'b'"]),
        Type("ENUM('b','a')", "enum", ["'a'"]),
        Type("SET('x','y','z')", "set", ["'x,y'"]),
        Type("BIT(8)", "bits", ["b'101'"]),
        Type("UUID", "uuid", ["(uuid())"]),
        Type("INET6", "inet", ["'::1'"]),
        Type("POINT", "shape"),
    ]

    # ---- Columns ----

    def add_key(self, rng, table, columns):
        key = changes.primary(table, columns)
        if len(columns) == 1 and rng.random() < 0.4 and not self.is_minded(table, columns[0]):
            columns[0].extra["auto"] = True
            columns[0].default = None
        return key

    def is_minded(self, table, column):
        return any(c.kind == "check" and column in c.uses() for c in table.constraints) or any(
            c.generated and column in c.generated.columns for c in table.columns) or column.generated

    def may_compute(self, table, column):
        foreign = any(c.kind == "foreign" and column in c.columns for c in table.constraints)
        return not column.extra.get("auto") and not foreign

    def may_check(self, table, column):
        return self.may_compute(table, column)

    def may_decorate(self, table, column):
        return not column.extra.get("auto") and not column.extra.get("update")

    def may_drop_constraint(self, table, constraint):
        if constraint.kind == "primary":
            return not any(column.extra.get("auto") for column in constraint.columns) and not self.is_partitioned(table)
        return True

    def conditions(self, column):
        if column.type.family == "text":
            return ["char_length({0}) < 300", "{0} <> 'zz''z'", "{0} not like '%;%'"]
        if column.type.family == "date":
            return ["{0} > '1900-01-01'"]
        return super().conditions(column)

    def decorate_more(self, rng, table, column):
        choices = ["comment"]
        if column.type.family in ("text", "clob"):
            choices.append("collate")
        if column.type.sql == "DATETIME" and not column.generated:
            choices.append("update")
        if not column.notnull and not column.generated and sum(not c.extra.get("invisible") for c in table.columns) > 2:
            choices.append("invisible")
        key = table.key()
        choice = rng.choice(choices)
        if choice in column.extra:
            del column.extra[choice]
        elif choice == "comment":
            column.extra["comment"] = rng.choice(["a comment", "it's; so", "größer"])
        elif choice == "collate":
            column.extra["collate"] = rng.choice(["utf8mb4_bin", "latin1_swedish_ci", "utf8mb4_unicode_ci"])
        elif not key or column not in key.columns:
            column.extra[choice] = True
        return True

    def computed(self, rng, source):
        if "UNSIGNED" in source.type.sql:  # whether a difference may be negative is for the session to say
            return Expression(rng.choice(["{0} + 1", "{0} * 2"]), [source])
        return super().computed(rng, source)

    def is_stored(self, rng):
        return rng.random() < 0.5

    def column_sql(self, column):
        words = [self.quoted(column.name), column.type.sql]
        if column.extra.get("collate"):
            collation = column.extra["collate"]
            words.append(f"CHARACTER SET {collation.split('_')[0]} COLLATE {collation}")
        if column.generated:
            words.append(f"GENERATED ALWAYS AS ({column.generated.sql(self)}) {'STORED' if column.stored else 'VIRTUAL'}")
        else:
            words.append("NOT NULL" if column.notnull else "NULL")
            if column.default is not None and not (column.notnull and column.default == "NULL"):
                words.append(f"DEFAULT {column.default}")
            if column.extra.get("update"):
                words.append("ON UPDATE current_timestamp()")
            if column.extra.get("auto"):
                words.append("AUTO_INCREMENT")
        if column.extra.get("invisible") and not column.notnull:
            words.append("INVISIBLE")
        if column.extra.get("comment"):
            words.append(f"COMMENT {self.literal(column.extra['comment'])}")
        return " ".join(words)

    # ---- Tables ----

    def is_partitioned(self, table):
        return "partition" in table.options

    def may_refer(self, table, parent):
        return not self.is_partitioned(parent) and "ENGINE" not in parent.options

    def may_refer_from(self, table):
        return not self.is_partitioned(table) and "ENGINE" not in table.options

    def unique(self, rng, schema, table):
        return None if self.is_partitioned(table) else super().unique(rng, schema, table)

    def has_references(self, schema, table):
        return any(c.kind == "foreign" and (c.table is table or each is table)
                   for each in schema.tables for c in each.constraints)

    def options(self, rng, schema, table):
        choice = rng.choice(["COMMENT", "COMMENT", "ROW_FORMAT", "CHARSET", "ENGINE", "versioned", "partition"])
        if choice in table.options:
            del table.options[choice]
        elif choice == "COMMENT":
            table.options["COMMENT"] = self.literal(rng.choice(["a table", "it's so", "größe"]))
        elif choice == "ROW_FORMAT":
            table.options["ROW_FORMAT"] = rng.choice(["DYNAMIC", "COMPACT"])
        elif choice == "CHARSET":
            table.options["CHARSET"] = rng.choice(["latin1", "utf8mb4 COLLATE=utf8mb4_bin", "utf8mb3"])
        elif choice == "ENGINE":
            if self.has_references(schema, table) or self.is_partitioned(table) or "versioned" in table.options:
                return False
            table.options["ENGINE"] = "Aria"
        elif choice == "versioned":
            if self.is_partitioned(table) or any(c.kind == "foreign" for c in table.constraints):
                return False
            table.options["versioned"] = True
        else:
            return self.partition(rng, schema, table)
        return True

    def partition(self, rng, schema, table):
        key = table.key()
        unique = any(c.kind == "unique" for c in table.constraints) or any(i.unique for i in table.indexes)
        other = any(i.extra.get("kind") for i in table.indexes) or any(c.type.family == "shape" for c in table.columns)
        if not key or len(key.columns) != 1 or unique or other or self.has_references(schema, table) or \
                "versioned" in table.options or "ENGINE" in table.options:
            return False
        column = self.quoted(key.columns[0].name)
        if rng.random() < 0.4:
            table.options["partition"] = f"PARTITION BY HASH ({column}) PARTITIONS {rng.randint(2, 5)}"
        else:
            bounds = sorted(rng.sample(range(10, 100), rng.randint(1, 3)))
            parts = [f"PARTITION `p{bound}` VALUES LESS THAN ({bound})" for bound in bounds]
            parts.append("PARTITION `rest` VALUES LESS THAN MAXVALUE")
            table.options["partition"] = f"PARTITION BY RANGE ({column}) ({', '.join(parts)})"
        return True

    def table_sql(self, table):
        parts = [self.column_sql(column) for column in table.columns]
        parts += [self.constraint_sql(constraint) for constraint in table.constraints if constraint.kind != "foreign"]
        parts += [self.index_sql(index) for index in table.indexes]
        body = ",\n  ".join(parts)
        tail = "".join(f" {key}={value}" for key, value in table.options.items() if key.isupper())
        if table.options.get("versioned"):
            tail += " WITH SYSTEM VERSIONING"
        if self.is_partitioned(table):
            tail += "\n" + table.options["partition"]
        return f"CREATE TABLE {self.quoted(table.name)} (\n  {body}\n){tail}"

    # ---- Indexes ----

    def keyable(self, table):
        return table.plain("int", "text", "number", "date", "clob", "year", "enum", "uuid")

    def index_more(self, rng, schema, table, index):
        if self.is_partitioned(table):
            index.unique = False
        words = [column for part, _ in index.parts for column in part.columns if column.type.family in ("text", "clob")]
        if words and len({c.extra.get("collate") for c in words}) == 1 and rng.random() < 0.2 and \
                not self.is_partitioned(table):
            index.parts = [(Expression("{0}", [column]), "") for column in words]
            index.extra["kind"] = "FULLTEXT "
            index.unique = False
        else:
            index.parts = [(part, self.prefix(rng, part.columns[0]) + tail) for part, tail in index.parts]
        if rng.random() < 0.15:
            index.extra["comment"] = "an index"
        if rng.random() < 0.1:
            index.extra["ignored"] = True

    def prefix(self, rng, column):
        if column.type.family == "clob":
            return "(10)"
        return "(4)" if column.type.family == "text" and rng.random() < 0.2 else ""

    def constraint_sql(self, constraint):
        if constraint.kind in ("unique", "primary"):
            parts = ", ".join(self.quoted(c.name) + ("(20)" if c.type.family == "clob" else "")
                              for c in constraint.columns)
            if constraint.kind == "primary":
                return f"PRIMARY KEY ({parts})"
            return f"UNIQUE KEY {self.quoted(constraint.name) if constraint.name else ''} ({parts})"
        return super().constraint_sql(constraint)

    def index_sql(self, index):
        parts = ", ".join(part.sql(self) + tail for part, tail in index.parts)
        kind = index.extra.get("kind", "UNIQUE " if index.unique else "")
        tail = f" COMMENT {self.literal(index.extra['comment'])}" if index.extra.get("comment") else ""
        tail += " IGNORED" if index.extra.get("ignored") else ""
        return f"{kind}KEY {self.quoted(index.name)} ({parts}){tail}"

    # ---- Views and code ----

    def view_options(self, rng, schema, view):
        if rng.random() < 0.4:
            view.extra["algorithm"] = rng.choice(["MERGE", "TEMPTABLE", "UNDEFINED"])
            view.extra["security"] = rng.choice(["INVOKER", "DEFINER"])
            return True
        return super().view_options(rng, schema, view)

    def trigger_body(self, rng, table, head):
        row = "OLD" if "DELETE" in head else "NEW"
        column = rng.choice(table.columns)
        return Expression(rng.choice([
            f"SET @seen = {row}.{{0}}",
            f"BEGIN IF {row}.{{0}} IS NULL THEN SET @seen = 'a;b'; END IF; END",
            f"BEGIN DECLARE n INT DEFAULT 0; WHILE n < 2 DO SET n = n + 1; END WHILE; SET @seen = {row}.{{0}}; END",
        ]), [column])

    BODIES = [
        ("FUNCTION", "(a INT, b VARCHAR(10)) RETURNS INT DETERMINISTIC", "RETURN a + char_length(b)"),
        ("FUNCTION", "(a INT) RETURNS VARCHAR(20) CHARSET utf8mb4 READS SQL DATA COMMENT 'says'",
         "BEGIN IF a > 1 THEN RETURN 'more;'; END IF; RETURN 'less'; END"),
        ("PROCEDURE", "(IN a INT, OUT b INT)", "SET b = a * 2"),
        ("PROCEDURE", "(INOUT a INT) SQL SECURITY INVOKER",
         "BEGIN DECLARE done INT DEFAULT 0; again: LOOP SET a = a + 1; IF a > 9 THEN LEAVE again; END IF; END LOOP; END"),
        ("EVENT", " ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DISABLE COMMENT 'rarely' DO", "SET @x = 1"),
        ("EVENT", " ON SCHEDULE EVERY 2 HOUR STARTS '2030-01-01 00:00:00' ON COMPLETION PRESERVE DISABLE DO",
         "BEGIN SET @x = 1; SET @y = 2; END"),
        ("SEQUENCE", " START WITH 5 INCREMENT BY 2 MINVALUE 1 MAXVALUE 999 CACHE 10", ""),
        ("SEQUENCE", " START WITH 1 CYCLE", ""),
    ]

    def behind_tables(self, rng, schema):
        for _ in range(rng.choice([0, 0, 1, 2])):
            add_code(self, rng, schema)

    def code_sql(self, code):
        kind, head, body = code["body"]
        return f"CREATE {kind} {self.quoted(code['name'])}{head}{' ' if body else ''}{body}"

    def changes(self):
        return [add_code, drop_code, change_code, add_column_check]

    # ---- Writing ----

    def statements(self, schema):
        texts = [self.table_sql(table) for table in schema.tables]
        texts += [f"ALTER TABLE {self.quoted(table.name)} ADD {self.constraint_sql(constraint)}"
                  for table in schema.tables for constraint in table.constraints if constraint.kind == "foreign"]
        texts += [self.code_sql(code) for code in schema.others.get("code", [])]
        for view in self.ordered_views(schema):
            algorithm = f"ALGORITHM={view.extra['algorithm']} " if "algorithm" in view.extra else ""
            security = f"SQL SECURITY {view.extra['security']} " if "security" in view.extra else ""
            texts.append(f"CREATE {algorithm}{security}VIEW {self.quoted(view.name)} AS {self.view_select(view)}")
        texts += [f"CREATE TRIGGER {self.quoted(trigger.name)} {trigger.head} ON {self.quoted(table.name)} FOR EACH ROW "
                  f"{self.trigger_sql(trigger)}" for table in schema.tables for trigger in table.triggers]
        return texts

    def trigger_sql(self, trigger):
        return trigger.body.sql(self)


def add_code(dialect, rng, schema):
    body = rng.choice(dialect.BODIES)
    code = {"name": schema.names.new(rng, "r_"), "body": body}
    schema.others.setdefault("code", []).append(code)
    return f"add {body[0].lower()} {code['name']}"


def drop_code(dialect, rng, schema):
    code = changes.pick(rng, schema.others.get("code"))
    if not code:
        return None
    schema.others["code"].remove(code)
    return f"drop {code['body'][0].lower()} {code['name']}"


def change_code(dialect, rng, schema):
    code = changes.pick(rng, schema.others.get("code"))
    if not code:
        return None
    code["body"] = rng.choice([body for body in dialect.BODIES if body[0] == code["body"][0]])
    return f"change {code['body'][0].lower()} {code['name']}"


def add_column_check(dialect, rng, schema):
    table = changes.pick(rng, schema.tables)
    expression = dialect.condition(rng, table) if table else None
    if not expression:
        return None
    table.constraints.append(Constraint("check", [], schema.names.new(rng, "c_"), expression))
    return f"add check to {table.name}"
