"""What is the same in all dialects when a random schema is made and written."""

from . import changes
from .objects import Column, Constraint, Expression, Index, Schema, Table, Trigger


class Dialect:
    name = ""
    quote = '"'
    types = []
    tables = (2, 6)

    # ---- Names and literals ----

    def quoted(self, name):
        return self.quote + name.replace(self.quote, self.quote * 2) + self.quote

    def ref(self, thing):
        """As a statement names a table or view."""
        return self.quoted(thing.name)

    def literal(self, text):
        return "'" + text.replace("'", "''") + "'"

    # ---- Making ----

    def schema(self, rng):
        schema = Schema()
        self.before_tables(rng, schema)
        for _ in range(rng.randint(*self.tables)):
            self.table(rng, schema)
        for _ in range(rng.choice([0, 0, 1, 2, 3])):
            changes.make_view(self, rng, schema)
        self.behind_tables(rng, schema)
        return schema

    def before_tables(self, rng, schema):
        pass

    def behind_tables(self, rng, schema):
        pass

    def table(self, rng, schema):
        table = Table(schema.names.new(rng))
        table.names = type(schema.names)()
        schema.tables.append(table)
        if rng.random() < 0.85:
            key = Column(table.names.new(rng) if rng.random() < 0.2 else "id", self.key_type(rng))
            table.names.used.add("id")
            key.notnull = True
            table.columns.append(key)
            self.add_key(rng, table, [key])
        for _ in range(rng.randint(1, 7)):
            column = self.column(rng, schema, table)
            if rng.random() < 0.6:
                self.decorate(rng, table, column)
        self.options(rng, schema, table)
        for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
            self.constraint(rng, schema, table)
        for _ in range(rng.choice([0, 0, 1, 1, 2])):
            self.index(rng, schema, table)
        if rng.random() < 0.25:
            self.trigger(rng, schema, table)
        return table

    def add_key(self, rng, table, columns):
        return changes.primary(table, columns, table.name[:20] + "_key" if rng.random() < 0.2 else None)

    def column(self, rng, schema, table):
        column = Column(table.names.new(rng), rng.choice(self.all_types(schema)))
        table.columns.append(column)
        return column

    def all_types(self, schema):
        return self.types

    def key_type(self, rng):
        return rng.choice([kind for kind in self.types if kind.family == "int"])

    def other_type(self, rng, schema, kind):
        near = [other for other in self.all_types(schema) if self.is_near(kind, other)]
        return rng.choice(near if near and rng.random() < 0.97 else self.all_types(schema))

    def is_near(self, kind, other):
        groups = [{"int", "number"}, {"date"}, {"text"}]
        return other.sql != kind.sql and (kind.family == other.family or any(
            kind.family in group and other.family in group for group in groups) or
            (other.family == "text" and kind.family in ("int", "number", "bool")))

    def decorate(self, rng, table, column):
        """NOT NULL, DEFAULT, generated."""
        sources = [c for c in table.plain("int", "number", "text") if c is not column and
                   c.type.family == column.type.family and self.may_compute(table, c)]
        if sources and rng.random() < 0.15:
            column.generated = self.computed(rng, rng.choice(sources))
            column.stored = self.is_stored(rng)
            return
        column.notnull = rng.random() < 0.4
        if rng.random() < 0.5:
            column.default = self.default(rng, column)
        if rng.random() < 0.5:
            self.decorate_more(rng, table, column)

    def decorate_more(self, rng, table, column):
        return False

    def default(self, rng, column):
        return rng.choice(column.type.values) if column.type.values else None

    def may_compute(self, table, column):
        return True

    def computed(self, rng, source):
        if source.type.family == "text":
            return Expression(rng.choice(["lower({0})", "upper({0})", "trim({0})"]), [source])
        return Expression(rng.choice(["{0} + 1", "{0} * 2", "({0} - 3) * 2"]), [source])

    def is_stored(self, rng):
        return True

    def conditions(self, column):
        return {
            "int": ["{0} > -1000", "{0} <> 777", "{0} IS NULL OR {0} BETWEEN -9999 AND 9999"],
            "number": ["{0} > -1000", "{0} <> 0.777"],
            "text": ["length({0}) < 300", "{0} <> 'zz''z'", "{0} IS NOT NULL OR 1 = 1"],
        }.get(column.type.family, [])

    def condition(self, rng, table):
        columns = [column for column in table.columns if self.conditions(column) and self.may_check(table, column)]
        if not columns:
            return None
        column = rng.choice(columns)
        return Expression(rng.choice(self.conditions(column)), [column])

    def may_check(self, table, column):
        return True

    # ---- Constraints ----

    def constraint(self, rng, schema, table):
        make = rng.choice([self.unique, self.check, self.check, self.foreign, self.foreign] + self.more_constraints())
        constraint = make(rng, schema, table)
        if constraint:
            table.constraints.append(constraint)
        return constraint

    def more_constraints(self):
        return []

    def constraint_name(self, rng, schema, table):
        return schema.names.new(rng, "c_") if rng.random() < 0.5 else None

    def keyable(self, table):
        return table.plain("int", "text", "number", "date")

    def unique(self, rng, schema, table):
        columns = self.keyable(table)
        if not columns:
            return None
        chosen = rng.sample(columns, rng.randint(1, min(3, len(columns))))
        if any(set(chosen) == set(c.columns) for c in table.constraints if c.kind in ("primary", "unique")):
            return None
        return Constraint("unique", chosen, self.constraint_name(rng, schema, table))

    def check(self, rng, schema, table):
        expression = self.condition(rng, table)
        return Constraint("check", [], self.constraint_name(rng, schema, table), expression) if expression else None

    def foreign(self, rng, schema, table):
        parents = [p for p in schema.tables if p.key() and len(p.key().columns) == 1 and self.may_refer(table, p)]
        parent = rng.choice(parents) if parents else None
        if not parent or not self.may_refer_from(table):
            return None
        target = parent.key().columns[0]
        column = Column(table.names.new(rng), target.type)
        table.columns.append(column)
        constraint = Constraint("foreign", [column], self.constraint_name(rng, schema, table), None, parent, [target])
        constraint.tail = self.actions(rng, constraint)
        return constraint

    def may_refer(self, table, parent):
        return True

    def may_refer_from(self, table):
        return True

    def actions(self, rng, constraint):
        chosen = rng.choice(["", "", " ON DELETE CASCADE", " ON DELETE RESTRICT", " ON UPDATE CASCADE",
                             " ON DELETE SET NULL ON UPDATE CASCADE"])
        return "" if "SET NULL" in chosen and any(c.notnull for c in constraint.columns) else chosen

    # ---- Indexes and triggers ----

    def index(self, rng, schema, table):
        columns = self.keyable(table)
        if not columns:
            return None
        chosen = rng.sample(columns, rng.randint(1, min(3, len(columns))))
        index = Index(schema.names.new(rng, "i_"), [(Expression("{0}", [column]), self.direction(rng))
                                                   for column in chosen])
        index.unique = rng.random() < 0.25
        self.index_more(rng, schema, table, index)
        table.indexes.append(index)
        return index

    def direction(self, rng):
        return rng.choice(["", "", "", " DESC"])

    def index_more(self, rng, schema, table, index):
        pass

    def trigger(self, rng, schema, table):
        head = f"{rng.choice(['BEFORE', 'AFTER'])} {rng.choice(['INSERT', 'UPDATE', 'DELETE'])}"
        trigger = Trigger(schema.names.new(rng, "t_"), head, self.trigger_body(rng, table, head))
        table.triggers.append(trigger)
        return trigger

    # ---- What may be done ----

    def may_drop(self, table, column):
        return not table.key() or column not in table.key().columns

    def may_drop_constraint(self, table, constraint):
        return True

    def may_retype(self, table, column):
        return True

    def may_decorate(self, table, column):
        return True

    def options(self, rng, schema, table):
        return False

    def view_options(self, rng, schema, view):
        if rng.random() < 0.3:
            view.where = self.view_condition(rng, view)
            return True
        return False

    def view_condition(self, rng, view):
        columns = [output.source for output in view.columns if self.conditions(output.source)]
        if not columns:
            return None
        column = rng.choice(columns)
        return Expression(rng.choice(self.conditions(column)), [column])

    def changes(self):
        return []

    # ---- Writing ----

    def column_list(self, columns):
        return ", ".join(self.quoted(column.name) for column in columns)

    def constraint_sql(self, constraint):
        name = f"CONSTRAINT {self.quoted(constraint.name)} " if constraint.name else ""
        columns = self.column_list(constraint.columns)
        if constraint.kind == "check":
            return f"{name}CHECK ({constraint.expression.sql(self)}){constraint.tail}"
        if constraint.kind == "foreign":
            targets = self.column_list(constraint.targets)
            return f"{name}FOREIGN KEY ({columns}) REFERENCES {self.ref(constraint.table)} ({targets})" \
                   f"{constraint.tail}"
        word = "PRIMARY KEY" if constraint.kind == "primary" else "UNIQUE"
        return f"{name}{word} ({columns}){constraint.tail}"

    def view_select(self, view):
        outputs = ", ".join(self.quoted(output.source.name) + ("" if output.name == output.source.name else
                                                               f" AS {self.quoted(output.name)}")
                            for output in view.columns)
        where = f" WHERE {view.where.sql(self)}" if view.where else ""
        return f"SELECT {outputs} FROM {self.ref(view.base)}{where}"

    def ordered_views(self, schema):
        done, left = [], list(schema.views)
        while left:
            ready = [view for view in left if view.base not in left]
            done += ready
            left = [view for view in left if view not in ready]
        return done
