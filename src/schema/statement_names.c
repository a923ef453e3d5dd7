/* Statement names: reads which objects a statement names, by the style of its class. Pure. */
#include "schema/picture.h"
#include "schema/statement_internal.h"

void facts_expect(StatementFacts *facts, char sign, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *line = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_ptr_array_add(facts->expected, g_strdup_printf("%c%s", sign, line));
}

static void part_name_free(PartName *self)
{
    g_free(self->name);
    g_free(self);
}

void facts_expect_part(StatementFacts *facts, char sign, PicturePart part, const char *name)
{
    const ObjectName *table = facts->objects->pdata[0];
    PartName *witness = g_new0(PartName, 1);
    witness->part = part;
    witness->name = g_strdup(name);
    if (!facts->witnesses)
        facts->witnesses = g_ptr_array_new_with_free_func((GDestroyNotify)part_name_free);
    g_ptr_array_add(facts->witnesses, witness);
    if (part == PICTURE_INDEXES)
        facts_expect(facts, sign, "index %s.%s ", table->name, name);
    else
        facts_expect(facts, sign, "column %s.%s: ", table->name, name);
}

void facts_expect_nothing(StatementFacts *facts)
{
    g_ptr_array_set_size(facts->expected, 0);
    g_clear_pointer(&facts->witnesses, g_ptr_array_unref);
}

static bool add_name(StatementFacts *facts, WordReader *reader, ObjectKind kind)
{
    ObjectName *name = reader_take_name(reader, kind);
    if (name)
        g_ptr_array_add(facts->objects, name);
    return name != NULL;
}

static bool add_everything(StatementFacts *facts)
{
    ObjectName *name = g_new0(ObjectName, 1);
    name->kind = OBJECT_EVERYTHING;
    g_ptr_array_add(facts->objects, name);
    return true;
}

static bool list_names(StatementFacts *facts, WordReader *reader, ObjectKind kind)
{
    do {
        if (!add_name(facts, reader, kind))
            return false;
    } while (reader_take_sign(reader, ','));
    return true;
}

static bool index_names(StatementFacts *facts, WordReader *reader)
{
    bool unnamed = reader_peek(reader, 0) && sql_word_is(reader_peek(reader, 0), "on");
    g_autofree char *index = unnamed ? NULL : reader_take_ident(reader);
    if (!reader_skip_past(reader, "on"))
        return false;
    reader_take(reader, "only");
    if (!add_name(facts, reader, OBJECT_TABLE))
        return false;
    ((ObjectName *)facts->objects->pdata[0])->index = g_steal_pointer(&index);
    return true;
}

/* CREATE OR REPLACE INDEX, IF [NOT] EXISTS: it may have been there, or gone, before. */
static bool is_conditional(const WordReader *reader)
{
    for (guint i = 0; i < reader->at; i++)
        if (sql_word_is(reader->words->pdata[i], "if") || sql_word_is(reader->words->pdata[i], "replace"))
            return true;
    return false;
}

static bool index_names_of(StatementFacts *facts, WordReader *reader, char sign)
{
    bool conditional = is_conditional(reader);
    if (!index_names(facts, reader))
        return false;
    const ObjectName *table = facts->objects->pdata[0];
    if (table->index)
        facts_expect_part(facts, sign, PICTURE_INDEXES, table->index);
    if (conditional)
        g_clear_pointer(&facts->witnesses, g_ptr_array_unref);
    return true;
}

static bool trigger_names(StatementFacts *facts, WordReader *reader)
{
    if (!add_name(facts, reader, OBJECT_TRIGGER))
        return false;
    ObjectName *trigger = facts->objects->pdata[0];
    ObjectName *table = reader_skip_past(reader, "on") ? reader_take_name(reader, OBJECT_TABLE) : NULL;
    if (!table)
        return false;
    trigger->table = g_steal_pointer(&table->name);
    if (!trigger->schema)
        trigger->schema = g_steal_pointer(&table->schema);
    object_name_free(table);
    return true;
}

