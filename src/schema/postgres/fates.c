/* Fates: which objects go, come, or stay, told from the differences and from what depends on what. Pure. */
#include "schema/postgres/objects_internal.h"

/* ---- Asking ---- */

const SchemaObject *pg_after(const PgWriting *self, const SchemaObject *before)
{
    const SchemaObject *partner = g_hash_table_lookup(self->partners, before);
    return partner ? partner : schema_model_find(self->diff->after, before->kind, before->key);
}

const SchemaObject *pg_before(const PgWriting *self, const SchemaObject *after)
{
    const SchemaObject *partner = g_hash_table_lookup(self->partners, after);
    return partner ? partner : schema_model_find(self->diff->before, after->kind, after->key);
}

PgFate pg_fate(const PgWriting *self, const SchemaObject *before)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(self->fates, before));
}

static const SchemaKind holders[] = {SCHEMA_TABLE,     SCHEMA_VIEW,  SCHEMA_MATVIEW,  SCHEMA_DOMAIN,
                                     SCHEMA_COMPOSITE, SCHEMA_RANGE, SCHEMA_NAMESPACE};

/* A comment or a grant is part of what it is about, whose kind it notes. */
const SchemaObject *pg_parent(const SchemaModel *model, const SchemaObject *part)
{
    SchemaKind kind;
    const char *about = schema_object_get(part, "~kind");
    if (!part->parent)
        return NULL;
    if (about)
        return schema_model_find(model, schema_kind_parse(about, &kind) ? kind : SCHEMA_COMPOSITE,
                                 part->parent);
    for (gsize i = 0; i < G_N_ELEMENTS(holders); i++) {
        const SchemaObject *parent = schema_model_find(model, holders[i], part->parent);
        if (parent)
            return parent;
    }
    return NULL;
}

bool pg_goes(const PgWriting *self, const SchemaObject *before)
{
    if (!pg_after(self, before) || pg_fate(self, before) == PG_REPLACED)
        return true;
    const SchemaObject *parent = pg_parent(self->diff->before, before);
    return parent && pg_goes(self, parent);
}

const SchemaObject *pg_gone_with(const PgWriting *self, const SchemaObject *before)
{
    const SchemaObject *parent = pg_parent(self->diff->before, before);
    return parent && pg_goes(self, parent) ? pg_gone_with(self, parent) : before;
}

bool pg_comes(const PgWriting *self, const SchemaObject *after)
{
    const SchemaObject *before = pg_before(self, after);
    if (!before || pg_fate(self, before) == PG_REPLACED)
        return true;
    const SchemaObject *parent = pg_parent(self->diff->after, after);
    return parent && pg_comes(self, parent);
}

const GPtrArray *pg_dependents(const PgWriting *self, const SchemaObject *before)
{
    return g_hash_table_lookup(self->dependents, before);
}

const GPtrArray *pg_needs(const PgWriting *self, const SchemaObject *after)
{
    return g_hash_table_lookup(self->needs, after);
}

bool pg_depends_on(const PgWriting *self, const SchemaObject *after, const SchemaObject *on)
{
    const GPtrArray *needs = pg_needs(self, after);
    return needs && g_ptr_array_find((GPtrArray *)needs, on, NULL);
}

/* The server drops what is built on a column with it (manual page of ALTER TABLE). */
bool pg_goes_with_column(const PgWriting *self, const SchemaObject *before)
{
    const GArray *edges = schema_model_dependencies(self->diff->before);
    const SchemaObject *table = pg_parent(self->diff->before, before);
    if (pg_after(self, before) || !table || pg_goes(self, table))
        return false;
    for (guint i = 0; i < edges->len; i++) {
        const SchemaDependency *edge = &g_array_index(edges, SchemaDependency, i);
        if (edge->from == before && edge->on->kind == SCHEMA_COLUMN && !pg_after(self, edge->on) &&
            g_str_equal(edge->on->parent, before->parent))
            return true;
    }
    return false;
}

/* ---- What depends on what ---- */

static void add_edge(GHashTable *lists, const SchemaObject *from, const SchemaObject *to)
{
    GPtrArray *list = g_hash_table_lookup(lists, from);
    if (!list) {
        list = g_ptr_array_new();
        g_hash_table_insert(lists, (gpointer)from, list);
    }
    g_ptr_array_add(list, (gpointer)to);
}

