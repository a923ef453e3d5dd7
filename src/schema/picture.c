/* Pictures: puts together the subqueries of a dialect for the objects that a statement names, and compares
 * two pictures line by line. Pure. */
#include "schema/picture_internal.h"

#include <string.h>

#define MOST_ASKED 8

static const char *const kind_names[] = {
    [OBJECT_TABLE] = "table",           [OBJECT_INDEX] = "index",       [OBJECT_TRIGGER] = "trigger",
    [OBJECT_ROUTINE] = "routine",       [OBJECT_EVENT] = "event",       [OBJECT_DATABASE] = "database",
    [OBJECT_TABLESPACE] = "tablespace", [OBJECT_EVERYTHING] = "schema",
};

static const PictureDialect *const dialects[DIALECT_COUNT] = {
    [DIALECT_POSTGRES] = &picture_postgres,
    [DIALECT_MYSQL] = &picture_mysql,
    [DIALECT_MARIADB] = &picture_mysql,
    [DIALECT_SQLITE] = &picture_sqlite,
};

/* ---- Names ---- */

static char *object_label(const ObjectName *object)
{
    return g_strconcat(kind_names[object->kind], " ", object->schema ? object->schema : "",
                       object->schema ? "." : "", object->name ? object->name : "", NULL);
}

char *picture_absent_line(const ObjectName *object)
{
    g_autofree char *label = object_label(object);
    return g_strconcat(label, ": absent", NULL);
}

static char *quoted_name(Dialect dialect, const char *schema, const char *name)
{
    g_autofree char *whole = sql_quote_ident(dialect, name ? name : "");
    if (schema) {
        g_autofree char *first = sql_quote_ident(dialect, schema);
        char *joined = g_strconcat(first, ".", whole, NULL);
        g_free(g_steal_pointer(&whole));
        whole = joined;
    }
    return sql_quote_literal(dialect, whole);
}

/* MySQL family: a condition that leads to the table's triggers only; PostgreSQL: the table's name. */
static char *table_text(Dialect dialect, const ObjectName *object, const char *schema)
{
    if (dialect == DIALECT_POSTGRES)
        return quoted_name(dialect, object->schema, object->table);
    if (!object->table)
        return g_strdup("TRUE");
    g_autofree char *table = sql_quote_literal(dialect, object->table);
    return g_strdup_printf("EVENT_OBJECT_SCHEMA = %s AND EVENT_OBJECT_TABLE = %s", schema, table);
}

static char *hidden_list(Dialect dialect, const char *const *hidden)
{
    g_autoptr(GString) list = g_string_new("'-'");
    for (; hidden && *hidden; hidden++) {
        g_autofree char *name = sql_quote_literal(dialect, *hidden);
        g_string_append_printf(list, ", %s", name);
    }
    return g_string_free(g_steal_pointer(&list), FALSE);
}

/* ---- Subqueries ---- */

/* What stands for {X}. */
typedef struct PictureValues {
    char *by_letter[128];
} PictureValues;

static void values_init(PictureValues *self, const ObjectName *object, Dialect dialect,
                        const char *const *hidden)
{
    g_autofree char *label = object_label(object);
    char *schema =
        object->schema ? sql_quote_literal(dialect, object->schema) : g_strdup(dialects[dialect]->session);
    *self = (PictureValues){0};
    self->by_letter['L'] = sql_quote_literal(dialect, label);
    self->by_letter['S'] = schema;
    self->by_letter['N'] = sql_quote_literal(dialect, object->name);
    self->by_letter['T'] = table_text(dialect, object, schema);
    self->by_letter['Q'] = quoted_name(dialect, object->schema, object->name);
    self->by_letter['H'] = hidden_list(dialect, hidden);
}

