/* Rules of locks: what makes other sessions wait, as it was measured on a scratch database, and how to do
 * without. Sources: PostgreSQL manual 13.3 "Explicit Locking" and ALTER TABLE, CREATE INDEX; MariaDB "InnoDB
 * Online DDL Overview". */
#include "lint/lint_risk_internal.h"

/* ---- What was measured ---- */

/* The table was there before the section; what was made in it nobody waits for. */
static bool is_of_interest(const LintSink *sink, const LintTable *table)
{
    return lint_is_old_table(sink->section, table->key) ||
           lint_is_old(sink->section, SCHEMA_MATVIEW, table->key);
}

static void ask_size(LintSink *sink, LintFinding *finding, const char *table)
{
    lint_ask(finding, sink, (LintQuestion){.kind = LINT_ASK_SIZE, .table = (char *)table});
}

static char *table_object(const char *key)
{
    return g_strdup_printf("table %s", key);
}

static const char *who_waits(LintLock lock)
{
    return lock == LINT_LOCK_ACCESS_EXCLUSIVE ? "readers and writers wait" : "writers wait";
}

static bool is_pure_rewrite(const LintStatement *statement)
{
    return lint_begins(statement, "truncate") || lint_begins(statement, "cluster") ||
           lint_begins(statement, "refresh");
}

static void lk01_rewrite_postgres(LintSink *sink, const LintStatement *statement)
{
    for (guint i = 0; i < statement->tables->len; i++) {
        const LintTable *table = statement->tables->pdata[i];
        if (!table->rewritten || !is_of_interest(sink, table))
            continue;
        g_autofree char *object = table_object(table->key);
        LintFinding *finding =
            lint_tell(sink, object, "%s is copied row by row under %s: %s until it is done", table->key,
                      lint_lock_name(table->lock), who_waits(table->lock));
        ask_size(sink, finding, table->key);
    }
}

static void lk01_rewrite(LintSink *sink, const LintStatement *statement)
{
    if (is_pure_rewrite(statement))
        return; /* DL04, LK04 and LK11 say it */
    if (sink->section->dialect == DIALECT_POSTGRES) {
        lk01_rewrite_postgres(sink, statement);
        return;
    }
    for (guint i = 0; statement->algorithm == LINT_ALGORITHM_INPLACE && i < statement->tables->len; i++) {
        const LintTable *table = statement->tables->pdata[i];
        if (!is_of_interest(sink, table))
            continue;
        g_autofree char *object = table_object(table->key);
        LintFinding *finding = lint_tell_as(sink, FINDING_NOTE, object,
                                            "%s is rebuilt (ALGORITHM=INPLACE): writers may go on, but it "
                                            "takes time, space and I/O by its size",
                                            table->key);
        ask_size(sink, finding, table->key);
    }
}

/* The statement adds such a key to an old table; its kind is told by the object that it makes. */
static bool adds_key(const LintSink *sink, const LintStatement *statement, LintKeyKind kind)
{
    for (guint i = 0; statement->diff && i < statement->diff->changes->len; i++) {
        const SchemaChange *change = statement->diff->changes->pdata[i];
        if (change->kind != CHANGE_CREATE ||
            (change->after->kind != SCHEMA_CONSTRAINT && change->after->kind != SCHEMA_INDEX))
            continue;
        g_auto(LintKey) key = {0};
        lint_key_read(&key, statement->after, change->after);
        if (key.kind == kind && lint_is_old_table(sink->section, key.table))
            return true;
    }
    return false;
}

/* Another rule says it better. */
static bool has_own_rule(const LintSink *sink, const LintStatement *statement)
{
    return lint_begins(statement, "create [unique] index") || is_pure_rewrite(statement) ||
           adds_key(sink, statement, LINT_KEY_FOREIGN) || adds_key(sink, statement, LINT_KEY_UNIQUE) ||
           adds_key(sink, statement, LINT_KEY_PRIMARY) || adds_key(sink, statement, LINT_KEY_EXCLUDE) ||
           statement->kind == STATEMENT_DML || statement->kind == STATEMENT_SELECT;
}

