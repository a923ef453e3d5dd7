/* Selecting: owns what the parts of a selector mean on a fleet, in Ansible's order: all that add, then all
 * that intersect, then all that exclude (docs.ansible.com, "Patterns: targeting hosts and groups"). It
 * refuses names the fleet does not know. Any thread. */
#include "inventory/selector_internal.h"

#include "base/suggest.h"
#include "inventory/glob_match.h"

#include <string.h>

typedef struct Selection {
    const Fleet *fleet;
    SelectorRunLookup lookup;
    void *context;
} Selection;

/* A set of targets: one byte for each index. */
typedef guint8 TargetSet;

static TargetSet *set_new(const Fleet *fleet)
{
    return g_new0(TargetSet, fleet_length(fleet) + 1);
}

static bool evaluate(const Selection *self, const GPtrArray *parts, TargetSet *set, GError **error);

/* --- kinds of parts --- */

static bool fail_unknown(const char *format_name, const char *word, GPtrArray *known, GError **error)
{
    const char *nearest = suggest_nearest(word, (const char *const *)known->pdata, known->len);
    if (nearest != NULL)
        g_set_error(error, SELECTOR_ERROR, SELECTOR_ERROR_UNKNOWN,
                    "no %s '%s' in the inventory: did you mean '%s'?", format_name, word, nearest);
    else
        g_set_error(error, SELECTOR_ERROR, SELECTOR_ERROR_UNKNOWN,
                    "no %s '%s' in the inventory: 'dbfleet inventory list' shows what there is", format_name,
                    word);
    return false;
}

static bool fail_unknown_name(const Selection *self, const char *name, GError **error)
{
    g_autoptr(GPtrArray) known = g_ptr_array_new();
    for (unsigned i = 0; i < fleet_group_count(self->fleet); i++)
        g_ptr_array_add(known, fleet_group_at(self->fleet, i)->name);
    for (unsigned i = 0; i < fleet_length(self->fleet); i++)
        g_ptr_array_add(known, fleet_at(self->fleet, i)->name);
    return fail_unknown("group or target", name, known, error);
}

static bool mark_name(const Selection *self, const SelectorPart *part, TargetSet *set, GError **error)
{
    bool all = g_str_equal(part->text, "all");
    const Group *group = fleet_group_find(self->fleet, part->text);
    const Target *target = fleet_find(self->fleet, part->text);
    if (!all && group == NULL && target == NULL)
        return fail_unknown_name(self, part->text, error);
    if (target != NULL)
        set[target->index] = 1;
    for (unsigned i = 0; i < fleet_length(self->fleet) && target == NULL; i++)
        set[i] = all || target_in_group(fleet_at(self->fleet, i), group);
    return true;
}

static bool mark_glob(const Selection *self, const SelectorPart *part, TargetSet *set, GError **error)
{
    (void)error;
    for (unsigned i = 0; i < fleet_length(self->fleet); i++)
        set[i] = glob_matches(part->text, fleet_at(self->fleet, i)->name);
    return true;
}

/* An expression that takes more than the engine's limits is an error: that is not the same as no match. */
static bool mark_regex(const Selection *self, const SelectorPart *part, TargetSet *set, GError **error)
{
    for (unsigned i = 0; i < fleet_length(self->fleet); i++) {
        g_autoptr(GError) reason = NULL;
        set[i] = g_regex_match_full(part->regex, fleet_at(self->fleet, i)->name, -1, 0, 0, NULL, &reason);
        if (reason == NULL)
            continue;
        g_set_error(error, SELECTOR_ERROR, SELECTOR_ERROR_SYNTAX, "the pattern '%s' is too expensive: %s",
                    part->text, reason->message);
        return false;
    }
    return true;
}

static bool fail_unknown_label(const Selection *self, const char *name, GError **error)
{
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    for (unsigned i = 0; i < fleet_length(self->fleet); i++) {
        GHashTableIter iter;
        gpointer key;
        g_hash_table_iter_init(&iter, fleet_at(self->fleet, i)->labels);
        while (g_hash_table_iter_next(&iter, &key, NULL))
            g_hash_table_add(names, key);
    }
    g_autoptr(GPtrArray) known = g_ptr_array_new();
    g_autoptr(GList) keys = g_hash_table_get_keys(names);
    for (const GList *at = keys; at != NULL; at = at->next)
        g_ptr_array_add(known, at->data);
    return fail_unknown("label", name, known, error);
}

