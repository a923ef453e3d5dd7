/* Partitions of a table that stays. Rows are kept wherever a partition is left for them: what a dropped
 * partition of a range held goes to the next one. */
#include "schema/mysql/write_internal.h"

#include <string.h>

const char *partition_method(const SchemaObject *table)
{
    return schema_object_get(table, ATTRIBUTE_PARTITION_BY);
}

static const char *partition_list(const SchemaObject *table)
{
    const char *list = schema_object_get(table, ATTRIBUTE_PARTITIONS);
    return list ? list : schema_object_get(table, "~" ATTRIBUTE_PARTITIONS);
}

static char *listed(const GPtrArray *partitions, guint from, guint end)
{
    GString *text = g_string_new("(");
    for (guint i = from; i < end; i++)
        g_string_append_printf(text, "%s\n  %s", i > from ? "," : "", (char *)partitions->pdata[i]);
    g_string_append(text, "\n)");
    return g_string_free(text, FALSE);
}

static GPtrArray *partitions_of(const SchemaObject *table)
{
    const char *list = partition_list(table);
    return list ? text_split(list, ',') : g_ptr_array_new_with_free_func(g_free);
}

char *partitions_text(const SchemaObject *table)
{
    const char *by = schema_object_get(table, "~" ATTRIBUTE_PARTITION_BY);
    g_autoptr(GPtrArray) partitions = partitions_of(table);
    g_autofree char *list = listed(partitions, 0, partitions->len);
    if (!by)
        return NULL;
    return partitions->len ? g_strdup_printf("%s\n%s", by, list) : g_strdup(by);
}

/* ---- By number ---- */

/* How many partitions of HASH and KEY; 0: they are listed. `head` is what stands before. */
static guint64 partition_count(const char *by, gsize *head)
{
    const char *count = g_strrstr(by, "\nPARTITIONS ");
    *head = count ? (gsize)(count - by) : strlen(by);
    return count ? g_ascii_strtoull(count + strlen("\nPARTITIONS "), NULL, 10) : 0;
}

static bool same_head(const char *before, const char *after)
{
    gsize old = 0;
    gsize new = 0;
    bool counted = partition_count(before, &old) > 0;
    return counted == (partition_count(after, &new) > 0) && old == new &&strncmp(before, after, old) == 0;
}

bool partitions_differ(const SchemaObject *before, const SchemaObject *after)
{
    const char *old = partition_method(before);
    const char *new = partition_method(after);
    if (!old || !new)
        return old != new;
    return !same_head(old, new);
}

/* ---- Statements ---- */

static void partition_anew(MysqlWriting *self, const SchemaObject *after)
{
    g_autofree char *text = partitions_text(after);
    change_script_add(self->script, "ALTER TABLE %s\n%s", after->name, text);
}

static bool is_by(const SchemaObject *table, const char *method)
{
    g_autofree char *head = g_strconcat("PARTITION BY ", method, NULL);
    return g_str_has_prefix(partition_method(table), head);
}

static void change_count(MysqlWriting *self, const SchemaObject *before, const SchemaObject *after)
{
    gsize head = 0;
    guint64 old = partition_count(partition_method(before), &head);
    guint64 new = partition_count(partition_method(after), &head);
    if (is_by(after, "SYSTEM_TIME"))
        partition_anew(self, after);
    else if (new > old)
        change_script_add(self->script, "ALTER TABLE %s ADD PARTITION PARTITIONS %" G_GUINT64_FORMAT,
                          after->name, new - old);
    else
        change_script_add(self->script, "ALTER TABLE %s COALESCE PARTITION %" G_GUINT64_FORMAT, after->name,
                          old - new);
}

/* ---- Lists ---- */

/* What of two lists differs: old partitions from `start` to `old_end` become new ones from `start` to
 * `new_end`. */
typedef struct PartitionChange {
    MysqlWriting *writing;
    const SchemaObject *table;
    GPtrArray *old;
    GPtrArray *new;
    guint start;
    guint old_end;
    guint new_end;
} PartitionChange;

static void find_change(PartitionChange *self)
{
    while (self->start < MIN(self->old->len, self->new->len) &&
           g_str_equal(self->old->pdata[self->start], self->new->pdata[self->start]))
        self->start++;
    self->old_end = self->old->len;
    self->new_end = self->new->len;
    while (self->old_end > self->start && self->new_end > self->start &&
           g_str_equal(self->old->pdata[self->old_end - 1], self->new->pdata[self->new_end - 1])) {
        self->old_end--;
        self->new_end--;
    }
}

/* MySQL prints it without quotes where it needs none. */
static char *partition_name(const char *partition)
{
    const char *at = partition;
    text_take(&at, "PARTITION ");
    g_autofree char *name = text_take_name(&at);
    g_autofree char *plain = name ? NULL : g_strndup(at, strcspn(at, " "));
    return text_quoted(name ? name : plain);
}

static char *old_names(const PartitionChange *self, guint end)
{
    GString *names = g_string_new("");
    for (guint i = self->start; i < end; i++) {
        g_autofree char *name = partition_name(self->old->pdata[i]);
        g_string_append_printf(names, "%s%s", i > self->start ? ", " : "", name);
    }
    return g_string_free(names, FALSE);
}

