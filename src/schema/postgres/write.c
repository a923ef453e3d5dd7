/* PostgreSQL: the statements that lead from one model to another, phase by phase.
 *
 * Owns the order of the phases and which objects each is about; the statements are the kinds' own. Within a
 * phase what others depend on is made first and dropped last. Refuses what a kind has no function for. */
#include "schema/postgres/objects_internal.h"
#include "schema/postgres/postgres_internal.h"

#define K(kind) ((guint64)1 << SCHEMA_##kind)
#define KIND_BIT(object) ((guint64)1 << (object)->kind)
#define ROUTINES (K(FUNCTION) | K(PROCEDURE) | K(AGGREGATE))
#define TYPES (K(ENUM) | K(DOMAIN) | K(COMPOSITE) | K(RANGE))
#define ALL_KINDS (((guint64)1 << SCHEMA_KIND_COUNT) - 1)
/* They go with what they are about, or by a statement of their own once that is there. */
#define NOTES (K(COMMENT) | K(GRANT) | K(DEFAULT_GRANT))

/* ---- What a phase is about ---- */

static bool goes_first(const PgWriting *self, const SchemaObject *before)
{
    return g_hash_table_contains(self->first, before);
}

static bool goes_last(const PgWriting *self, const SchemaObject *before)
{
    return !goes_first(self, before);
}

static bool is_early(const PgWriting *self, const SchemaObject *after)
{
    return !(KIND_BIT(after) & ROUTINES) || g_hash_table_contains(self->early, after);
}

static bool is_late(const PgWriting *self, const SchemaObject *after)
{
    return !g_hash_table_contains(self->early, after);
}

static bool is_of_matview(const PgWriting *self, const SchemaObject *index)
{
    return schema_model_find(self->diff->after, SCHEMA_MATVIEW, index->parent) != NULL;
}

static bool is_of_table(const PgWriting *self, const SchemaObject *index)
{
    return !is_of_matview(self, index);
}

typedef enum PhaseAction {
    PHASE_DROP, /* what goes, for good or to come again */
    PHASE_MAKE, /* what comes, and what stays and differs */
    PHASE_CALL  /* a function of its own */
} PhaseAction;

typedef struct Phase {
    PhaseAction action;
    guint64 kinds;
    bool (*only)(const PgWriting *self, const SchemaObject *object); /* NULL: all of these kinds */
    void (*call)(PgWriting *self);
} Phase;

static const Phase phases[] = {
    {PHASE_CALL, 0, NULL, pg_detach_columns},
    {PHASE_CALL, 0, NULL, pg_disown_sequences},
    {PHASE_CALL, 0, NULL, pg_drop_identities},
    {PHASE_CALL, 0, NULL, pg_leave_parents},
    {PHASE_CALL, 0, NULL, pg_prepare_aside},
    {PHASE_DROP, ALL_KINDS & ~NOTES, goes_first, NULL},
    {PHASE_CALL, 0, NULL, pg_write_renamed},
    {PHASE_MAKE, K(NAMESPACE), NULL, NULL},
    {PHASE_MAKE, K(EXTENSION), NULL, NULL},
    {PHASE_MAKE, TYPES | K(SEQUENCE) | ROUTINES, is_early, NULL},
    {PHASE_MAKE, K(TABLE), NULL, NULL},
    {PHASE_CALL, 0, NULL, pg_write_columns},
    {PHASE_MAKE, K(CONSTRAINT), pg_is_no_foreign_key, NULL},
    {PHASE_MAKE, K(INDEX), is_of_table, NULL},
    {PHASE_CALL, 0, NULL, pg_join_parents},
    {PHASE_CALL, 0, NULL, pg_join_indexes},
    {PHASE_CALL, 0, NULL, pg_copy_rows},
    {PHASE_CALL, 0, NULL, pg_own_sequences},
    {PHASE_MAKE, K(CONSTRAINT), pg_is_foreign_key, NULL},
    {PHASE_MAKE, ROUTINES | K(VIEW) | K(MATVIEW), is_late, NULL},
    {PHASE_MAKE, K(VIEW_COLUMN), NULL, NULL},
    {PHASE_MAKE, K(INDEX), is_of_matview, NULL},
    {PHASE_MAKE, K(STATISTICS), NULL, NULL},
    {PHASE_MAKE, K(TRIGGER), NULL, NULL},
    {PHASE_MAKE, K(RULE), NULL, NULL},
    {PHASE_MAKE, K(POLICY), NULL, NULL},
    {PHASE_CALL, 0, NULL, pg_write_row_security},
    {PHASE_CALL, 0, NULL, pg_finish_tables},
    {PHASE_MAKE, K(PUBLICATION) | K(OTHER), NULL, NULL},
    {PHASE_DROP, ALL_KINDS & ~NOTES, goes_last, NULL},
    {PHASE_CALL, 0, NULL, pg_drop_tables_aside},
    {PHASE_CALL, 0, NULL, pg_drop_types_aside},
    {PHASE_DROP, NOTES, NULL, NULL},
    {PHASE_MAKE, K(EVENT_TRIGGER), NULL, NULL},
    {PHASE_MAKE, NOTES, NULL, NULL},
    {PHASE_CALL, 0, NULL, pg_alter_owners},
    {PHASE_CALL, 0, NULL, pg_mark_commits},
};