static bool mark_label(const Selection *self, const SelectorPart *part, TargetSet *set, GError **error)
{
    bool known = false;
    for (unsigned i = 0; i < fleet_length(self->fleet); i++) {
        const char *value = g_hash_table_lookup(fleet_at(self->fleet, i)->labels, part->name);
        known = known || value != NULL;
        set[i] = value != NULL && glob_matches(part->text, value);
    }
    return known || fail_unknown_label(self, part->name, error);
}

/* Targets that have left the inventory since that run are passed over. */
static bool mark_run(const Selection *self, const SelectorPart *part, TargetSet *set, GError **error)
{
    if (self->lookup == NULL) {
        g_set_error(error, SELECTOR_ERROR, SELECTOR_ERROR_SYNTAX,
                    "@%s:RUN cannot be used here: there are no past runs", part->name);
        return false;
    }
    g_auto(GStrv) names = self->lookup(self->context, part->name, part->text, error);
    for (gsize i = 0; names != NULL && names[i] != NULL; i++) {
        const Target *target = fleet_find(self->fleet, names[i]);
        if (target != NULL)
            set[target->index] = 1;
    }
    return names != NULL;
}

static bool mark_file(const Selection *self, const SelectorPart *part, TargetSet *set, GError **error)
{
    return evaluate(self, part->sub, set, error);
}

/* --- algebra --- */

static bool mark(const Selection *self, const SelectorPart *part, TargetSet *set, GError **error)
{
    static bool (*const MARKS[])(const Selection *, const SelectorPart *, TargetSet *, GError **) = {
        [SELECTOR_NAME] = mark_name,   [SELECTOR_GLOB] = mark_glob, [SELECTOR_REGEX] = mark_regex,
        [SELECTOR_LABEL] = mark_label, [SELECTOR_RUN] = mark_run,   [SELECTOR_FILE] = mark_file};
    return MARKS[part->kind](self, part, set, error);
}

static void combine(TargetSet *set, const TargetSet *with, unsigned length, SelectorOperation operation)
{
    for (unsigned i = 0; i < length; i++)
        set[i] = operation == SELECT_ADD         ? (set[i] || with[i])
                 : operation == SELECT_INTERSECT ? (set[i] && with[i])
                                                 : (set[i] && !with[i]);
}

static bool apply_all(const Selection *self, const GPtrArray *parts, SelectorOperation operation,
                      TargetSet *set, GError **error)
{
    for (guint i = 0; i < parts->len; i++) {
        const SelectorPart *part = g_ptr_array_index(parts, i);
        if (part->operation != operation)
            continue;
        g_autofree TargetSet *marked = set_new(self->fleet);
        if (!mark(self, part, marked, error))
            return false;
        combine(set, marked, fleet_length(self->fleet), operation);
    }
    return true;
}

/* With nothing added, all is what "&" and "!" work on. */
static bool adds_nothing(const GPtrArray *parts)
{
    for (guint i = 0; i < parts->len; i++)
        if (((const SelectorPart *)g_ptr_array_index(parts, i))->operation == SELECT_ADD)
            return false;
    return true;
}

static bool evaluate(const Selection *self, const GPtrArray *parts, TargetSet *set, GError **error)
{
    memset(set, adds_nothing(parts) ? 1 : 0, fleet_length(self->fleet));
    return apply_all(self, parts, SELECT_ADD, set, error) &&
           apply_all(self, parts, SELECT_INTERSECT, set, error) &&
           apply_all(self, parts, SELECT_EXCLUDE, set, error);
}

GPtrArray *fleet_select(const Fleet *fleet, const char *expression, SelectorRunLookup lookup, void *context,
                        GError **error)
{
    g_autoptr(GPtrArray) parts = selector_parse(expression == NULL ? "all" : expression, error);
    if (parts == NULL)
        return NULL;
    Selection self = {.fleet = fleet, .lookup = lookup, .context = context};
    g_autofree TargetSet *set = set_new(fleet);
    if (!evaluate(&self, parts, set, error))
        return NULL;
    GPtrArray *selected = g_ptr_array_new();
    for (unsigned i = 0; i < fleet_length(fleet); i++)
        if (set[i])
            g_ptr_array_add(selected, (gpointer)fleet_at(fleet, i));
    return selected;
}
