/* Order: what must go before anything is made, which routines are made before tables, and in which order
 * objects are dropped. Pure. */
#include "schema/postgres/objects_internal.h"

#include <string.h>

/* ---- Routines that tables and types need ---- */

static bool is_routine(const SchemaObject *object)
{
    return object->kind == SCHEMA_FUNCTION || object->kind == SCHEMA_PROCEDURE ||
           object->kind == SCHEMA_AGGREGATE;
}

/* What is there before views are, and so may not need one that comes. */
static const bool comes_before_views[SCHEMA_KIND_COUNT] = {
    [SCHEMA_ENUM] = true,     [SCHEMA_DOMAIN] = true,    [SCHEMA_COMPOSITE] = true,  [SCHEMA_RANGE] = true,
    [SCHEMA_TABLE] = true,    [SCHEMA_COLUMN] = true,    [SCHEMA_CONSTRAINT] = true, [SCHEMA_INDEX] = true,
    [SCHEMA_FUNCTION] = true, [SCHEMA_AGGREGATE] = true,
};

static void mark_early(PgWriting *self, GHashTable *seen, const SchemaObject *object)
{
    if (!comes_before_views[object->kind] || !g_hash_table_add(seen, (gpointer)object))
        return;
    const GPtrArray *needs = pg_needs(self, object);
    if (is_routine(object))
        g_hash_table_add(self->early, (gpointer)object);
    for (guint i = 0; needs && i < needs->len; i++)
        mark_early(self, seen, needs->pdata[i]);
}

static void decide_early(PgWriting *self)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    const GPtrArray *objects = schema_model_objects(self->diff->after);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *object = objects->pdata[i];
        if (!is_routine(object) && !(object->kind == SCHEMA_INDEX &&
                                     schema_model_find(self->diff->after, SCHEMA_MATVIEW, object->parent)))
            mark_early(self, seen, object);
    }
}

/* ---- What must go first ---- */

/* Kinds whose names exclude each other. */
static const SchemaKind relation_names[] = {SCHEMA_TABLE,     SCHEMA_VIEW,   SCHEMA_MATVIEW,
                                            SCHEMA_SEQUENCE,  SCHEMA_INDEX,  SCHEMA_ENUM,
                                            SCHEMA_COMPOSITE, SCHEMA_DOMAIN, SCHEMA_RANGE};
static const SchemaKind routine_names[] = {SCHEMA_FUNCTION, SCHEMA_PROCEDURE, SCHEMA_AGGREGATE};

/* Kinds that go last unless they stand in the way. */
static const bool goes_last[SCHEMA_KIND_COUNT] = {
    [SCHEMA_TABLE] = true,    [SCHEMA_COLUMN] = true,    [SCHEMA_SEQUENCE] = true,
    [SCHEMA_FUNCTION] = true, [SCHEMA_PROCEDURE] = true, [SCHEMA_AGGREGATE] = true,
    [SCHEMA_ENUM] = true,     [SCHEMA_DOMAIN] = true,    [SCHEMA_COMPOSITE] = true,
    [SCHEMA_RANGE] = true,    [SCHEMA_EXTENSION] = true, [SCHEMA_NAMESPACE] = true,
};

static bool has_other_kind(const SchemaModel *model, const SchemaObject *object, const SchemaKind *kinds,
                           gsize count)
{
    bool is_one = false;
    bool has_other = false;
    for (gsize i = 0; i < count; i++) {
        is_one |= kinds[i] == object->kind;
        has_other |= kinds[i] != object->kind && schema_model_find(model, kinds[i], object->key);
    }
    return is_one && has_other;
}

static bool stands_in_the_way(const PgWriting *self, const SchemaObject *before)
{
    return !goes_last[before->kind] || pg_after(self, before) || pg_makes_way_for_identity(self, before) ||
           has_other_kind(self->diff->after, before, relation_names, G_N_ELEMENTS(relation_names)) ||
           has_other_kind(self->diff->after, before, routine_names, G_N_ELEMENTS(routine_names));
}

