/* Statement classes: the table of what is known of each, and finding a statement's row. Refuses to guess:
 * what no row lists is a person's to decide. Pure; any thread. */
#include "schema/statement_internal.h"

#include <string.h>

enum {
    PG = 1 << DIALECT_POSTGRES,
    MARIA = 1 << DIALECT_MARIADB,
    MY = 1 << DIALECT_MYSQL | MARIA,
    LITE = 1 << DIALECT_SQLITE,
    ALL = PG | MY | LITE
};

/* What a statement must have besides its first words. */
enum {
    OR_REPLACE = 1 << 0,
    TEMPORARY = 1 << 1,
    IF_EXISTS = 1 << 2, /* or IF NOT EXISTS */
    SEVERAL = 1 << 3,   /* a comma outside of parentheses */
    SELECTS = 1 << 4,   /* SELECT, VALUES, TABLE or WITH behind the names */
    SONAME = 1 << 5,
    RESTART = 1 << 6,
    CONCURRENTLY = 1 << 7,
    INTO = 1 << 8,
    ENDING = 1 << 9, /* an event's AT or ENDS */
    RETAIN = 1 << 10,
    NO_COMMIT = 1 << 11 /* nowhere in the text, strings included: COMMIT, ROLLBACK, CALL */
};

#define ATOMIC                                                                                               \
    "MariaDB Knowledge Base \"Atomic DDL\"; MySQL manual \"Atomic Data Definition Statement Support\""
#define REPEATABLE "it says what shall be, not what to change"
#define CONCURRENT "PostgreSQL manual, CREATE INDEX, \"Building Indexes Concurrently\""

typedef struct ClassRow {
    StatementClass class;
    int dialects;
    int kind;          /* StatementKind; -1: any */
    const char *words; /* the first ones, without OR REPLACE, DEFINER and their like; a|b one of several */
    unsigned needs;
    NameStyle names;
    ObjectKind object;
    unsigned parts;
    bool alone; /* PostgreSQL: cannot run in a transaction, or not always */
} ClassRow;

#define ANY (-1)
#define ROW(name, source, equal, differs, clean)                                                             \
    {                                                                                                        \
        name, source, SETTLE_##equal, SETTLE_##differs, clean                                                \
    }