/* ---- Running a phase ---- */

static void refuse(PgWriting *self, const SchemaObject *object, const char *verb)
{
    change_script_refuse(self->script, "%s %s: how to %s it is not known; write that statement by hand",
                         schema_kind_name(object->kind), pg_name(object->key), verb);
}

static void drop(PgWriting *self, const SchemaObject *before)
{
    const PgKind *kind = pg_kinds[before->kind];
    if (kind && kind->drop)
        kind->drop(self, before);
    else if (!kind)
        refuse(self, before, "drop");
}

static void create(PgWriting *self, const SchemaObject *after)
{
    const PgKind *kind = pg_kinds[after->kind];
    if (kind && kind->create)
        kind->create(self, after);
    else if (!kind)
        refuse(self, after, "create");
    g_hash_table_add(self->made, (gpointer)after);
}

static void alter(PgWriting *self, const SchemaObject *before, const SchemaObject *after)
{
    const PgKind *kind = pg_kinds[after->kind];
    const SchemaChange *change = schema_diff_of(self->diff, after);
    if (kind && kind->alter)
        kind->alter(self, before, after, change && change->kind == CHANGE_ALTER ? change : NULL);
    else if (!kind || change)
        refuse(self, after, "alter");
}

static bool is_touched(const PgWriting *self, const SchemaObject *before, const SchemaObject *after)
{
    const SchemaChange *change = schema_diff_of(self->diff, after);
    return (change && change->kind == CHANGE_ALTER) || pg_fate(self, before) != PG_STAYS;
}

static void make(PgWriting *self, const SchemaObject *after)
{
    const SchemaObject *before = pg_before(self, after);
    if (pg_comes(self, after))
        create(self, after);
    else if (is_touched(self, before, after))
        alter(self, before, after);
}

static GPtrArray *objects_of(const PgWriting *self, const Phase *phase, const SchemaModel *model)
{
    GPtrArray *found = g_ptr_array_new();
    const GPtrArray *objects = schema_model_objects(model);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *object = objects->pdata[i];
        if ((phase->kinds & KIND_BIT(object)) && (!phase->only || phase->only(self, object)))
            g_ptr_array_add(found, (gpointer)object);
    }
    return found;
}

static void run_drops(PgWriting *self, const Phase *phase)
{
    g_autoptr(GPtrArray) objects = objects_of(self, phase, self->diff->before);
    g_autoptr(GPtrArray) going = g_ptr_array_new();
    for (guint i = objects->len; i > 0; i--) {
        const SchemaObject *object = objects->pdata[i - 1];
        if (pg_goes(self, object) && pg_gone_with(self, object) == object)
            g_ptr_array_add(going, (gpointer)object);
    }
    pg_drop_in_order(self, going, drop);
}

static void run_phase(PgWriting *self, const Phase *phase)
{
    if (phase->action == PHASE_CALL) {
        phase->call(self);
        return;
    }
    if (phase->action == PHASE_DROP) {
        run_drops(self, phase);
        return;
    }
    g_autoptr(GPtrArray) objects = objects_of(self, phase, self->diff->after);
    g_autoptr(GPtrArray) needed = schema_model_in_order(self->diff->after, objects);
    g_autoptr(GPtrArray) ordered =
        phase->kinds & ROUTINES ? pg_order_by_mention(self, needed) : g_ptr_array_ref(needed);
    for (guint i = 0; i < ordered->len; i++)
        make(self, ordered->pdata[i]);
}

void postgres_schema_write(const SchemaDiff *diff, ChangeScript *script)
{
    g_autoptr(GHashTable) fates = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) partners = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) dependents =
        g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
    g_autoptr(GHashTable) needs = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
    g_autoptr(GHashTable) early = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) first = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) made = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) joined = g_hash_table_new(NULL, NULL);
    PgWriting writing = {diff, script, fates, partners, dependents, needs, early, first, made, joined, false};
    if (schema_diff_is_empty(diff))
        return;
    pg_decide_fates(&writing);
    pg_decide_order(&writing);
    for (gsize i = 0; i < G_N_ELEMENTS(phases); i++)
        run_phase(&writing, &phases[i]);
}