static void mark_first(PgWriting *self, const SchemaObject *object)
{
    if (!g_hash_table_add(self->first, (gpointer)object))
        return;
    const GPtrArray *dependents = pg_dependents(self, object);
    for (guint i = 0; dependents && i < dependents->len; i++)
        if (pg_goes(self, dependents->pdata[i]))
            mark_first(self, pg_gone_with(self, dependents->pdata[i]));
}

static void decide_first(PgWriting *self)
{
    const GPtrArray *objects = schema_model_objects(self->diff->before);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *object = objects->pdata[i];
        if (pg_goes(self, object) && pg_gone_with(self, object) == object && stands_in_the_way(self, object))
            mark_first(self, object);
    }
}

void pg_decide_order(PgWriting *self)
{
    decide_early(self);
    decide_first(self);
}

/* ---- Dropping ---- */

typedef struct DropWalk {
    PgWriting *writing;
    GHashTable *wanted; /* set */
    GHashTable *state;  /* object -> STARTED or DONE */
    GHashTable *broken; /* set: foreign keys and rules dropped on their own */
    PgVisit drop;
} DropWalk;

enum { STARTED = 1, DONE };

static void walk_drop(DropWalk *self, const SchemaObject *object);

/* Two tables that reference each other: one reference goes on its own. */
static void break_circle(DropWalk *self, const SchemaObject *dependent)
{
    bool can_go = pg_is_foreign_key(self->writing, dependent) || dependent->kind == SCHEMA_RULE;
    if (can_go && g_hash_table_add(self->broken, (gpointer)dependent))
        self->drop(self->writing, dependent);
}

/* A rule that writes to another table may be of a parent, which must stay until its child is gone. */
static bool must_go_alone(const SchemaObject *dependent)
{
    return dependent->kind == SCHEMA_RULE;
}

/* What goes with `whole` is passed through: what depends on a part goes before the whole. */
static void walk_dependents(DropWalk *self, const SchemaObject *object, const SchemaObject *whole)
{
    const GPtrArray *dependents = pg_dependents(self->writing, object);
    for (guint i = 0; dependents && i < dependents->len; i++) {
        const SchemaObject *dependent = dependents->pdata[i];
        if (!pg_goes(self->writing, dependent))
            continue;
        const SchemaObject *root = pg_gone_with(self->writing, dependent);
        if (root == whole && dependent != whole) {
            if (!g_hash_table_contains(self->state, dependent)) {
                g_hash_table_insert(self->state, (gpointer)dependent, GUINT_TO_POINTER(DONE));
                walk_dependents(self, dependent, whole);
            }
        } else if (root != dependent && (must_go_alone(dependent) || GPOINTER_TO_UINT(g_hash_table_lookup(
                                                                         self->state, root)) == STARTED)) {
            break_circle(self, dependent);
        } else {
            walk_drop(self, root);
        }
    }
}

static void walk_drop(DropWalk *self, const SchemaObject *object)
{
    if (g_hash_table_contains(self->state, object))
        return;
    g_hash_table_insert(self->state, (gpointer)object, GUINT_TO_POINTER(STARTED));
    walk_dependents(self, object, object);
    g_hash_table_insert(self->state, (gpointer)object, GUINT_TO_POINTER(DONE));
    if (g_hash_table_contains(self->wanted, object))
        self->drop(self->writing, object);
}

void pg_drop_in_order(PgWriting *self, GPtrArray *objects, PgVisit drop)
{
    g_autoptr(GHashTable) wanted = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) state = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) broken = g_hash_table_new(NULL, NULL);
    DropWalk walk = {self, wanted, state, broken, drop};
    for (guint i = 0; i < objects->len; i++)
        g_hash_table_add(wanted, objects->pdata[i]);
    for (guint i = 0; i < objects->len; i++)
        walk_drop(&walk, objects->pdata[i]);
}

/* ---- By mention ---- */

typedef struct MentionWalk {
    const PgWriting *writing;
    GPtrArray *objects; /* what is made, in the order of what the catalogs tell */
    GHashTable *seen;
    GPtrArray *ordered;
} MentionWalk;