/* `more` unchanged ones behind the change take part. */
static void reorganize(const PartitionChange *self, guint more)
{
    g_autofree char *names = old_names(self, self->old_end + more);
    g_autofree char *list = listed(self->new, self->start, self->new_end + more);
    change_script_add(self->writing->script, "ALTER TABLE %s REORGANIZE PARTITION %s INTO %s",
                      self->table->name, names, list);
}

static void add_partitions(const PartitionChange *self)
{
    g_autofree char *list = listed(self->new, self->start, self->new_end);
    change_script_add(self->writing->script, "ALTER TABLE %s ADD PARTITION %s", self->table->name, list);
}

static void drop_partitions(const PartitionChange *self)
{
    g_autofree char *names = old_names(self, self->old_end);
    ChangeStatement *statement = change_script_add(self->writing->script, "ALTER TABLE %s DROP PARTITION %s",
                                                   self->table->name, names);
    statement->data_loss = g_strdup_printf("table %s: rows of partition %s", self->table->key, names);
}

static bool is_default(const char *partition)
{
    return strstr(partition, " DEFAULT ENGINE") || g_str_has_suffix(partition, " DEFAULT");
}

/* Partitions that go: into what follows in a range, or into the default of a list. */
static void remove_partitions(const PartitionChange *self)
{
    guint behind = self->old->len - self->old_end;
    g_autofree char *names = old_names(self, self->old_end);
    bool merges =
        behind > 0 && (is_by(self->table, "RANGE") ||
                       (is_by(self->table, "LIST") && is_default(self->old->pdata[self->old->len - 1])));
    if (!merges) {
        drop_partitions(self);
        return;
    }
    if (is_by(self->table, "RANGE"))
        reorganize(self, 1);
    else
        partition_anew(self->writing, self->table); /* into a default alone the server does not reorganize */
    change_script_note(self->writing->script,
                       "table %s: the rows of partition %s are kept in what follows; if they shall go, use "
                       "DROP PARTITION",
                       self->table->key, names);
}

/* "VALUES LESS THAN (2020)"; 0 and `known` false where it is no number. */
static gint64 upper_bound(const char *partition, bool *known)
{
    const char *from = strstr(partition, "LESS THAN (");
    char *end = NULL;
    gint64 bound = from ? g_ascii_strtoll(from + strlen("LESS THAN ("), &end, 10) : 0;
    *known = end && *end == ')';
    return bound;
}

static bool range_shrinks(const PartitionChange *self)
{
    bool knows_old = false;
    bool knows_new = false;
    const char *old_last = self->old->pdata[self->old->len - 1];
    const char *new_last = self->new->pdata[self->new->len - 1];
    gint64 old = upper_bound(old_last, &knows_old);
    gint64 new = upper_bound(new_last, &knows_new);
    bool from_all = strstr(old_last, "MAXVALUE") && !strstr(new_last, "MAXVALUE");
    return is_by(self->table, "RANGE") && (from_all || (knows_old && knows_new && new < old));
}

/* "(20)" or "MAXVALUE" of what stands behind LESS THAN. Caller frees. */
static char *bound_text(const char *partition)
{
    const char *from = strstr(partition, "LESS THAN ");
    if (!from)
        return g_strdup("");
    from += strlen("LESS THAN ");
    return g_strndup(from, *from == '(' ? (gsize)(text_behind(from) - from) : strcspn(from, " "));
}

/* A range whose changed part ends elsewhere takes from, or gives to, the one behind it. */
static bool moves_end(const PartitionChange *self)
{
    g_autofree char *old = bound_text(self->old->pdata[self->old_end - 1]);
    g_autofree char *new = bound_text(self->new->pdata[self->new_end - 1]);
    return self->old_end < self->old->len && !g_str_equal(old, new);
}

static void change_partitions(const PartitionChange *self)
{
    bool adds = self->start == self->old_end;
    bool removes = self->start == self->new_end;
    bool at_end = self->old_end == self->old->len;
    if (is_by(self->table, "SYSTEM_TIME") && !adds && !removes)
        partition_anew(self->writing, self->table);
    else if (adds && (at_end || is_by(self->table, "SYSTEM_TIME")))
        add_partitions(self);
    else if (removes)
        remove_partitions(self);
    else if (range_shrinks(self))
        partition_anew(self->writing, self->table);
    else
        reorganize(self, adds || moves_end(self) ? 1 : 0);
}

/* ---- Around the table's ALTER ---- */

void write_partitions_before(MysqlWriting *self, const SchemaObject *before, const SchemaObject *after)
{
    if (partition_method(before) && !partition_method(after))
        change_script_add(self->script, "ALTER TABLE %s REMOVE PARTITIONING", after->name);
}

static void compare_lists(MysqlWriting *self, const SchemaObject *before, const SchemaObject *after)
{
    PartitionChange change = {self, after, partitions_of(before), partitions_of(after), 0, 0, 0};
    find_change(&change);
    if (change.start < change.old_end || change.start < change.new_end)
        change_partitions(&change);
    g_ptr_array_unref(change.old);
    g_ptr_array_unref(change.new);
}

void write_partitions_after(MysqlWriting *self, const SchemaObject *before, const SchemaObject *after)
{
    if (!partition_method(after))
        return;
    if (partitions_differ(before, after))
        partition_anew(self, after);
    else if (!same_attribute(before, after, ATTRIBUTE_PARTITION_BY))
        change_count(self, before, after);
    else if (!same_attribute(before, after, ATTRIBUTE_PARTITIONS))
        compare_lists(self, before, after);
}