static void add_edges(PgWriting *self)
{
    const GArray *before = schema_model_dependencies(self->diff->before);
    const GArray *after = schema_model_dependencies(self->diff->after);
    for (guint i = 0; i < before->len; i++) {
        const SchemaDependency *edge = &g_array_index(before, SchemaDependency, i);
        add_edge(self->dependents, edge->on, edge->from);
    }
    for (guint i = 0; i < after->len; i++) {
        const SchemaDependency *edge = &g_array_index(after, SchemaDependency, i);
        add_edge(self->needs, edge->from, edge->on);
    }
}

/* ---- How a fate spreads ---- */

static bool is_type(const SchemaObject *object)
{
    return object->kind == SCHEMA_ENUM || object->kind == SCHEMA_DOMAIN || object->kind == SCHEMA_COMPOSITE ||
           object->kind == SCHEMA_RANGE;
}

typedef PgFate (*SpreadFunction)(const PgWriting *self, const SchemaObject *cause, PgFate of_cause,
                                 const SchemaObject *dependent);

static PgFate spread_replaces(G_GNUC_UNUSED const PgWriting *self, G_GNUC_UNUSED const SchemaObject *cause,
                              G_GNUC_UNUSED PgFate of_cause, G_GNUC_UNUSED const SchemaObject *dependent)
{
    return PG_REPLACED;
}

/* A generated column is made anew; another one loses its default, or gets its type converted. */
static PgFate spread_column(G_GNUC_UNUSED const PgWriting *self, const SchemaObject *cause,
                            G_GNUC_UNUSED PgFate of_cause, const SchemaObject *dependent)
{
    if (cause->kind == SCHEMA_TABLE)
        return of_cause == PG_REPLACED ? PG_REPLACED : PG_STAYS;
    if (is_type(cause))
        return PG_DISTURBED;
    return schema_object_get(dependent, "generated") ? PG_REPLACED : PG_DETACHED;
}

static PgFate spread_type(G_GNUC_UNUSED const PgWriting *self, const SchemaObject *cause,
                          G_GNUC_UNUSED PgFate of_cause, G_GNUC_UNUSED const SchemaObject *dependent)
{
    return is_type(cause) ? PG_REPLACED : PG_DETACHED;
}

/* The server itself builds indexes, constraints and statistics of a column anew when its type changes; a
 * foreign key would for a moment compare types that do not. */
static PgFate spread_built(const PgWriting *self, const SchemaObject *cause, PgFate of_cause,
                           const SchemaObject *dependent)
{
    if (cause->kind != SCHEMA_COLUMN || of_cause != PG_DISTURBED)
        return PG_REPLACED;
    if (pg_is_of_replaced_range(self, cause))
        return PG_REPLACED;
    const SchemaObject *after = pg_after(self, cause);
    bool is_close = after && pg_types_are_close(pg_attribute(cause, "type"), pg_attribute(after, "type")) &&
                    schema_diff_of(self->diff, cause);
    return pg_is_foreign_key(self, dependent) && !is_close ? PG_REPLACED : PG_STAYS;
}

/* Partitions and children of a table that is made anew are made anew with it. */
static PgFate spread_table(const PgWriting *self, const SchemaObject *cause, PgFate of_cause,
                           const SchemaObject *dependent)
{
    bool is_recreated = cause->kind == SCHEMA_TABLE && of_cause == PG_REPLACED && pg_after(self, cause);
    return is_recreated && g_strcmp0(schema_object_get(dependent, "partition_of"), cause->key) == 0
               ? PG_REPLACED
               : PG_STAYS;
}

static PgFate spread_note(G_GNUC_UNUSED const PgWriting *self, G_GNUC_UNUSED const SchemaObject *cause,
                          PgFate of_cause, G_GNUC_UNUSED const SchemaObject *dependent)
{
    return of_cause == PG_REPLACED ? PG_REPLACED : PG_STAYS;
}

