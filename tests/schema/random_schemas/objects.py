"""What schemas are made of. Objects refer to each other, so that what is dropped is dropped with all that names it."""


class Names:
    """Names that are new in any case, some of which need quotes."""

    PLAIN = ("orders customer item line note total status price code label amount city state owner kind level weight "
             "color size event batch shift plant route stock rate share topic entry period parent remark origin").split()
    ODD = ["order", "group", "select", "user", "Total", "two words", "größe", "from", "Mixed Case", "table", "a-b",
           "naïve", "key", "default", "it's", "UPPER", "x y z", "表", "check", "in"]

    def __init__(self):
        self.used = set()

    def new(self, rng, prefix=""):
        for attempt in range(1000):
            word = rng.choice(self.ODD) if rng.random() < 0.12 else rng.choice(self.PLAIN)
            name = prefix + word if attempt < 3 else f"{prefix}{word}{rng.randrange(2, 999)}"
            if name.casefold() not in self.used:
                self.used.add(name.casefold())
                return name
        raise RuntimeError("no name left")


class Expression:
    """A text with {0}, {1} … for columns."""

    def __init__(self, text, columns):
        self.text = text
        self.columns = list(columns)

    def sql(self, dialect, prefix=""):
        return self.text.format(*(prefix + dialect.quoted(column.name) for column in self.columns))


class Type:
    def __init__(self, sql, family, values=(), needs=None):
        self.sql = sql
        self.family = family  # int, number, text, date, time, bool, or one of its own
        self.values = values  # literals for DEFAULT
        self.needs = needs  # the enum or domain that it is

    def __deepcopy__(self, memo):
        return self


class Column:
    def __init__(self, name, kind):
        self.name = name
        self.type = kind
        self.notnull = False
        self.default = None
        self.generated = None  # Expression
        self.stored = False
        self.extra = {}  # what one dialect has


class Constraint:
    """kind: primary, unique, check, foreign, exclude"""

    def __init__(self, kind, columns, name=None, expression=None, table=None, targets=(), tail=""):
        self.kind = kind
        self.columns = list(columns)
        self.name = name
        self.expression = expression
        self.table = table
        self.targets = list(targets)
        self.tail = tail

    def uses(self):
        return self.columns + (self.expression.columns if self.expression else [])


class Index:
    def __init__(self, name, parts):
        self.name = name
        self.parts = parts  # of (Expression, tail)
        self.unique = False
        self.where = None
        self.extra = {}

    def uses(self):
        used = [column for part, _ in self.parts for column in part.columns]
        return used + (self.where.columns if self.where else []) + self.extra.get("include", [])


class Trigger:
    def __init__(self, name, head, body):
        self.name = name
        self.head = head  # "AFTER INSERT"
        self.body = body  # Expression, columns of NEW or OLD
        self.extra = {}


class Table:
    def __init__(self, name):
        self.name = name
        self.columns = []
        self.constraints = []
        self.indexes = []
        self.triggers = []
        self.parts = []  # policies, statistics: (kind, name, Expression, extra)
        self.options = {}

    def key(self):
        for constraint in self.constraints:
            if constraint.kind == "primary":
                return constraint
        return None

    def plain(self, *families):
        return [column for column in self.columns
                if not column.generated and (not families or column.type.family in families)]


class Output:
    """A column of a view."""

    def __init__(self, name, source):
        self.name = name
        self.source = source
        self.type = source.type


class View:
    def __init__(self, name, base):
        self.name = name
        self.base = base  # Table or View
        self.columns = []  # of Output
        self.where = None
        self.extra = {}


class Schema:
    def __init__(self):
        self.names = Names()
        self.tables = []
        self.views = []
        self.others = {}  # kind -> list of dicts, what one dialect has

    # ---- What goes along ----

    def forget_view(self, view):
        self.views.remove(view)
        for other in [other for other in self.views if other.base is view]:
            self.forget_view(other)

    def forget_output(self, view, output):
        view.columns.remove(output)
        if view.where and output.source in view.where.columns:
            view.where = None
        for other in [other for other in self.views if other.base is view]:
            self.forget_in_view(other, output)
        if not view.columns and view in self.views:
            self.forget_view(view)

    def forget_in_view(self, view, source):
        if view.where and source in view.where.columns:
            view.where = None
        for output in [output for output in view.columns if output.source is source]:
            if output in view.columns:
                self.forget_output(view, output)

    def forget_references(self, table, columns=None):
        for other in self.tables:
            other.constraints = [c for c in other.constraints if not (c.kind == "foreign" and c.table is table and (
                columns is None or set(columns) & set(c.targets)))]

    def forget_uses(self, table, column):
        """All that names the column but the column itself."""
        for constraint in [c for c in table.constraints if column in c.uses()]:
            self.forget_constraint(table, constraint)
        self.forget_references(table, [column])
        table.indexes = [index for index in table.indexes if column not in index.uses()]
        table.triggers = [trigger for trigger in table.triggers if column not in trigger.body.columns]
        table.parts = [part for part in table.parts if column not in part[2].columns]
        for other in [o for o in table.columns if o.generated and column in o.generated.columns]:
            self.forget_column(table, other)
        for view in [view for view in self.views if view.base is table]:
            if view in self.views:
                self.forget_in_view(view, column)

    def forget_column(self, table, column):
        if column in table.columns:
            self.forget_uses(table, column)
            table.columns.remove(column)

    def forget_constraint(self, table, constraint):
        if constraint not in table.constraints:
            return
        table.constraints.remove(constraint)
        if constraint.kind in ("primary", "unique"):
            for other in self.tables:
                other.constraints = [c for c in other.constraints
                                     if not (c.kind == "foreign" and c.table is table and
                                             set(c.targets) == set(constraint.columns))]

    def forget_table(self, table):
        self.tables.remove(table)
        self.forget_references(table)
        for view in [view for view in self.views if view.base is table]:
            if view in self.views:
                self.forget_view(view)
