"""Random changes that leave a schema whole. Each returns what it did, or None where there was nothing to do it to."""

from .objects import Constraint, Output, View


def pick(rng, things):
    return rng.choice(things) if things else None


def leave_out(schema, name):
    for table in [table for table in schema.tables if table.name == name]:
        schema.forget_table(table)
    for view in [view for view in schema.views if view.name == name]:
        schema.forget_view(view)
    for kind in schema.others:
        schema.others[kind] = [other for other in schema.others[kind] if other.get("name") != name]


# ---- Tables and columns ----


def add_table(dialect, rng, schema):
    table = dialect.table(rng, schema)
    return f"add table {table.name}"


def drop_table(dialect, rng, schema):
    table = pick(rng, schema.tables)
    if not table or len(schema.tables) < 2:
        return None
    schema.forget_table(table)
    return f"drop table {table.name}"


def add_column(dialect, rng, schema):
    table = pick(rng, schema.tables)
    if not table:
        return None
    column = dialect.column(rng, schema, table)
    if rng.random() < 0.7:
        dialect.decorate(rng, table, column)
    if column.notnull and column.default is None and not column.generated:
        column.notnull = False
    if rng.random() < 0.4:
        table.columns.remove(column)
        table.columns.insert(rng.randrange(len(table.columns) + 1), column)
    return f"add column {table.name}.{column.name}"


def droppable(dialect, table):
    return [column for column in table.columns if dialect.may_drop(table, column)]


def drop_column(dialect, rng, schema):
    table = pick(rng, [table for table in schema.tables if len(table.plain()) > 2 and droppable(dialect, table)])
    if not table:
        return None
    column = rng.choice(droppable(dialect, table))
    schema.forget_column(table, column)
    return f"drop column {table.name}.{column.name}"


def replace_column(dialect, rng, schema):
    dropped = drop_column(dialect, rng, schema)
    added = add_column(dialect, rng, schema)
    return f"{dropped}, {added}" if dropped and added else dropped or added


def free_columns(schema, table):
    """Those whose type nothing else minds."""
    minded = {column for each in table.constraints for column in each.uses()}
    minded |= {target for each in schema.tables for c in each.constraints for target in c.targets}
    minded |= {column for index in table.indexes for column in index.uses()}
    minded |= {column for trigger in table.triggers for column in trigger.body.columns}
    minded |= {column for part in table.parts for column in part[2].columns}
    minded |= {column for each in table.columns if each.generated for column in each.generated.columns}
    minded |= {output.source for view in schema.views if view.where for output in view.columns}
    return [column for column in table.columns if column not in minded and not column.generated]


def change_type(dialect, rng, schema):
    table = pick(rng, [table for table in schema.tables if free_columns(schema, table)])
    if not table:
        return None
    column = rng.choice(free_columns(schema, table))
    if not dialect.may_retype(table, column):
        return None
    before = column.type.sql
    column.type = dialect.other_type(rng, schema, column.type)
    column.default = None
    column.extra = {key: value for key, value in column.extra.items() if key == "comment"}
    for view in schema.views:
        for output in view.columns:
            output.type = output.source.type
    return f"type of {table.name}.{column.name} from {before} to {column.type.sql}"


def change_null(dialect, rng, schema):
    table = pick(rng, schema.tables)
    key = table.key() if table else None
    column = pick(rng, [c for c in table.plain() if not key or c not in key.columns]) if table else None
    if not column or not dialect.may_decorate(table, column):
        return None
    if any(c.kind == "foreign" and column in c.columns and "SET NULL" in c.tail for c in table.constraints):
        return None
    column.notnull = not column.notnull
    if column.notnull and rng.random() < 0.6:
        column.default = column.default or dialect.default(rng, column)
    return f"null of {table.name}.{column.name}"


def change_default(dialect, rng, schema):
    table = pick(rng, schema.tables)
    key = table.key() if table else None
    column = pick(rng, [c for c in table.plain() if not key or c not in key.columns]) if table else None
    if not column or not dialect.may_decorate(table, column):
        return None
    column.default = None if column.default and rng.random() < 0.4 else dialect.default(rng, column)
    return f"default of {table.name}.{column.name}"


def change_column(dialect, rng, schema):
    table = pick(rng, schema.tables)
    column = pick(rng, table.columns) if table else None
    if not column or not dialect.decorate_more(rng, table, column):
        return None
    return f"column {table.name}.{column.name}"


def change_generated(dialect, rng, schema):
    table = pick(rng, [table for table in schema.tables if any(column.generated for column in table.columns)])
    if not table:
        return None
    column = rng.choice([column for column in table.columns if column.generated])
    sources = [c for c in table.plain("int", "number", "text") if c.type.family == column.type.family and
               dialect.may_compute(table, c)]
    if rng.random() < 0.3 or not sources:
        column.generated = None
        column.stored = False
    else:
        column.generated = dialect.computed(rng, rng.choice(sources))
        column.stored = dialect.is_stored(rng)
    return f"generated {table.name}.{column.name}"


def reorder(dialect, rng, schema):
    table = pick(rng, [table for table in schema.tables if len(table.columns) > 2])
    if not table:
        return None
    column = rng.choice(table.columns)
    table.columns.remove(column)
    table.columns.insert(rng.randrange(len(table.columns) + 1), column)
    return f"order in {table.name}"


def change_options(dialect, rng, schema):
    table = pick(rng, schema.tables)
    if not table or not dialect.options(rng, schema, table):
        return None
    return f"options of {table.name}"


# ---- Constraints and indexes ----


