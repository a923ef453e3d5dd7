/* ALTER TABLE of MySQL and MariaDB: which parts of the table's picture show each action, and which actions a
 * picture cannot tell. Rows of const data; an action that no row lists is for a person. Pure. */
#include "schema/picture.h"
#include "schema/statement_internal.h"

#include <string.h>

/* What an action is besides the parts it shows in. */
typedef enum ActionKind {
    ACTION_SHOWS,    /* always in the picture, or without effect */
    ACTION_HARMLESS, /* may be run again */
    ACTION_ASK,
    ACTION_ADD,           /* a column */
    ACTION_DROP,          /* a column */
    ACTION_CHANGE,        /* a column's old and new name, new definition */
    ACTION_RENAME_COLUMN, /* a TO b */
    ACTION_RENAME_TABLE,
    ACTION_ADD_INDEX,
    ACTION_DROP_INDEX
} ActionKind;

/* `words`: the first ones; a|b one of several. The first row that fits counts. */
static const struct {
    const char *words;
    ActionKind kind;
    unsigned parts;
} actions[] = {
    {"add primary", ACTION_SHOWS, PICTURE_INDEXES},
    {"add index|key|unique|fulltext|spatial|vector", ACTION_ADD_INDEX, PICTURE_INDEXES},
    {"add constraint|foreign|check", ACTION_SHOWS, PICTURE_CONSTRAINTS | PICTURE_INDEXES},
    {"add partition", ACTION_SHOWS, PICTURE_PARTITIONS},
    {"add system|period", ACTION_SHOWS, PICTURE_COLUMNS | PICTURE_OPTIONS},
    {"add", ACTION_ADD, PICTURE_COLUMNS},
    {"drop primary", ACTION_SHOWS, PICTURE_INDEXES},
    {"drop index|key", ACTION_DROP_INDEX, PICTURE_INDEXES},
    {"drop constraint|foreign|check", ACTION_SHOWS, PICTURE_CONSTRAINTS | PICTURE_INDEXES},
    {"drop partition", ACTION_SHOWS, PICTURE_PARTITIONS},
    {"drop system|period", ACTION_SHOWS, PICTURE_COLUMNS | PICTURE_OPTIONS},
    {"drop", ACTION_DROP, PICTURE_COLUMNS},
    {"modify", ACTION_SHOWS, PICTURE_COLUMNS | PICTURE_INDEXES},
    {"change", ACTION_CHANGE, PICTURE_COLUMNS | PICTURE_INDEXES},
    {"alter index|key", ACTION_SHOWS, PICTURE_INDEXES},
    {"alter check|constraint", ACTION_SHOWS, PICTURE_CONSTRAINTS},
    {"alter", ACTION_SHOWS, PICTURE_COLUMNS},
    {"rename column", ACTION_RENAME_COLUMN, PICTURE_COLUMNS},
    {"rename index|key", ACTION_SHOWS, PICTURE_INDEXES},
    {"rename", ACTION_RENAME_TABLE, 0},
    {"convert to", ACTION_SHOWS, PICTURE_OPTIONS | PICTURE_COLUMNS},
    {"force", ACTION_HARMLESS, 0},
    {"order by", ACTION_HARMLESS, 0},
    {"disable|enable keys", ACTION_HARMLESS, 0},
    {"auto_increment", ACTION_HARMLESS, 0},
    {"rebuild|optimize|analyze|check|repair partition", ACTION_HARMLESS, 0},
    {"reorganize|coalesce partition", ACTION_SHOWS, PICTURE_PARTITIONS},
    {"remove partitioning", ACTION_SHOWS, PICTURE_PARTITIONS},
    {"partition by", ACTION_SHOWS, PICTURE_PARTITIONS},
    {"algorithm|lock|wait|nowait", ACTION_HARMLESS, 0},
    {"with|without validation", ACTION_HARMLESS, 0},
    {"engine|comment|default|character|charset|collate|row_format|key_block_size|max_rows|min_rows|"
     "avg_row_length|checksum|delay_key_write|pack_keys|stats_persistent|stats_auto_recalc|"
     "stats_sample_pages|page_checksum|page_compressed|page_compression_level|transactional|encrypted|"
     "encryption|encryption_key_id|compression|insert_method|union|autoextend_size|secondary_engine|"
     "connection|sequence",
     ACTION_SHOWS, PICTURE_OPTIONS},
    {"discard|import|truncate|exchange", ACTION_ASK, 0},
};

