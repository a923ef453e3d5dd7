"""SQLite: everything of its object table."""

from .dialect import Dialect
from .objects import Expression, Type

INTEGER = Type("INTEGER", "int", ["0", "-5", "42", "(1 + 2)"])


class SQLite(Dialect):
    name = "sqlite"
    types = [
        INTEGER,
        Type("BIGINT", "int", ["7"]),
        Type("TEXT", "text", ["'none'", "''", "'it''s'", "(lower('X'))", "NULL"]),
        Type("VARCHAR(20)", "text", ["'a b'", "CURRENT_TIMESTAMP"]),
        Type("REAL", "number", ["0.5", "-1e3"]),
        Type("NUMERIC(10, 2)", "number", ["1.25"]),
        Type("BLOB", "blob", ["x'00ff'"]),
        Type("DATE", "date", ["'2020-01-01'", "CURRENT_DATE", "(date('now'))"]),
        Type("BOOLEAN", "bool", ["0", "1", "TRUE"]),
        Type("", "any", ["1", "'x'"]),
    ]
    strict = {"INTEGER", "TEXT", "REAL", "BLOB", "INT", "ANY"}

    def key_type(self, rng):
        return INTEGER

    def add_key(self, rng, table, columns):
        key = super().add_key(rng, table, columns)
        if len(columns) == 1 and rng.random() < 0.3 and columns[0].type is INTEGER:
            table.options["autoincrement"] = True
        return key

    def decorate_more(self, rng, table, column):
        if column.type.family != "text" or column.generated:
            return False
        column.extra["collate"] = rng.choice(["NOCASE", "RTRIM", "BINARY"])
        return True

    def is_stored(self, rng):
        return rng.random() < 0.5

    def conditions(self, column):
        return super().conditions(column) + (["{0} NOT LIKE '%;%'"] if column.type.family == "text" else [])

    def actions(self, rng, constraint):
        return super().actions(rng, constraint) + rng.choice(["", "", " DEFERRABLE INITIALLY DEFERRED"])

    def options(self, rng, schema, table):
        key = table.key()
        choices = ["strict", "autoincrement"] + (["without rowid"] if key else [])
        if rng.random() < 0.7 and not table.options.get("touched"):
            table.options["touched"] = True
            return False
        choice = rng.choice(choices)
        table.options[choice] = not table.options.get(choice)
        return True

    def index_more(self, rng, schema, table, index):
        index.parts = [self.index_part(rng, part, tail) for part, tail in index.parts]
        if rng.random() < 0.25:
            index.where = self.condition(rng, table)

    def index_part(self, rng, part, tail):
        text = part.columns[0].type.family == "text"
        if text and rng.random() < 0.2:
            return Expression("lower({0})", part.columns), tail
        return part, (" COLLATE NOCASE" if text and rng.random() < 0.2 else "") + tail

    def trigger_body(self, rng, table, head):
        row = "old" if "DELETE" in head else "new"
        column = rng.choice(table.columns)
        return Expression(rng.choice([f"SELECT {row}.{{0}}; ", f"SELECT CASE WHEN {row}.{{0}} IS NULL THEN 1 END; ",
                                      f"SELECT {row}.{{0}}; SELECT 'a;b'; "]), [column])

    # ---- Writing ----

    def column_sql(self, table, column, key_here):
        strict = table.options.get("strict")
        kind = column.type.sql
        if strict and kind not in self.strict:
            kind = {"int": "INT", "text": "TEXT", "number": "REAL", "blob": "BLOB"}.get(column.type.family, "ANY")
        words = [self.quoted(column.name), kind]
        if key_here:
            words.append("PRIMARY KEY AUTOINCREMENT" if self.autoincrement(table) else "PRIMARY KEY")
        if column.notnull:
            words.append("NOT NULL")
        if column.extra.get("collate"):
            words.append(f"COLLATE {column.extra['collate']}")
        if column.generated:
            words.append(f"GENERATED ALWAYS AS ({column.generated.sql(self)}) {'STORED' if column.stored else 'VIRTUAL'}")
        elif column.default is not None:
            words.append(f"DEFAULT {column.default}")
        return " ".join(word for word in words if word)

    def autoincrement(self, table):
        return table.options.get("autoincrement") and not table.options.get("without rowid")

    def key_in_column(self, table):
        key = table.key()
        return key is not None and len(key.columns) == 1 and not key.name and key.columns[0].type is INTEGER

    def table_sql(self, table):
        inline = self.key_in_column(table)
        key = table.key()
        parts = [self.column_sql(table, column, inline and column in key.columns) for column in table.columns]
        parts += [self.constraint_sql(c) for c in table.constraints if not (inline and c is key)]
        without = table.options.get("without rowid") and key
        tail = ", ".join(word for word, there in (("STRICT", table.options.get("strict")), ("WITHOUT ROWID", without))
                         if there)
        body = ",\n  ".join(parts)
        return f"CREATE TABLE {self.quoted(table.name)} (\n  {body}\n)" + (" " + tail if tail else "")

    def index_sql(self, table, index):
        parts = ", ".join(part.sql(self) + tail for part, tail in index.parts)
        where = f" WHERE {index.where.sql(self)}" if index.where else ""
        return f"CREATE {'UNIQUE ' if index.unique else ''}INDEX {self.quoted(index.name)} ON " \
               f"{self.quoted(table.name)} ({parts}){where}"

    def statements(self, schema):
        texts = [self.table_sql(table) for table in schema.tables]
        texts += [self.index_sql(table, index) for table in schema.tables for index in table.indexes]
        texts += [f"CREATE VIEW {self.quoted(view.name)} AS {self.view_select(view)}"
                  for view in self.ordered_views(schema)]
        texts += [f"CREATE TRIGGER {self.quoted(trigger.name)} {trigger.head} ON {self.quoted(table.name)} "
                  f"BEGIN {trigger.body.sql(self)}END" for table in schema.tables for trigger in table.triggers]
        return texts