/* The first row that fits counts. */
static const ClassRow rows[] = {
    /* ---- The session ---- */
    {ROW("SET, USE, PRAGMA", REPEATABLE, REPEAT, REPEAT, true), ALL, STATEMENT_SET, "", 0, NAMES_NONE, 0, 0,
     true},
    {ROW("ATTACH, DETACH", REPEATABLE, REPEAT, REPEAT, true), LITE, ANY, "attach|detach", 0, NAMES_NONE, 0, 0,
     true},
    {ROW("PREPARE, DEALLOCATE", "gone with its session", REPEAT, REPEAT, true), MY, STATEMENT_OTHER,
     "prepare|deallocate|drop", 0, NAMES_NONE, 0, 0, true},
    {ROW("CREATE or DROP TEMPORARY TABLE", "gone with its session", REPEAT, REPEAT, true), MY, ANY,
     "create|drop", TEMPORARY, NAMES_NONE, 0, 0, true},
    /* ---- MySQL and MariaDB: tables ---- */
    {ROW("CREATE OR REPLACE TABLE", "MariaDB Knowledge Base \"CREATE TABLE\": drops the old one first", ASK,
         MADE, true),
     MARIA, ANY, "create table|sequence", OR_REPLACE, NAMES_ONE, OBJECT_TABLE,
     PICTURE_OPTIONS | PICTURE_COLUMNS | PICTURE_INDEXES | PICTURE_CONSTRAINTS, false},
    {ROW("CREATE TABLE … SELECT", "MySQL manual, CREATE TABLE … SELECT: before 8.0.21 two transactions",
         REPEAT, ASK, true),
     1 << DIALECT_MYSQL, ANY, "create table", SELECTS, NAMES_ONE, OBJECT_TABLE, 0, false},
    {ROW("CREATE TABLE, SEQUENCE", ATOMIC, REPEAT, MADE, true), MY, ANY, "create table|sequence", 0,
     NAMES_ONE, OBJECT_TABLE, 0, false},
    {ROW("ALTER TABLE", ATOMIC, REPEAT, DONE, true), MY, ANY, "alter table", 0, NAMES_ALTER, OBJECT_TABLE, 0,
     false},
    {ROW("DROP TABLE, VIEW, SEQUENCE IF EXISTS", ATOMIC, REPEAT, GONE_OR_REPEAT, true), MY, ANY,
     "drop table|tables|view|sequence", IF_EXISTS, NAMES_LIST, OBJECT_TABLE, 0, false},
    {ROW("DROP TABLE, VIEW, SEQUENCE", "MariaDB Knowledge Base \"Atomic DDL\": one object after the other",
         REPEAT, GONE_OR_ASK, true),
     MY, ANY, "drop table|tables|view|sequence", 0, NAMES_LIST, OBJECT_TABLE, 0, false},
    {ROW("RENAME TABLE", ATOMIC, REPEAT, DONE, true), MY, ANY, "rename table|tables", 0, NAMES_RENAME,
     OBJECT_TABLE, 0, false},
    {ROW("TRUNCATE", "an empty table looks like a full one", ASK, ASK, true), MY, ANY, "truncate", 0,
     NAMES_NONE, 0, 0, false},
    {ROW("CREATE INDEX", ATOMIC, REPEAT, DONE, true), MY, ANY, "create index", 0, NAMES_INDEX_MADE,
     OBJECT_TABLE, PICTURE_INDEXES, false},
    {ROW("DROP INDEX", ATOMIC, REPEAT, DONE, true), MY, ANY, "drop index", 0, NAMES_INDEX_DROPPED,
     OBJECT_TABLE, PICTURE_INDEXES, false},
    /* ---- MySQL and MariaDB: views, routines, triggers, events ---- */
    {ROW("CREATE OR REPLACE EVENT … AT, … ENDS", "either of the two may be over", ASK, ASK, true), MY, ANY,
     "create event", OR_REPLACE | ENDING, NAMES_ONE, OBJECT_EVENT, 0, false},
    {ROW("CREATE EVENT … AT, … ENDS", "MySQL manual, CREATE EVENT: one that is over is dropped", ASK, DONE,
         true),
     MY, ANY, "create event", ENDING, NAMES_ONE, OBJECT_EVENT, 0, false},
    {ROW("CREATE OR REPLACE VIEW, TRIGGER, ROUTINE, EVENT", REPEATABLE, REPEAT, REPEAT, true), MY, ANY,
     "create view|trigger|procedure|function|event|user|role", OR_REPLACE, NAMES_NONE, 0, 0, false},
    {ROW("CREATE FUNCTION … SONAME", "loadable functions are in no picture", ASK, ASK, true), MY, ANY,
     "create function", SONAME, NAMES_NONE, 0, 0, false},
    {ROW("CREATE VIEW", ATOMIC, REPEAT, MADE, true), MY, ANY, "create view", 0, NAMES_ONE, OBJECT_TABLE, 0,
     false},
    {ROW("CREATE TRIGGER", ATOMIC, REPEAT, MADE, true), MY, ANY, "create trigger", 0, NAMES_TRIGGER,
     OBJECT_TRIGGER, 0, false},
    {ROW("CREATE PROCEDURE, FUNCTION", ATOMIC, REPEAT, MADE, true), MY, ANY, "create procedure|function", 0,
     NAMES_ONE, OBJECT_ROUTINE, 0, false},
    {ROW("CREATE EVENT", ATOMIC, REPEAT, MADE, true), MY, ANY, "create event", 0, NAMES_ONE, OBJECT_EVENT, 0,
     false},
    {ROW("ALTER EVENT", ATOMIC, REPEAT, DONE, true), MY, ANY, "alter event", 0, NAMES_ONE, OBJECT_EVENT, 0,
     false},
    {ROW("ALTER USER, SET PASSWORD … RETAIN CURRENT PASSWORD", "the second time the old password is lost",
         ASK, ASK, true),
     1 << DIALECT_MYSQL, STATEMENT_DDL, "alter|set user|password", RETAIN, NAMES_NONE, 0, 0, false},
    {ROW("ALTER VIEW, PROCEDURE, FUNCTION, DATABASE, USER", REPEATABLE, REPEAT, REPEAT, true), MY, ANY,
     "alter view|procedure|function|database|schema|user|role", 0, NAMES_NONE, 0, 0, false},
    {ROW("ALTER SEQUENCE … RESTART", "a sequence's value is in no picture", ASK, ASK, true), MARIA, ANY,
     "alter sequence", RESTART, NAMES_NONE, 0, 0, false},
    {ROW("ALTER SEQUENCE", REPEATABLE, REPEAT, REPEAT, true), MARIA, ANY, "alter sequence", 0, NAMES_NONE, 0,
     0, false},
    {ROW("DROP TRIGGER", ATOMIC, REPEAT, GONE_OR_ASK, true), MY, ANY, "drop trigger", 0, NAMES_ONE,
     OBJECT_TRIGGER, 0, false},
    {ROW("DROP PROCEDURE, FUNCTION", ATOMIC, REPEAT, DONE, true), MY, ANY, "drop procedure|function", 0,
     NAMES_ONE, OBJECT_ROUTINE, 0, false},
    {ROW("DROP EVENT", ATOMIC, REPEAT, GONE_OR_ASK, true), MY, ANY, "drop event", 0, NAMES_ONE, OBJECT_EVENT,
     0, false},
    {ROW("CREATE OR REPLACE DATABASE", "drops what is in it", ASK, ASK, false), MY, ANY,
     "create database|schema", OR_REPLACE, NAMES_NONE, 0, 0, false},
    {ROW("CREATE DATABASE", ATOMIC, REPEAT, MADE, true), MY, ANY, "create database|schema", 0, NAMES_ONE,
     OBJECT_DATABASE, 0, false},
    {ROW("DROP DATABASE",
         "MariaDB Knowledge Base \"Atomic DDL\": table by table; the rest goes the second time", REPEAT,
         GONE_OR_REPEAT, false),
     MY, ANY, "drop database|schema", 0, NAMES_ONE, OBJECT_DATABASE, 0, false},
    /* ---- MySQL and MariaDB: accounts and the server ---- */
    {ROW("GRANT, REVOKE", REPEATABLE, REPEAT, REPEAT, true), MY, ANY, "grant|revoke", 0, NAMES_NONE, 0, 0,
     false},
    {ROW("CREATE or DROP USER, ROLE with IF", REPEATABLE, REPEAT, REPEAT, true), MY, ANY,
     "create|drop user|role", IF_EXISTS, NAMES_NONE, 0, 0, false},
    {ROW("CREATE, DROP, RENAME USER, ROLE of several", "one after the other", ASK, ASK, false), MY, ANY,
     "create|drop|rename user|role", SEVERAL, NAMES_NONE, 0, 0, false},
    {ROW("SET PASSWORD", REPEATABLE, REPEAT, REPEAT, true), MY, STATEMENT_DDL, "set password", 0, NAMES_NONE,
     0, 0, false},
    {ROW("ANALYZE, CHECK, OPTIMIZE, REPAIR TABLE, FLUSH, CACHE INDEX, LOAD INDEX", REPEATABLE, REPEAT, REPEAT,
         true),
     MY, STATEMENT_DDL, "analyze|check|optimize|repair|flush|cache|load", 0, NAMES_NONE, 0, 0, false},
    /* ---- PostgreSQL: what cannot run in a transaction ---- */
    {ROW("CREATE INDEX CONCURRENTLY", CONCURRENT, REPEAT, INDEX, true), PG, STATEMENT_NOT_IN_TRANSACTION,
     "create index", 0, NAMES_INDEX_ON, OBJECT_TABLE, PICTURE_INDEXES, true},
    {ROW("DROP INDEX CONCURRENTLY", "PostgreSQL manual, DROP INDEX: half-dropped it is invalid", REPEAT,
         GONE_OR_REPEAT, true),
     PG, STATEMENT_NOT_IN_TRANSACTION, "drop index", 0, NAMES_LIST, OBJECT_INDEX, PICTURE_INDEXES, true},
    {ROW("REINDEX CONCURRENTLY", "PostgreSQL manual, REINDEX, \"Rebuilding Indexes Concurrently\"", REPEAT,
         REINDEX, true),
     PG, STATEMENT_NOT_IN_TRANSACTION, "reindex", CONCURRENTLY, NAMES_REINDEX, OBJECT_TABLE, PICTURE_INDEXES,
     true},
    {ROW("DETACH PARTITION CONCURRENTLY", "PostgreSQL manual, ALTER TABLE, DETACH PARTITION", REPEAT, DETACH,
         true),
     PG, STATEMENT_NOT_IN_TRANSACTION, "alter table", CONCURRENTLY, NAMES_ONE, OBJECT_TABLE,
     PICTURE_PARTITIONS, true},
    {ROW("CREATE DATABASE", "PostgreSQL manual, CREATE DATABASE", REPEAT, MADE, true), PG, ANY,
     "create database", 0, NAMES_ONE, OBJECT_DATABASE, 0, true},
    {ROW("DROP DATABASE", "PostgreSQL manual, DROP DATABASE", REPEAT, GONE_OR_REPEAT, true), PG, ANY,
     "drop database", 0, NAMES_ONE, OBJECT_DATABASE, 0, true},
    {ROW("CREATE TABLESPACE", "PostgreSQL manual, CREATE TABLESPACE", REPEAT, MADE, true), PG, ANY,
     "create tablespace", 0, NAMES_ONE, OBJECT_TABLESPACE, 0, true},
    {ROW("DROP TABLESPACE", "PostgreSQL manual, DROP TABLESPACE", REPEAT, GONE_OR_REPEAT, true), PG, ANY,
     "drop tablespace", 0, NAMES_ONE, OBJECT_TABLESPACE, 0, true},
    {ROW("VACUUM, ANALYZE, REINDEX, CLUSTER, CHECKPOINT", REPEATABLE, REPEAT, REPEAT, true), PG, ANY,
     "vacuum|analyze|analyse|reindex|cluster|checkpoint", 0, NAMES_NONE, 0, 0, true},
    {ROW("ALTER SYSTEM, ALTER DATABASE SET TABLESPACE", REPEATABLE, REPEAT, REPEAT, true), PG,
     STATEMENT_NOT_IN_TRANSACTION, "alter system|database", 0, NAMES_NONE, 0, 0, true},
    {ROW("LISTEN, NOTIFY, LOAD, DISCARD", REPEATABLE, REPEAT, REPEAT, true), PG, STATEMENT_OTHER,
     "listen|unlisten|notify|load|discard|prepare|deallocate", 0, NAMES_NONE, 0, 0, true},
    {ROW("CREATE, ALTER, DROP SUBSCRIPTION", "they reach another server", ASK, ASK, false), PG, ANY,
     "create|alter|drop subscription", 0, NAMES_NONE, 0, 0, true},
    /* ---- SQLite ---- */
    {ROW("VACUUM INTO", "the file is elsewhere", ASK, ASK, false), LITE, ANY, "vacuum", INTO, NAMES_NONE, 0,
     0, true},
    {ROW("VACUUM", REPEATABLE, REPEAT, REPEAT, true), LITE, ANY, "vacuum", 0, NAMES_NONE, 0, 0, true},
    /* ---- What a transaction holds ---- */
    {ROW("rows", "they are rolled back with their transaction", REPEAT, REPEAT, true), ALL, STATEMENT_DML, "",
     0, NAMES_NONE, 0, 0, false},
    {ROW("queries", "they are rolled back with their transaction", REPEAT, REPEAT, true), ALL,
     STATEMENT_SELECT, "", 0, NAMES_NONE, 0, 0, false},
    {ROW("COPY", "it is rolled back with its transaction", REPEAT, REPEAT, true), PG, STATEMENT_COPY, "", 0,
     NAMES_NONE, 0, 0, false},
    {ROW("DDL", "it is rolled back with its transaction", REPEAT, REPEAT, true), PG | LITE, STATEMENT_DDL, "",
     0, NAMES_NONE, 0, 0, false},
    {ROW("DO without COMMIT", "it is rolled back with its transaction", REPEAT, REPEAT, true), PG,
     STATEMENT_CALL, "do", NO_COMMIT, NAMES_NONE, 0, 0, false},
    /* ---- The rest ---- */
    {ROW("other DDL", "not listed", ASK, ASK, true), MY, STATEMENT_DDL, "", 0, NAMES_NONE, 0, 0, true},
    {ROW("CALL, DO, EXECUTE, compound statements, what is not listed", "what they do cannot be told", ASK,
         ASK, false),
     ALL, ANY, "", 0, NAMES_EVERYTHING, 0, 0, true},
};