typedef struct AlterScan {
    StatementFacts *facts;
    bool table_renamed;
    bool sure;         /* a column or an index comes or goes, if the statement takes effect */
    GHashTable *added; /* column names in lower case -> as written */
    GHashTable *dropped;
    unsigned renamed; /* columns that get another name */
} AlterScan;

static bool action_matches(WordReader *reader, const char *words)
{
    WordReader ahead = *reader;
    g_auto(GStrv) parts = g_strsplit(words, " ", -1);
    for (char **part = parts; *part; part++)
        if (!reader_take_one(&ahead, *part))
            return false;
    reader->at = ahead.at;
    return true;
}

static bool remember(GHashTable *names, WordReader *reader)
{
    char *name = reader_take_ident(reader);
    if (name)
        g_hash_table_insert(names, g_utf8_strdown(name, -1), name);
    return name != NULL;
}

/* The names in "(a int, b int)", read from behind the parenthesis. */
static bool remember_list(GHashTable *names, WordReader reader)
{
    guint depth = 1;
    bool found = remember(names, &reader);
    for (const SqlWord *word; depth > 0 && (word = reader_peek(&reader, 0));) {
        reader.at++;
        depth += sql_word_is_sign(word, '(');
        depth -= sql_word_is_sign(word, ')');
        if (depth == 1 && sql_word_is_sign(word, ','))
            found &= remember(names, &reader);
    }
    return found;
}

static void scan_column(AlterScan *self, GHashTable *names, WordReader *reader)
{
    reader_take(reader, "column");
    bool conditional = reader_take_if_exists(reader);
    WordReader list = *reader;
    bool found = reader_take_sign(&list, '(') ? remember_list(names, list) : remember(names, reader);
    self->sure |= found && !conditional;
}

/* Old and new name; two columns that swap theirs look the same afterwards. */
static void scan_renamed(AlterScan *self, WordReader *reader)
{
    reader_take(reader, "column");
    bool conditional = reader_take_if_exists(reader);
    g_autofree char *from = reader_take_ident(reader);
    reader_take(reader, "to");
    g_autofree char *to = reader_take_ident(reader);
    if (from && to && g_ascii_strcasecmp(from, to) == 0)
        return;
    self->renamed++;
    self->sure |= from && to && !conditional;
    facts_expect_part(self->facts, '-', PICTURE_COLUMNS, from ? from : "");
    facts_expect_part(self->facts, '+', PICTURE_COLUMNS, to ? to : "");
}

/* [INDEX|KEY] [IF [NOT] EXISTS] name; without a name the server finds one. */
static void scan_index(AlterScan *self, WordReader *reader, char sign)
{
    reader_take_one(reader, "index|key");
    bool conditional = reader_take_if_exists(reader);
    WordReader ahead = *reader;
    bool unnamed = reader_take(&ahead, "using");
    g_autofree char *name = unnamed ? NULL : reader_take_ident(reader);
    if (name)
        facts_expect_part(self->facts, sign, PICTURE_INDEXES, name);
    self->sure |= name && !conditional;
}

static void scan_new_table(AlterScan *self, WordReader *reader)
{
    reader_take_one(reader, "to|as");
    reader_take_sign(reader, '=');
    ObjectName *name = reader_take_name(reader, OBJECT_TABLE);
    self->table_renamed = true;
    if (name)
        g_ptr_array_add(self->facts->objects, name);
}

static void ask(StatementFacts *facts)
{
    facts->equal = facts->differs = SETTLE_ASK;
}