/* ---- RENAME ---- */

static char *name_key(const ObjectName *name)
{
    return g_strconcat(name->schema ? name->schema : "", "\n", name->name, NULL);
}

static bool same_keys(GHashTable *left, GHashTable *right)
{
    GHashTableIter iter;
    gpointer key;
    g_hash_table_iter_init(&iter, left);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        if (!g_hash_table_contains(right, key))
            return false;
    return g_hash_table_size(left) == g_hash_table_size(right);
}

/* True if the names are the same set afterwards, as where two tables swap theirs; else those that are gone
 * and those that are there are expected. The objects are old, new, old, new, … */
static bool names_stay(StatementFacts *facts)
{
    const GPtrArray *objects = facts->objects;
    g_autoptr(GHashTable) before = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) after = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i + 1 < objects->len; i += 2) {
        g_autofree char *from = name_key(objects->pdata[i]);
        if (!g_hash_table_remove(after, from))
            g_hash_table_add(before, g_steal_pointer(&from));
        g_hash_table_add(after, name_key(objects->pdata[i + 1]));
    }
    if (same_keys(before, after))
        return true;
    for (guint i = 0; i < objects->len; i++) {
        g_autofree char *key = name_key(objects->pdata[i]);
        g_autofree char *absent = picture_absent_line(objects->pdata[i]);
        facts_expect(facts, g_hash_table_contains(after, key) ? '-' : '+', "%s", absent);
    }
    return false;
}

static bool rename_names(StatementFacts *facts, WordReader *reader)
{
    do {
        if (!add_name(facts, reader, OBJECT_TABLE) || !reader_skip_past(reader, "to") ||
            !add_name(facts, reader, OBJECT_TABLE))
            return false;
    } while (reader_take_sign(reader, ','));
    if (names_stay(facts)) {
        facts->equal = SETTLE_ASK;
        facts->parts |= PICTURE_OPTIONS | PICTURE_COLUMNS | PICTURE_INDEXES;
    }
    return true;
}

/* REINDEX [(options)] INDEX|TABLE|SCHEMA|DATABASE CONCURRENTLY name */
static bool reindex_names(StatementFacts *facts, WordReader *reader)
{
    while (reader_peek(reader, 0) && !sql_word_is(reader_peek(reader, 0), "index") &&
           !sql_word_is(reader_peek(reader, 0), "table") && !sql_word_is(reader_peek(reader, 0), "schema") &&
           !sql_word_is(reader_peek(reader, 0), "database"))
        reader->at++;
    bool index = reader_take(reader, "index"), table = !index && reader_take(reader, "table");
    reader_take(reader, "concurrently");
    if (index || table)
        return add_name(facts, reader, index ? OBJECT_INDEX : OBJECT_TABLE);
    return add_everything(facts);
}

bool statement_names(StatementFacts *facts, WordReader *reader, NameStyle style, ObjectKind kind)
{
    switch (style) {
    case NAMES_NONE:
        return true;
    case NAMES_ONE:
        return add_name(facts, reader, kind);
    case NAMES_LIST:
        return list_names(facts, reader, kind);
    case NAMES_RENAME:
        return rename_names(facts, reader);
    case NAMES_INDEX_ON:
        return index_names(facts, reader);
    case NAMES_INDEX_MADE:
        return index_names_of(facts, reader, '+');
    case NAMES_INDEX_DROPPED:
        return index_names_of(facts, reader, '-');
    case NAMES_TRIGGER:
        return trigger_names(facts, reader);
    case NAMES_ALTER:
        if (!add_name(facts, reader, OBJECT_TABLE))
            return false;
        alter_actions(facts, reader);
        return true;
    case NAMES_REINDEX:
        return reindex_names(facts, reader);
    case NAMES_EVERYTHING:
        return add_everything(facts);
    }
    return false;
}
