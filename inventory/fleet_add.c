/* Taking targets into a fleet: owns the rules that look at more than one target, that is unique names and one
 * target for each database. It refuses nothing quietly: both places are told. The loading thread only. */
#include "inventory/fleet_internal.h"

/* Two ranges that overlap would say the same a hundred times: one word for a pair of items is enough. */
static bool pair_is_new(Loader *loader, const YamlNode *a, const YamlNode *b)
{
    bool known = a != NULL && loader->reported_items[0] == a && loader->reported_items[1] == b;
    loader->reported_items[0] = a;
    loader->reported_items[1] = b;
    return !known;
}

/* Where a target comes from, with the source that told it. Caller frees. */
static char *origin_text(const Target *target)
{
    g_autofree char *place = place_to_string(target->place);
    return target->discovered == NULL ? g_steal_pointer(&place)
                                      : g_strdup_printf("%s (%s)", place, target->discovered);
}

static void report_namesake(const Target *other, const Target *target, Diagnostics *problems)
{
    g_autofree char *place = origin_text(other);
    diagnostics_error(problems, target->place, "the target '%s' is defined twice: at %s too", target->name,
                      place);
}

static void report_twin(const Target *other, const Target *target, Diagnostics *problems)
{
    g_autofree char *place = origin_text(other);
    if (g_str_equal(other->track, target->track))
        diagnostics_error(problems, target->place,
                          "the targets '%s' and '%s' are one database, %s, on track %s: the other is at %s",
                          other->name, target->name, target->endpoint, target->track, place);
    else
        diagnostics_error(
            problems, target->place,
            "the targets '%s' and '%s' are one database, %s, and their tracks %s and %s have one version "
            "table: give a track another version_table; the other target is at %s",
            other->name, target->name, target->endpoint, other->track, target->track, place);
}

static bool is_unique(const TargetRecord *record, Loader *loader)
{
    const TargetRecord *namesake = g_hash_table_lookup(loader->fleet->by_name, record->target.name);
    const TargetRecord *twin = g_hash_table_lookup(loader->fleet->endpoints, record);
    const TargetRecord *other = namesake != NULL ? namesake : twin;
    if (other == NULL)
        return true;
    if (!pair_is_new(loader, other->item, record->item))
        return false;
    if (namesake != NULL)
        report_namesake(&other->target, &record->target, loader->problems);
    else
        report_twin(&other->target, &record->target, loader->problems);
    return false;
}

static bool is_no_group(const Target *target, Loader *loader)
{
    const Group *group = fleet_group_find(loader->fleet, target->name);
    if (group == NULL)
        return true;
    g_autofree char *place = place_to_string(group->place);
    diagnostics_error(
        loader->problems, target->place,
        "the name '%s' is defined twice: it is a group's too, at %s, and a selector could not tell them "
        "apart",
        target->name, place);
    return false;
}

void fleet_add(Loader *loader, TargetRecord *record)
{
    Fleet *fleet = loader->fleet;
    bool good = is_no_group(&record->target, loader);
    good = is_unique(record, loader) && good;
    record->target.index = fleet->targets->len;
    g_ptr_array_add(fleet->targets, record);
    if (!good)
        return;
    g_hash_table_insert(fleet->by_name, record->target.name, record);
    g_hash_table_insert(fleet->endpoints, record, record);
}