/* ---- Finding the row ---- */

/* What may stand between CREATE, ALTER or DROP and what it is about. */
static unsigned take_modifiers(WordReader *reader)
{
    unsigned found = 0;
    for (;;) {
        guint before = reader->at;
        if (reader_take(reader, "or") && reader_take(reader, "replace"))
            found |= OR_REPLACE;
        if (reader_take_one(reader, "temporary|temp"))
            found |= TEMPORARY;
        reader_take_one(reader,
                        "unique|fulltext|spatial|vector|online|offline|ignore|aggregate|undo|local|global");
        if (reader_take_one(reader, "definer|algorithm")) {
            reader_take_sign(reader, '=');
            reader->at++;
            if (reader_take_sign(reader, '('))
                reader_take_sign(reader, ')');
            if (reader_take_sign(reader, '@'))
                reader->at++;
        }
        if (reader_take(reader, "sql") && reader_take(reader, "security"))
            reader->at++;
        if (reader->at == before)
            return found;
    }
}

/* SET STATEMENT variable = value FOR statement (MariaDB). */
static void skip_set_statement(WordReader *reader)
{
    WordReader ahead = *reader;
    if (reader_take(&ahead, "set") && reader_take(&ahead, "statement") && reader_skip_past(&ahead, "for"))
        reader->at = ahead.at;
}