static void values_clear(PictureValues *self)
{
    for (gsize i = 0; i < G_N_ELEMENTS(self->by_letter); i++)
        g_free(self->by_letter[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PictureValues, values_clear)

static void append_filled(GString *sql, const char *text, const PictureValues *values)
{
    for (const char *c = text; *c; c++) {
        const char *value = *c == '{' && c[1] && c[2] == '}' ? values->by_letter[c[1] & 127] : NULL;
        if (value) {
            g_string_append(sql, value);
            c += 2;
        } else {
            g_string_append_c(sql, *c);
        }
    }
}

static bool row_is_wanted(const PictureRow *row, const ObjectName *object, unsigned parts, Dialect dialect)
{
    bool all = object->kind == OBJECT_EVERYTHING;
    return row->object == object->kind && row->dialects & 1 << dialect &&
           (row->part == 0 || all || parts & row->part);
}

/* Existence comes first, and says so if there is nothing. */
static void append_object(GPtrArray *terms, const ObjectName *object, unsigned parts, Dialect dialect,
                          const char *const *hidden)
{
    g_auto(PictureValues) values = {0};
    values_init(&values, object, dialect, hidden);
    for (gsize i = 0; i < dialects[dialect]->count; i++) {
        const PictureRow *row = &dialects[dialect]->rows[i];
        if (!row_is_wanted(row, object, parts, dialect))
            continue;
        GString *term = g_string_new(row->part == 0 ? "COALESCE((" : "(");
        append_filled(term, row->query, &values);
        g_string_append_c(term, ')');
        if (row->part == 0) {
            g_autofree char *absent = picture_absent_line(object);
            g_autofree char *literal = sql_quote_literal(dialect, absent);
            g_string_append_printf(term, ", %s)", literal);
        }
        g_ptr_array_add(terms, g_string_free(term, FALSE));
    }
}

/* ---- Witnesses ---- */

char *picture_witness_line(const PictureWitness *kind, const char *table, const char *name, bool there)
{
    return there ? g_strdup_printf("%s %s.%s%sthere", kind->kind, table, name, kind->mark)
                 : g_strdup_printf("no %s %s.%s", kind->kind, table, name);
}

static void append_witness(GString *sql, const PictureWitness *kind, const char *table, const char *name,
                           Dialect dialect)
{
    g_autofree char *there = picture_witness_line(kind, table, name, true);
    g_autofree char *absent = picture_witness_line(kind, table, name, false);
    g_autofree char *name_literal = sql_quote_literal(dialect, name);
    g_autofree char *there_literal = sql_quote_literal(dialect, there);
    g_autofree char *absent_literal = sql_quote_literal(dialect, absent);
    g_string_append_printf(sql, ", COALESCE(MAX(IF(%s = %s, %s, NULL)), %s)", kind->name, name_literal,
                           there_literal, absent_literal);
}

/* Those of a part in one reading, which makes one row always; nothing if there are none. */
static void append_witnesses(GPtrArray *terms, const StatementFacts *facts, const PictureWitness *kind,
                             Dialect dialect)
{
    const ObjectName *table = facts->objects->pdata[0];
    g_auto(PictureValues) values = {0};
    g_autoptr(GString) sql = g_string_new("(SELECT CONCAT_WS('\n'");
    gsize empty = sql->len;
    for (guint i = 0; i < facts->witnesses->len; i++) {
        const PartName *witness = facts->witnesses->pdata[i];
        if (witness->part == kind->part)
            append_witness(sql, kind, table->name, witness->name, dialect);
    }
    if (sql->len == empty)
        return;
    values_init(&values, table, dialect, NULL);
    g_string_append_c(sql, ')');
    append_filled(sql, kind->rows, &values);
    g_string_append_c(sql, ')');
    g_ptr_array_add(terms, g_string_free(g_steal_pointer(&sql), FALSE));
}

/* The kind that all of them are, if a query that names them may tell; for more the one that reads them all
 * takes a server less. */
static const PictureWitness *askable_kind(const StatementFacts *facts, Dialect dialect)
{
    const PictureDialect *in = dialects[dialect];
    guint count = facts->witnesses ? facts->witnesses->len : 0;
    for (gsize i = 0; count > 0 && count <= MOST_ASKED && i < in->witness_count; i++) {
        guint of_kind = 0;
        for (guint w = 0; w < count; w++)
            of_kind += ((const PartName *)facts->witnesses->pdata[w])->part == in->witnesses[i].part;
        if (of_kind == count && in->witnesses[i].askable & 1 << dialect)
            return &in->witnesses[i];
    }
    return NULL;
}

/* ---- Terms ---- */

/* What the witnesses tell is enough; else whole parts of all objects. */
static void append_terms(GPtrArray *terms, const StatementFacts *facts, Dialect dialect,
                         const char *const *hidden)
{
    bool witnessed = dialects[dialect]->witnesses && facts->witnesses && facts->witnesses->len > 0;
    for (gsize i = 0; witnessed && i < dialects[dialect]->witness_count; i++)
        append_witnesses(terms, facts, &dialects[dialect]->witnesses[i], dialect);
    for (guint i = 0; !witnessed && i < facts->objects->len; i++)
        append_object(terms, facts->objects->pdata[i], facts->parts, dialect, hidden);
}

static char *join_terms(GPtrArray *terms, Dialect dialect)
{
    g_autoptr(GString) sql = g_string_new(dialects[dialect]->join);
    for (guint i = 0; i < terms->len; i++) {
        bool by_hand = !dialects[dialect]->join;
        g_string_append(sql, i == 0 ? "" : by_hand ? " || " : ", ");
        g_string_append_printf(sql, by_hand ? "COALESCE(%s || char(10), '')" : "%s",
                               (const char *)terms->pdata[i]);
    }
    if (dialects[dialect]->join)
        g_string_append_c(sql, ')');
    return g_string_free(g_steal_pointer(&sql), FALSE);
}

/* ---- The whole ---- */

#define LENGTH_VARIABLE "@dbfleet_length"

/* A user variable, since an UPDATE that reads information_schema is unsafe for statement-based replication.
 * GROUP_CONCAT cuts at group_concat_max_len, 1024 bytes on MySQL; one SET evaluates all its values before it
 * sets the first. */
static void take_by_variable(Picture *self, const StatementFacts *facts, Dialect dialect)
{
    const PictureWitness *askable = askable_kind(facts, dialect);
    bool aggregates = strstr(self->value, "GROUP_CONCAT") != NULL;
    if (aggregates)
        g_ptr_array_add(self->prelude, g_strdup("SET " LENGTH_VARIABLE " = @@SESSION.group_concat_max_len, "
                                                "SESSION group_concat_max_len = 16777215"));
    if (askable)
        picture_ask_for_columns(self->prelude, facts, askable, self->value);
    else
        g_ptr_array_add(self->prelude, g_strdup_printf("SET " PICTURE_VARIABLE " = %s", self->value));
    if (aggregates)
        g_ptr_array_add(self->cleanup, g_strdup("SET SESSION group_concat_max_len = " LENGTH_VARIABLE));
    g_free(self->value);
    self->value = g_strdup(PICTURE_VARIABLE);
}

void picture_init(Picture *self, const StatementFacts *facts, Dialect dialect, const char *const *hidden)
{
    g_autoptr(GPtrArray) terms = g_ptr_array_new_with_free_func(g_free);
    *self = (Picture){.prelude = g_ptr_array_new_with_free_func(g_free),
                      .cleanup = g_ptr_array_new_with_free_func(g_free)};
    if (facts)
        append_terms(terms, facts, dialect, hidden);
    if (terms->len == 0)
        return;
    self->value = join_terms(terms, dialect);
    if (dialect_is_mysql_family(dialect))
        take_by_variable(self, facts, dialect);
}

void picture_clear(Picture *self)
{
    g_clear_pointer(&self->prelude, g_ptr_array_unref);
    g_clear_pointer(&self->cleanup, g_ptr_array_unref);
    g_clear_pointer(&self->value, g_free);
}

/* ---- On its way ---- */

char *picture_query(const Picture *self, Dialect dialect)
{
    const PictureDialect *in = dialects[dialect];
    return g_strconcat("SELECT ", in->as_hex ? in->as_hex : "", self->value, in->as_hex ? in->hex_end : "",
                       NULL);
}

char *picture_from_answer(const char *answer, Dialect dialect)
{
    if (!answer || !dialects[dialect]->as_hex)
        return g_strdup(answer);
    gsize length = strlen(answer) / 2;
    char *text = g_malloc0(length + 1);
    for (gsize i = 0; i < length; i++)
        text[i] = (char)(g_ascii_xdigit_value(answer[2 * i]) << 4 | g_ascii_xdigit_value(answer[2 * i + 1]));
    return text;
}

/* ---- Comparing ---- */

bool picture_has_line(const char *picture, const char *line)
{
    g_auto(GStrv) lines = g_strsplit(picture, "\n", -1);
    return g_strv_contains((const char *const *)lines, line);
}

/* Lines of `left` that `right` lacks, each with a mark before it. */
static void append_only_in(GPtrArray *out, char **left, char **right, const char *mark)
{
    for (; *left; left++) {
        if (!**left || g_strv_contains((const char *const *)right, *left))
            continue;
        char *line = g_strconcat(mark, *left, NULL);
        g_ptr_array_add(out, g_strdelimit(line, "\t", ' '));
    }
}

char *picture_difference(const char *before, const char *now, unsigned most)
{
    g_auto(GStrv) old_lines = g_strsplit(before, "\n", -1);
    g_auto(GStrv) new_lines = g_strsplit(now, "\n", -1);
    g_autoptr(GPtrArray) out = g_ptr_array_new_with_free_func(g_free);
    append_only_in(out, old_lines, new_lines, "- ");
    append_only_in(out, new_lines, old_lines, "+ ");
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < MIN(out->len, most); i++)
        g_string_append_printf(text, "%s%s", i ? "\n" : "", (const char *)out->pdata[i]);
    if (out->len > most)
        g_string_append_printf(text, "\n… and %u more lines", out->len - most);
    return out->len ? g_string_free(g_steal_pointer(&text), FALSE) : NULL;
}
