/* Trial on MariaDB and MySQL: an ALTER is tried in the cheapest way first, and the first one that the server
 * agrees to is how it carries it out. Sources: MariaDB "InnoDB Online DDL Overview", alter_algorithm; MySQL
 * manual 17.12.1. */
#include "dev/lint_trial_internal.h"
#include "schema/statement_class.h"
#include "sql/words.h"

#include <string.h>

typedef struct Attempt {
    LintAlgorithm algorithm;
    const char *session; /* sent before; NULL: nothing */
    const char *clauses; /* what the statement ends with */
    bool blocks;
} Attempt;

static const Attempt MARIADB[] = {
    {LINT_ALGORITHM_INSTANT, "SET SESSION alter_algorithm = INSTANT", "LOCK=NONE", false},
    {LINT_ALGORITHM_NOCOPY, "SET SESSION alter_algorithm = NOCOPY", "LOCK=NONE", false},
    {LINT_ALGORITHM_INPLACE, "SET SESSION alter_algorithm = INPLACE", "LOCK=NONE", false},
    {LINT_ALGORITHM_NOCOPY, "SET SESSION alter_algorithm = NOCOPY", "LOCK=SHARED", true},
    {LINT_ALGORITHM_INPLACE, "SET SESSION alter_algorithm = INPLACE", "LOCK=SHARED", true},
    {LINT_ALGORITHM_COPY, "SET SESSION alter_algorithm = COPY", "LOCK=SHARED", true},
};

static const Attempt MYSQL[] = {
    {LINT_ALGORITHM_INSTANT, NULL, "ALGORITHM=INSTANT", false},
    {LINT_ALGORITHM_INPLACE, NULL, "ALGORITHM=INPLACE, LOCK=NONE", false},
    {LINT_ALGORITHM_INPLACE, NULL, "ALGORITHM=INPLACE, LOCK=SHARED", true},
    {LINT_ALGORITHM_COPY, NULL, "ALGORITHM=COPY, LOCK=SHARED", true},
};

#define DEFAULT_ALGORITHM "SET SESSION alter_algorithm = DEFAULT"

/* ---- What can be tried ---- */

static bool word_is(const LintStatement *statement, guint index, const char *word)
{
    return index < statement->words->len && sql_word_is(statement->words->pdata[index], word);
}

static bool holds(const LintStatement *statement, const char *word)
{
    for (guint i = 0; i < statement->words->len; i++)
        if (word_is(statement, i, word))
            return true;
    return false;
}

static bool is_alter(const LintStatement *statement)
{
    return word_is(statement, 0, "alter") &&
           (word_is(statement, 1, "table") ||
            (word_is(statement, 1, "online") && word_is(statement, 2, "table")) ||
            (word_is(statement, 1, "ignore") && word_is(statement, 2, "table")));
}

static bool is_index(const LintStatement *statement)
{
    if (!word_is(statement, 0, "create") && !word_is(statement, 0, "drop"))
        return false;
    return word_is(statement, 1, "index") || word_is(statement, 2, "index");
}

/* Changes of partitions and of names do not obey the attempts. */
static bool can_be_tried(const LintStatement *statement)
{
    return (is_alter(statement) || is_index(statement)) && !holds(statement, "algorithm") &&
           !holds(statement, "lock") && !holds(statement, "partition") && !holds(statement, "partitioning");
}

static bool is_refusal(const GError *problem)
{
    static const char *const codes[] = {"1845", "1846", "1221", "1064", NULL};
    const DbErrorDetail *detail = db_error_detail(problem);
    return detail && detail->code && g_strv_contains(codes, detail->code);
}

/* Table of the model by its bare name. */
static const SchemaObject *table_named(const SchemaModel *model, const char *name)
{
    const GPtrArray *objects = schema_model_objects(model);
    for (guint i = 0; i < objects->len; i++) {
        const SchemaObject *object = objects->pdata[i];
        gsize length = strlen(name);
        bool quoted = object->key[0] == '`' && strncmp(object->key + 1, name, length) == 0 &&
                      g_str_equal(object->key + 1 + length, "`");
        if (object->kind == SCHEMA_TABLE && (quoted || g_str_equal(object->key, name)))
            return object;
    }
    return NULL;
}

static void note_tables(LintTrial *self, LintStatement *statement)
{
    g_autoptr(StatementFacts) facts = statement_facts_new(statement->text, strlen(statement->text),
                                                          statement->kind, self->section->dialect);
    for (guint i = 0; i < facts->objects->len; i++) {
        const ObjectName *name = facts->objects->pdata[i];
        const SchemaObject *table =
            name->kind == OBJECT_TABLE && name->name ? table_named(self->section->after, name->name) : NULL;
        if (table)
            lint_statement_table(statement, table->key);
    }
}

/* ---- Trying ---- */

static bool try_one(LintTrial *self, const LintStatement *statement, const Attempt *attempt, GError **error)
{
    g_autofree char *sql =
        g_strdup_printf("%s%s %s", statement->text, is_alter(statement) ? "," : "", attempt->clauses);
    return (!attempt->session || trial_send_text(self, attempt->session, error)) &&
           trial_send_text(self, sql, error);
}

static void note_algorithm(LintStatement *statement, const Attempt *attempt)
{
    statement->measured = true;
    statement->algorithm = attempt->algorithm;
    statement->blocks_writes = attempt->blocks;
}

/* True with *done: the statement took effect in one of the ways. */
static bool try_ways(LintTrial *self, guint index, bool *done, GError **error)
{
    LintStatement *statement = trial_statement(self, index);
    bool maria = self->section->dialect == DIALECT_MARIADB;
    const Attempt *attempts = maria ? MARIADB : MYSQL;
    gsize count = maria ? G_N_ELEMENTS(MARIADB) : G_N_ELEMENTS(MYSQL);
    for (gsize i = 0; i < count && !*done; i++) {
        g_autoptr(GError) problem = NULL;
        *done = try_one(self, statement, &attempts[i], &problem);
        if (*done)
            note_algorithm(statement, &attempts[i]);
        else if (!is_refusal(problem)) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return false;
        }
    }
    return true;
}

/* An earlier statement may have changed it. */
static bool note_mode(LintTrial *self, LintStatement *statement, GError **error)
{
    g_autoptr(RowSet) rows = connection_query(self->scratch->connection, "SELECT @@SESSION.sql_mode", error);
    if (!rows || rows->rows->len == 0)
        return rows != NULL;
    char *const *row = rows->rows->pdata[0];
    statement->lax = row[0] && !strstr(row[0], "STRICT_");
    return true;
}

static bool mysql_run(LintTrial *self, guint index, GError **error)
{
    LintStatement *statement = trial_statement(self, index);
    bool done = false;
    if (!note_mode(self, statement, error))
        return false;
    statement->in_transaction = false;
    note_tables(self, statement);
    bool tried = can_be_tried(statement);
    bool good = !tried || try_ways(self, index, &done, error);
    if (tried && self->section->dialect == DIALECT_MARIADB)
        trial_send_text(self, DEFAULT_ALGORITHM, NULL);
    if (!good || done)
        return good;
    statement->measured = true;
    if (is_alter(statement) && (holds(statement, "partition") || holds(statement, "partitioning")))
        statement->blocks_writes = holds(statement, "by") || holds(statement, "reorganize") ||
                                   holds(statement, "remove") || holds(statement, "coalesce");
    return trial_send(self, index, error);
}

const LintTrialWay lint_trial_mysql = {NULL, NULL, mysql_run};