static bool has_comma(WordReader reader)
{
    guint depth = 0;
    for (const SqlWord *word; (word = reader_peek(&reader, 0)); reader.at++) {
        depth += sql_word_is_sign(word, '(');
        depth -= depth > 0 && sql_word_is_sign(word, ')');
        if (depth == 0 && sql_word_is_sign(word, ','))
            return true;
    }
    return false;
}

static unsigned traits_of(const WordReader *reader)
{
    static const struct {
        const char *word;
        unsigned trait;
    } words[] = {{"soname", SONAME}, {"restart", RESTART}, {"concurrently", CONCURRENTLY},
                 {"into", INTO},     {"select", SELECTS},  {"values", SELECTS},
                 {"at", ENDING},     {"ends", ENDING},     {"retain", RETAIN}};
    unsigned found = has_comma(*reader) ? SEVERAL : 0;
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (reader_has(reader, words[i].word))
            found |= words[i].trait;
    return found;
}

/* A statement on its way through the table: its verb, and where what follows the modifiers begins. */
typedef struct StatementHead {
    bool found;      /* there is a word at all */
    WordReader verb; /* at it */
    WordReader rest;
    unsigned traits;
} StatementHead;

static StatementHead head_of(const GPtrArray *words, Dialect dialect)
{
    StatementHead head = {.rest = {.words = words, .dialect = dialect}};
    skip_set_statement(&head.rest);
    head.verb = head.rest;
    head.found = reader_peek(&head.rest, 0) != NULL;
    if (reader_take_one(&head.rest, "create|alter|drop"))
        head.traits |= take_modifiers(&head.rest);
    else
        head.rest.at++;
    head.traits |= traits_of(&head.rest);
    return head;
}