/* A table that goes leaves it by itself; a column that it lists or filters by cannot change meanwhile. */
static PgFate spread_publication(const PgWriting *self, const SchemaObject *cause,
                                 G_GNUC_UNUSED PgFate of_cause, G_GNUC_UNUSED const SchemaObject *dependent)
{
    bool goes = cause->kind == SCHEMA_NAMESPACE || (cause->kind == SCHEMA_TABLE && !pg_after(self, cause));
    return goes ? PG_STAYS : PG_REPLACED;
}

/* By the kind of what depends; a kind without a row stays. */
static const SpreadFunction spreads[SCHEMA_KIND_COUNT] = {
    [SCHEMA_TABLE] = spread_table,
    [SCHEMA_COLUMN] = spread_column,
    [SCHEMA_DOMAIN] = spread_type,
    [SCHEMA_COMPOSITE] = spread_type,
    [SCHEMA_RANGE] = spread_type,
    [SCHEMA_CONSTRAINT] = spread_built,
    [SCHEMA_INDEX] = spread_built,
    [SCHEMA_STATISTICS] = spread_built,
    [SCHEMA_VIEW] = spread_replaces,
    [SCHEMA_MATVIEW] = spread_replaces,
    [SCHEMA_VIEW_COLUMN] = spread_replaces,
    [SCHEMA_FUNCTION] = spread_replaces,
    [SCHEMA_PROCEDURE] = spread_replaces,
    [SCHEMA_AGGREGATE] = spread_replaces,
    [SCHEMA_TRIGGER] = spread_replaces,
    [SCHEMA_RULE] = spread_replaces,
    [SCHEMA_POLICY] = spread_replaces,
    [SCHEMA_EVENT_TRIGGER] = spread_replaces,
    [SCHEMA_PUBLICATION] = spread_publication,
    [SCHEMA_COMMENT] = spread_note,
    [SCHEMA_GRANT] = spread_note,
};

static void raise_fate(PgWriting *self, GQueue *queue, const SchemaObject *object, PgFate fate)
{
    if (!pg_after(self, object) || fate <= pg_fate(self, object))
        return;
    const SchemaObject *table = fate == PG_DISTURBED ? pg_recreated_for_key(self, object) : NULL;
    g_hash_table_insert(self->fates, (gpointer)object, GUINT_TO_POINTER(fate));
    g_queue_push_tail(queue, (gpointer)object);
    if (table)
        raise_fate(self, queue, table, PG_REPLACED);
}

/* A column of a view cannot go without the view. */
static const SchemaObject *whole_of(const PgWriting *self, const SchemaObject *object)
{
    return object->kind == SCHEMA_VIEW_COLUMN ? pg_parent(self->diff->before, object) : object;
}

static void spread_fate(PgWriting *self, GQueue *queue, const SchemaObject *cause)
{
    const GPtrArray *dependents = pg_dependents(self, cause);
    PgFate of_cause = pg_after(self, cause) ? pg_fate(self, cause) : PG_REPLACED;
    if (of_cause < PG_DISTURBED)
        return;
    for (guint i = 0; dependents && i < dependents->len; i++) {
        const SchemaObject *dependent = dependents->pdata[i];
        SpreadFunction spread = spreads[dependent->kind];
        PgFate fate = spread ? spread(self, cause, of_cause, dependent) : PG_STAYS;
        raise_fate(self, queue, dependent, fate);
        if (fate == PG_REPLACED)
            raise_fate(self, queue, whole_of(self, dependent), fate);
    }
}

void pg_decide_fates(PgWriting *self)
{
    g_autoptr(GQueue) queue = g_queue_new();
    add_edges(self);
    pg_find_renamed(self);
    for (guint i = 0; i < self->diff->changes->len; i++) {
        const SchemaChange *change = self->diff->changes->pdata[i];
        const PgKind *kind = pg_kinds[schema_change_object(change)->kind];
        if (change->kind == CHANGE_ALTER && kind && kind->fate)
            raise_fate(self, queue, change->before, kind->fate(self, change));
        else if (change->kind == CHANGE_DROP && !pg_after(self, change->before))
            g_queue_push_tail(queue, (gpointer)change->before);
    }
    while (!g_queue_is_empty(queue))
        spread_fate(self, queue, g_queue_pop_head(queue));
}