static void lk02_scan(LintSink *sink, const LintStatement *statement)
{
    if (has_own_rule(sink, statement))
        return;
    for (guint i = 0; i < statement->tables->len; i++) {
        const LintTable *table = statement->tables->pdata[i];
        if (!table->scanned || table->rewritten || table->lock < LINT_LOCK_SHARE ||
            !is_of_interest(sink, table))
            continue;
        g_autofree char *object = table_object(table->key);
        LintFinding *finding =
            lint_tell(sink, object, "every row of %s is read under %s: %s until it is done", table->key,
                      lint_lock_name(table->lock), who_waits(table->lock));
        ask_size(sink, finding, table->key);
    }
}

static unsigned strongly_locked(const LintSink *sink, const LintSection *section, GPtrArray *names)
{
    for (guint s = 0; s < section->statements->len; s++) {
        const LintStatement *statement = section->statements->pdata[s];
        for (guint i = 0; statement->in_transaction && i < statement->tables->len; i++) {
            const LintTable *table = statement->tables->pdata[i];
            if (table->lock >= LINT_LOCK_SHARE && is_of_interest(sink, table) &&
                !g_ptr_array_find_with_equal_func(names, table->key, g_str_equal, NULL))
                g_ptr_array_add(names, table->key);
        }
    }
    return names->len;
}

static void lk12_several(LintSink *sink, const LintSection *section)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    if (!section->transaction || strongly_locked(sink, section, names) < 2)
        return;
    g_autofree char *list = finding_names(names, 4);
    lint_tell(sink, NULL, "one transaction holds strong locks on %u tables until it commits: %s", names->len,
              list);
}

static void lk09_copy(LintSink *sink, const LintStatement *statement)
{
    bool copy = statement->algorithm == LINT_ALGORITHM_COPY;
    bool asks = lint_risk_of_rule(statement, sink->section->dialect, "LK09") != NULL;
    if (!copy && !statement->blocks_writes && !asks)
        return;
    for (guint i = 0; i < statement->tables->len; i++) {
        const LintTable *table = statement->tables->pdata[i];
        if (!is_of_interest(sink, table))
            continue;
        g_autofree char *object = table_object(table->key);
        const char *how = asks   ? "the statement asks for it"
                          : copy ? "the server has to copy the table"
                                 : "the server refuses LOCK=NONE";
        ask_size(sink, lint_tell(sink, object, "writers to %s wait until it is done: %s", table->key, how),
                 table->key);
    }
}

/* ---- What the trial showed ---- */

static void lk03_index(LintSink *sink, const LintStatement *statement)
{
    if (!lint_begins(statement, "create [unique] index") || lint_holds(statement, "index concurrently"))
        return;
    for (guint i = 0; i < statement->diff->changes->len; i++) {
        const SchemaChange *change = statement->diff->changes->pdata[i];
        if (change->kind != CHANGE_CREATE || change->after->kind != SCHEMA_INDEX)
            continue;
        g_auto(LintKey) key = {0};
        lint_key_read(&key, statement->after, change->after);
        if (!lint_is_old_table(sink->section, key.table))
            continue;
        ask_size(sink,
                 lint_tell_of(sink, change->after, "writers to %s wait while the index is built", key.table),
                 key.table);
    }
}

/* What a DROP INDEX names was made in this section, or goes with a table that was. */
static bool drops_new_index(const LintSink *sink, const LintStatement *statement)
{
    if (!lint_begins(statement, "drop index") || !statement->diff)
        return false;
    for (guint i = 0; i < statement->diff->changes->len; i++) {
        const SchemaChange *change = statement->diff->changes->pdata[i];
        if (change->kind == CHANGE_DROP &&
            lint_is_old(sink->section, change->before->kind, change->before->key))
            return false;
    }
    return true;
}