static bool is_word(char c)
{
    return g_ascii_isalnum(c) || c == '_' || c == '$' || (c & 0x80);
}

static bool has_word(const char *text, const char *word, gsize length)
{
    for (const char *c = text; *c; c++)
        if (g_ascii_strncasecmp(c, word, length) == 0 && !is_word(c[length]) &&
            (c == text || !is_word(c[-1])))
            return true;
    return false;
}

/* A body that the server looks at when the function is made, and of which the catalogs tell nothing. */
static bool has_read_body(const SchemaObject *object)
{
    return is_routine(object) && g_str_equal(pg_attribute(object, "~language"), "sql");
}

/* The text of a function begins with its own name. */
static bool mentions(const SchemaObject *routine, const SchemaObject *other)
{
    const char *def = pg_attribute(routine, "def");
    gsize length = other->name[0] == '"' ? strlen(other->name) : strcspn(other->name, "(");
    return has_word(def + strcspn(def, "("), other->name, length);
}

bool pg_body_runs_ahead(const PgWriting *self, const SchemaObject *routine)
{
    const GPtrArray *objects = schema_model_objects(self->diff->after);
    bool found = false;
    if (!has_read_body(routine) || !g_hash_table_contains(self->early, routine))
        return false;
    for (guint i = 0; i < objects->len && !found; i++) {
        const SchemaObject *other = objects->pdata[i];
        bool relation =
            other->kind == SCHEMA_TABLE || other->kind == SCHEMA_VIEW || other->kind == SCHEMA_MATVIEW;
        found = relation && pg_comes(self, other) && mentions(routine, other);
    }
    return found;
}

static void add_needs(const PgWriting *self, GHashTable *found, const SchemaObject *object)
{
    const GPtrArray *needs = pg_needs(self, object);
    for (guint i = 0; needs && i < needs->len; i++)
        if (g_hash_table_add(found, needs->pdata[i]))
            add_needs(self, found, needs->pdata[i]);
}

static GHashTable *all_needs(const PgWriting *self, const SchemaObject *object)
{
    GHashTable *found = g_hash_table_new(NULL, NULL);
    add_needs(self, found, object);
    return found;
}

static bool needs_first(const MentionWalk *self, GHashTable *needs, const SchemaObject *object,
                        const SchemaObject *other)
{
    if (g_hash_table_contains(needs, other))
        return true;
    if (!has_read_body(object) || !mentions(object, other))
        return false;
    g_autoptr(GHashTable) back = all_needs(self->writing, other);
    return !g_hash_table_contains(back, object);
}

static void walk_mentions(MentionWalk *self, const SchemaObject *object)
{
    if (!g_hash_table_add(self->seen, (gpointer)object))
        return;
    g_autoptr(GHashTable) needs = all_needs(self->writing, object);
    for (guint i = 0; i < self->objects->len; i++) {
        const SchemaObject *other = self->objects->pdata[i];
        if (!g_hash_table_contains(self->seen, other) && needs_first(self, needs, object, other))
            walk_mentions(self, other);
    }
    g_ptr_array_add(self->ordered, (gpointer)object);
}

GPtrArray *pg_order_by_mention(const PgWriting *self, GPtrArray *ordered)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    g_autoptr(GPtrArray) made = g_ptr_array_new();
    bool has_bodies = false;
    for (guint i = 0; i < ordered->len; i++) {
        const SchemaObject *object = ordered->pdata[i];
        if (pg_comes(self, object) || schema_diff_of(self->diff, object)) {
            g_ptr_array_add(made, (gpointer)object);
            has_bodies |= has_read_body(object);
        }
    }
    if (!has_bodies)
        return g_ptr_array_ref(ordered);
    MentionWalk walk = {self, made, seen, g_ptr_array_new()};
    for (guint i = 0; i < made->len; i++)
        walk_mentions(&walk, made->pdata[i]);
    return walk.ordered;
}