/* Moves `rest` behind the row's words. */
static bool words_fit(const ClassRow *row, const StatementHead *head, WordReader *rest)
{
    g_auto(GStrv) parts = g_strsplit(row->words, " ", -1);
    WordReader verb = head->verb;
    *rest = head->rest;
    for (guint i = 0; parts[i]; i++)
        if (!reader_take_one(i == 0 ? &verb : rest, parts[i]))
            return false;
    return true;
}

/* Moves `rest` to the names. */
static bool row_fits(const ClassRow *row, const StatementHead *head, StatementKind kind, WordReader *rest)
{
    if (!(row->dialects & 1 << head->rest.dialect) || (row->kind != ANY && row->kind != (int)kind) ||
        !words_fit(row, head, rest))
        return false;
    bool postgres = rest->dialect == DIALECT_POSTGRES;
    if (postgres)
        reader_take(rest, "concurrently");
    unsigned traits = head->traits | (reader_take_if_exists(rest) ? IF_EXISTS : 0);
    if (postgres)
        reader_take(rest, "only");
    return (row->needs & ~traits) == 0;
}

/* Rolled back with a transaction of ours, in which it can always run. */
static bool row_can_be_wrapped(const ClassRow *row, StatementKind kind, Dialect dialect)
{
    if (row->alone)
        return false;
    return kind == STATEMENT_DML || kind == STATEMENT_SELECT || kind == STATEMENT_COPY ||
           kind == STATEMENT_CALL || (kind == STATEMENT_DDL && dialect_has_transactional_ddl(dialect));
}