static void lk04_concurrently(LintSink *sink, const LintStatement *statement)
{
    const RiskRow *row = lint_risk_of_rule(statement, sink->section->dialect, "LK04");
    if (row && !drops_new_index(sink, statement))
        lint_tell(sink, NULL, "%s", row->what);
}

/* The key of this kind that is made on an old table by the statement, not marked NOT VALID. */
static void tell_key(LintSink *sink, const LintStatement *statement, LintKeyKind kind,
                     const char *format_word)
{
    for (guint i = 0; i < statement->diff->changes->len; i++) {
        const SchemaChange *change = statement->diff->changes->pdata[i];
        if (change->kind != CHANGE_CREATE || change->after->kind != SCHEMA_CONSTRAINT)
            continue;
        g_auto(LintKey) key = {0};
        lint_key_read(&key, statement->after, change->after);
        if (key.kind != kind || key.not_valid || !lint_is_old_table(sink->section, key.table))
            continue;
        LintFinding *finding =
            lint_tell_of(sink, change->after, "%s on %s %s", format_word, key.table,
                         kind == LINT_KEY_FOREIGN ? "reads all its rows while writers to both tables wait"
                                                  : "builds its index while readers and writers wait");
        ask_size(sink, finding, key.table);
    }
}

static void lk07_foreign(LintSink *sink, const LintStatement *statement)
{
    bool copied = sink->section->dialect == DIALECT_POSTGRES || statement->algorithm == LINT_ALGORITHM_COPY ||
                  statement->algorithm == LINT_ALGORITHM_UNKNOWN;
    if (copied)
        tell_key(sink, statement, LINT_KEY_FOREIGN, "the foreign key");
}

static void lk08_unique(LintSink *sink, const LintStatement *statement)
{
    if (lint_holds(statement, "using index"))
        return;
    tell_key(sink, statement, LINT_KEY_UNIQUE, "the unique constraint");
    tell_key(sink, statement, LINT_KEY_PRIMARY, "the primary key");
    tell_key(sink, statement, LINT_KEY_EXCLUDE, "the exclusion constraint");
}

/* ---- Words ---- */

static void lk05_transaction(LintSink *sink, const LintStatement *statement)
{
    if (!sink->section->transaction || statement->kind != STATEMENT_NOT_IN_TRANSACTION)
        return;
    g_autofree char *first = g_ascii_strup(lint_word(statement, 0), -1);
    lint_tell(sink, NULL, "%s%s cannot run in a transaction, and this section is one", first,
              lint_holds(statement, "concurrently") ? " … CONCURRENTLY" : "");
}

static void lk05_down(LintSink *sink, const LintSection *section)
{
    for (guint i = 0; i < section->statements->len; i++) {
        sink->statement = section->statements->pdata[i];
        lk05_transaction(sink, sink->statement);
    }
}

/* The name behind the phrase, in an earlier statement of the section that also holds NOT VALID. */
static bool was_added_not_valid(const LintSink *sink, const LintStatement *until, const char *name)
{
    const GPtrArray *statements = sink->section->statements;
    for (guint i = 0; i < statements->len && statements->pdata[i] != until; i++) {
        const LintStatement *statement = statements->pdata[i];
        gssize at = lint_find(statement, "add constraint");
        g_autofree char *added = at >= 0 ? lint_name_at(statement, at) : NULL;
        if (added && g_ascii_strcasecmp(added, name) == 0 && lint_holds(statement, "not valid"))
            return true;
    }
    return false;
}

static void lk06_validate(LintSink *sink, const LintStatement *statement)
{
    gssize at = lint_find(statement, "validate constraint");
    g_autofree char *name = at >= 0 ? lint_name_at(statement, at) : NULL;
    if (name && sink->section->transaction && was_added_not_valid(sink, statement, name))
        lint_tell(sink, NULL,
                  "%s is validated in the transaction that adds it, so the strong lock of ADD is held "
                  "while every row is read",
                  name);
}