static void scan_action(AlterScan *self, WordReader *reader)
{
    gsize row = 0;
    while (row < G_N_ELEMENTS(actions) && !action_matches(reader, actions[row].words))
        row++;
    if (row == G_N_ELEMENTS(actions)) {
        ask(self->facts);
        return;
    }
    self->facts->parts |= actions[row].parts;
    if (actions[row].kind == ACTION_ASK)
        ask(self->facts);
    else if (actions[row].kind == ACTION_ADD)
        scan_column(self, self->added, reader);
    else if (actions[row].kind == ACTION_DROP)
        scan_column(self, self->dropped, reader);
    else if (actions[row].kind == ACTION_CHANGE || actions[row].kind == ACTION_RENAME_COLUMN)
        scan_renamed(self, reader);
    else if (actions[row].kind == ACTION_RENAME_TABLE)
        scan_new_table(self, reader);
    else if (actions[row].kind == ACTION_ADD_INDEX || actions[row].kind == ACTION_DROP_INDEX)
        scan_index(self, reader, actions[row].kind == ACTION_ADD_INDEX ? '+' : '-');
}

/* To behind the next comma outside of parentheses; what may follow an action without one adds its part. */
static bool next_action(AlterScan *self, WordReader *reader)
{
    guint depth = 0;
    for (const SqlWord *word; (word = reader_peek(reader, 0)); reader->at++) {
        if (sql_word_is_sign(word, '('))
            depth++;
        else if (sql_word_is_sign(word, ')') && depth > 0)
            depth--;
        if (depth > 0)
            continue;
        if (sql_word_is(word, "partition") || sql_word_is(word, "partitioning"))
            self->facts->parts |= PICTURE_PARTITIONS;
        if (sql_word_is(word, "check") || sql_word_is(word, "references"))
            self->facts->parts |= PICTURE_CONSTRAINTS;
        if (reader_take_sign(reader, ','))
            return true;
    }
    return false;
}

static bool adds_what_it_drops(const AlterScan *self)
{
    GHashTableIter iter;
    gpointer name;
    g_hash_table_iter_init(&iter, self->dropped);
    while (g_hash_table_iter_next(&iter, &name, NULL))
        if (g_hash_table_contains(self->added, name))
            return true;
    return false;
}

static void expect_columns(const AlterScan *self, GHashTable *names, char sign)
{
    GHashTableIter iter;
    gpointer name;
    g_hash_table_iter_init(&iter, names);
    while (g_hash_table_iter_next(&iter, NULL, &name))
        facts_expect_part(self->facts, sign, PICTURE_COLUMNS, name);
}

/* Whether one line is expected both to be there and not: dropped and added, or swapped. */
static bool expects_both(const GPtrArray *expected)
{
    for (guint i = 0; i < expected->len; i++)
        for (guint j = i + 1; j < expected->len; j++) {
            const char *left = expected->pdata[i], *right = expected->pdata[j];
            if (*left != *right && g_ascii_strcasecmp(left + 1, right + 1) == 0)
                return true;
        }
    return false;
}

/* The table's other lines have its new name then. */
static void expect_new_table(StatementFacts *facts)
{
    g_autofree char *from = picture_absent_line(facts->objects->pdata[0]);
    g_autofree char *to = picture_absent_line(facts->objects->pdata[facts->objects->len - 1]);
    facts_expect_nothing(facts);
    facts_expect(facts, '+', "%s", from);
    facts_expect(facts, '-', "%s", to);
}

void alter_actions(StatementFacts *facts, WordReader *reader)
{
    g_autoptr(GHashTable) added = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GHashTable) dropped = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    AlterScan scan = {.facts = facts, .added = added, .dropped = dropped};
    if (reader_take(reader, "wait"))
        reader->at++;
    reader_take(reader, "nowait");
    do {
        scan_action(&scan, reader);
    } while (next_action(&scan, reader));
    expect_columns(&scan, added, '+');
    expect_columns(&scan, dropped, '-');
    if (scan.table_renamed)
        expect_new_table(facts);
    else if (expects_both(facts->expected))
        facts_expect_nothing(facts);
    bool takes_names = scan.renamed > 0 && (g_hash_table_size(added) > 0 || g_hash_table_size(dropped) > 0);
    if (facts->equal != SETTLE_ASK && (scan.renamed > 1 || takes_names || adds_what_it_drops(&scan)))
        facts->equal = SETTLE_ASK;
    if (!scan.sure || facts->equal == SETTLE_ASK)
        g_clear_pointer(&facts->witnesses, g_ptr_array_unref);
}