def add_constraint(dialect, rng, schema):
    table = pick(rng, schema.tables)
    constraint = dialect.constraint(rng, schema, table) if table else None
    return f"add {constraint.kind} to {table.name}" if constraint else None


def drop_constraint(dialect, rng, schema):
    table = pick(rng, [table for table in schema.tables if table.constraints])
    constraint = pick(rng, [c for c in table.constraints if dialect.may_drop_constraint(table, c)]) if table else None
    if not constraint:
        return None
    schema.forget_constraint(table, constraint)
    return f"drop {constraint.kind} of {table.name}"


def change_constraint(dialect, rng, schema):
    table = pick(rng, [t for t in schema.tables if any(c.kind in ("check", "foreign") for c in t.constraints)])
    if not table:
        return None
    constraint = rng.choice([c for c in table.constraints if c.kind in ("check", "foreign")])
    if constraint.kind == "check":
        constraint.expression = dialect.condition(rng, table) or constraint.expression
    else:
        constraint.tail = dialect.actions(rng, constraint)
    return f"change {constraint.kind} of {table.name}"


def add_index(dialect, rng, schema):
    table = pick(rng, schema.tables)
    index = dialect.index(rng, schema, table) if table else None
    return f"add index {index.name}" if index else None


def drop_index(dialect, rng, schema):
    table = pick(rng, [table for table in schema.tables if table.indexes])
    if not table:
        return None
    index = rng.choice(table.indexes)
    table.indexes.remove(index)
    return f"drop index {index.name}"


def change_index(dialect, rng, schema):
    table = pick(rng, [table for table in schema.tables if table.indexes])
    if not table:
        return None
    old = rng.choice(table.indexes)
    new = dialect.index(rng, schema, table)
    if not new:
        return None
    table.indexes.remove(old)
    new.name = old.name
    return f"change index {new.name}"


# ---- Views and triggers ----


def make_view(dialect, rng, schema):
    bases = [base for base in schema.tables + schema.views if base.columns]
    base = pick(rng, bases)
    if not base:
        return None
    view = View(schema.names.new(rng, "v_"), base)
    fill_view(rng, view)
    dialect.view_options(rng, schema, view)
    schema.views.append(view)
    return view


def fill_view(rng, view):
    used = set()
    for source in rng.sample(view.base.columns, rng.randrange(1, len(view.base.columns) + 1)):
        name = f"{source.name}_v" if rng.random() < 0.2 else source.name
        if name.casefold() not in used:
            used.add(name.casefold())
            view.columns.append(Output(name, source))


def add_view(dialect, rng, schema):
    view = make_view(dialect, rng, schema)
    return f"add view {view.name}" if view else None


def drop_view(dialect, rng, schema):
    view = pick(rng, schema.views)
    if not view:
        return None
    schema.forget_view(view)
    return f"drop view {view.name}"


def change_view(dialect, rng, schema):
    view = pick(rng, schema.views)
    if not view:
        return None
    if rng.random() < 0.3 and dialect.view_options(rng, schema, view):
        return f"options of view {view.name}"
    missing = [s for s in view.base.columns if s not in [output.source for output in view.columns] and
               s.name.casefold() not in [output.name.casefold() for output in view.columns]]
    if missing and rng.random() < 0.6:
        source = rng.choice(missing)
        view.columns.insert(rng.randrange(len(view.columns) + 1), Output(source.name, source))
    elif len(view.columns) > 1:
        schema.forget_output(view, rng.choice(view.columns))
    else:
        view.where = dialect.view_condition(rng, view)
    return f"change view {view.name}"


def add_trigger(dialect, rng, schema):
    table = pick(rng, schema.tables)
    trigger = dialect.trigger(rng, schema, table) if table else None
    return f"add trigger {trigger.name}" if trigger else None


def drop_trigger(dialect, rng, schema):
    table = pick(rng, [table for table in schema.tables if table.triggers])
    if not table:
        return None
    trigger = rng.choice(table.triggers)
    table.triggers.remove(trigger)
    return f"drop trigger {trigger.name}"


def change_trigger(dialect, rng, schema):
    table = pick(rng, [table for table in schema.tables if table.triggers])
    if not table:
        return None
    old = rng.choice(table.triggers)
    new = dialect.trigger(rng, schema, table)
    if not new:
        return None
    table.triggers.remove(old)
    new.name = old.name
    return f"change trigger {new.name}"


def recreate_key(dialect, rng, schema):
    table = pick(rng, [table for table in schema.tables if table.key()])
    if not table or not dialect.may_drop_constraint(table, table.key()):
        return None
    columns = [c for c in table.plain("int") if c.notnull]
    schema.forget_constraint(table, table.key())
    if columns and rng.random() < 0.8:
        dialect.add_key(rng, table, rng.sample(columns, rng.randrange(1, min(3, len(columns) + 1))))
    return f"key of {table.name}"


SHARED = ([add_column] * 4 + [drop_column] * 3 + [change_type] * 4 + [change_null] * 2 + [change_default] * 2 +
          [change_column] * 2 + [add_index] * 2 + [change_index, drop_index] + [add_constraint] * 3 +
          [drop_constraint] * 2 + [change_constraint] * 2 + [add_view, drop_view, change_view] * 2 +
          [add_trigger, drop_trigger, change_trigger, add_table, drop_table, replace_column, change_generated, reorder,
           recreate_key] + [change_options] * 2)


def change(dialect, rng, schema):
    choices = SHARED + dialect.changes()
    for _ in range(200):
        told = rng.choice(choices)(dialect, rng, schema)
        if told:
            return told
    return "nothing"


def primary(table, columns, name=None):
    constraint = Constraint("primary", columns, name)
    table.constraints.append(constraint)
    return constraint