/* DDL of these makes the bodies of programs and runs none; a query may call any, and so may what SET
 * STATEMENT sets. The database is a setting of the session, too. */
static bool row_leaves_session(const ClassRow *row, const WordReader *rest, StatementKind kind)
{
    static const char *const queries[] = {"select", "values", "table", NULL};
    for (const char *const *word = queries; *word; word++)
        if (reader_has(rest, *word))
            return false;
    WordReader first = {.words = rest->words};
    return kind == STATEMENT_DDL && !reader_take(&first, "set") && row->names != NAMES_NONE &&
           row->names != NAMES_EVERYTHING && row->object != OBJECT_DATABASE;
}

static StatementFacts *facts_of(const ClassRow *row, const WordReader *rest, StatementKind kind)
{
    g_autoptr(StatementFacts) self = g_new0(StatementFacts, 1);
    WordReader names = *rest;
    self->class = &row->class;
    self->objects = g_ptr_array_new_with_free_func((GDestroyNotify)object_name_free);
    self->expected = g_ptr_array_new_with_free_func(g_free);
    self->parts = row->parts;
    self->equal = row->class.equal;
    self->differs = row->class.differs;
    self->can_be_wrapped = row_can_be_wrapped(row, kind, rest->dialect);
    self->leaves_session = rest->words && row_leaves_session(row, rest, kind);
    return statement_names(self, &names, row->names, row->object) ? g_steal_pointer(&self) : NULL;
}

/* The row that lists nothing else. */
static const ClassRow *last_row(void)
{
    return &rows[G_N_ELEMENTS(rows) - 1];
}

static bool commits_nothing(const char *text, gsize length)
{
    g_autofree char *lower = g_ascii_strdown(text, (gssize)length);
    return !strstr(lower, "commit") && !strstr(lower, "rollback") && !strstr(lower, "call");
}

StatementFacts *statement_facts_new(const char *text, gsize length, StatementKind kind, Dialect dialect)
{
    g_autoptr(GPtrArray) words = sql_words(text, length, dialect);
    StatementHead head = words ? head_of(words, dialect) : (StatementHead){0};
    if (kind == STATEMENT_CALL && commits_nothing(text, length))
        head.traits |= NO_COMMIT;
    for (gsize i = 0; head.found && i < G_N_ELEMENTS(rows); i++) {
        WordReader rest;
        if (!row_fits(&rows[i], &head, kind, &rest))
            continue;
        StatementFacts *facts = facts_of(&rows[i], &rest, kind);
        if (facts)
            return facts;
    }
    const WordReader nothing = {.words = words, .dialect = dialect};
    return facts_of(last_row(), &nothing, kind);
}

void statement_facts_free(StatementFacts *self)
{
    if (!self)
        return;
    g_clear_pointer(&self->objects, g_ptr_array_unref);
    g_clear_pointer(&self->expected, g_ptr_array_unref);
    g_clear_pointer(&self->witnesses, g_ptr_array_unref);
    g_free(self);
}

const StatementClass *statement_class_at(gsize index)
{
    return index < G_N_ELEMENTS(rows) ? &rows[index].class : NULL;
}