static void lk10_timeout(LintSink *sink, const LintStatement *statement)
{
    static const char *const names[] = {"lock_timeout", "statement_timeout", "innodb_lock_wait_timeout",
                                        "lock_wait_timeout"};
    if (!lint_begins(statement, "set"))
        return;
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *phrase = g_strconcat(names[i], " =|to", NULL);
        gssize at = lint_find(statement, phrase);
        const char *value = at >= 0 ? lint_word(statement, at) : "";
        if (at >= 0 && (g_strcmp0(value, "0") == 0 || g_ascii_strcasecmp(value, "default") == 0))
            lint_tell(sink, NULL, "%s is turned off, which dbfleet had set as the inventory says", names[i]);
    }
}

static void lk11_rewrite(LintSink *sink, const LintStatement *statement)
{
    const RiskRow *row = lint_risk_of_rule(statement, sink->section->dialect, "LK11");
    if (row)
        lint_tell(sink, NULL, "%s", row->what);
}

const LintRule lint_lock_rules[] = {
    {.id = "LK01",
     .title = "a table is rewritten",
     .severity = FINDING_WARNING,
     .dialects = LINT_PG | LINT_MY,
     .need = LINT_NEEDS_MEASURE,
     .why = "The server copies every row into a new file; on PostgreSQL under ACCESS EXCLUSIVE, so that "
            "nobody reads or "
            "writes the table until the copy is done. It takes as long as the table is large, and twice its "
            "space.",
     .safer = "Expand and contract: add a new column, fill it in batches, let programs write both, then "
              "swap. On MariaDB "
              "and MySQL choose a change that ALGORITHM=INSTANT can make.",
     .statement = lk01_rewrite},
    {.id = "LK02",
     .title = "a table is read in full under a blocking lock",
     .severity = FINDING_WARNING,
     .dialects = LINT_PG,
     .need = LINT_NEEDS_MEASURE,
     .why = "SET NOT NULL, ADD CHECK, ATTACH PARTITION and their like look at every row while they hold a "
            "lock that "
            "others wait for: as long as the table is large.",
     .safer = "Add the constraint NOT VALID and VALIDATE it in a later revision; SET NOT NULL is then free "
              "where a "
              "valid CHECK (c IS NOT NULL) stands.",
     .statement = lk02_scan},
    {.id = "LK03",
     .title = "an index is built without CONCURRENTLY",
     .severity = FINDING_WARNING,
     .dialects = LINT_PG,
     .need = LINT_NEEDS_TRIAL,
     .why = "CREATE INDEX holds SHARE on the table: writers wait until the index is built.",
     .safer = "CREATE INDEX CONCURRENTLY in a revision of its own with transaction:false.",
     .statement = lk03_index},
    {.id = "LK04",
     .title = "DROP INDEX, REINDEX, REFRESH or DETACH without CONCURRENTLY",
     .severity = FINDING_WARNING,
     .dialects = LINT_PG,
     .need = LINT_NEEDS_TEXT,
     .why = "Without CONCURRENTLY the statement takes ACCESS EXCLUSIVE (REINDEX: SHARE and ACCESS EXCLUSIVE "
            "on the "
            "index); everybody who comes after it waits behind it, even while it only waits itself.",
     .safer = "Use the CONCURRENTLY form in a revision of its own with transaction:false.",
     .statement = lk04_concurrently},
    {.id = "LK05",
     .title = "a statement that cannot run in a transaction stands in one",
     .severity = FINDING_ERROR,
     .dialects = LINT_PG | LINT_LITE,
     .need = LINT_NEEDS_TEXT,
     .why = "The server refuses it, and the whole section with it: CONCURRENTLY, VACUUM, CREATE DATABASE and "
            "others.",
     .safer = "Put it into a revision of its own whose section says transaction:false.",
     .statement = lk05_transaction,
     .down = lk05_down},
    {.id = "LK06",
     .title = "a constraint is validated in the transaction that adds it",
     .severity = FINDING_WARNING,
     .dialects = LINT_PG,
     .need = LINT_NEEDS_TEXT,
     .why = "NOT VALID followed by VALIDATE helps only when the first is committed before: the strong lock "
            "that ADD "
            "takes is held to the end of the transaction.",
     .safer = "Add it NOT VALID in one revision and VALIDATE it in the next.",
     .statement = lk06_validate},
    {.id = "LK07",
     .title = "a foreign key is added and checked at once",
     .severity = FINDING_WARNING,
     .dialects = LINT_PG | LINT_MY,
     .need = LINT_NEEDS_TRIAL,
     .why = "Every row is checked while writers to both tables wait (PostgreSQL: SHARE ROW EXCLUSIVE on "
            "both; MariaDB "
            "and MySQL copy the table).",
     .safer =
         "PostgreSQL: add it NOT VALID and VALIDATE it in a later revision. MariaDB, MySQL: at a quiet hour.",
     .statement = lk07_foreign},
    {.id = "LK08",
     .title = "a unique, primary key or exclusion constraint builds its index under lock",
     .severity = FINDING_WARNING,
     .dialects = LINT_PG,
     .need = LINT_NEEDS_TRIAL,
     .why = "ADD CONSTRAINT … UNIQUE or PRIMARY KEY builds an index under ACCESS EXCLUSIVE: nobody reads or "
            "writes the "
            "table until it is built.",
     .safer =
         "CREATE UNIQUE INDEX CONCURRENTLY in a revision with transaction:false, then ADD CONSTRAINT … USING "
         "INDEX. There is no such way for EXCLUDE.",
     .statement = lk08_unique},
    {.id = "LK09",
     .title = "writers wait for an ALTER",
     .severity = FINDING_WARNING,
     .dialects = LINT_MY,
     .need = LINT_NEEDS_MEASURE,
     .why = "The server has to copy the table (ALGORITHM=COPY) or cannot allow writes meanwhile "
            "(LOCK=SHARED): writers "
            "wait as long as the table is large, and replicas lag behind by the same time.",
     .safer = "Split it into steps that are INSTANT, NOCOPY or INPLACE with LOCK=NONE, or use an online "
              "schema change "
              "tool.",
     .statement = lk09_copy},
    {.id = "LK10",
     .title = "a timeout is turned off",
     .severity = FINDING_WARNING,
     .dialects = LINT_PG | LINT_MY,
     .need = LINT_NEEDS_TEXT,
     .why = "dbfleet sets lock_timeout and statement_timeout as the inventory says. Without them a DDL "
            "statement waits "
            "behind one long reader, and everybody else waits behind the statement.",
     .safer = "Leave the timeouts to the inventory (lock_timeout, statement_timeout), or set a larger value "
              "instead of "
              "none.",
     .statement = lk10_timeout},
    {.id = "LK11",
     .title = "CLUSTER, VACUUM FULL or OPTIMIZE TABLE",
     .severity = FINDING_WARNING,
     .dialects = LINT_PG | LINT_MY,
     .need = LINT_NEEDS_TEXT,
     .why = "They copy the whole table, PostgreSQL under ACCESS EXCLUSIVE. That is maintenance, not a change "
            "of schema.",
     .safer = "Run it by hand where it is needed, with a tool that works online, such as pg_repack.",
     .statement = lk11_rewrite},
    {.id = "LK12",
     .title = "one transaction locks several tables",
     .severity = FINDING_WARNING,
     .dialects = LINT_PG,
     .need = LINT_NEEDS_MEASURE,
     .why = "Each lock is held until the commit while the next is waited for: the first table stands still "
            "longer than "
            "its own change takes, and a program that takes the same tables in another order deadlocks.",
     .safer = "One table in each revision.",
     .section = lk12_several},
    {0}};
