/* Scripts: a section of a revision file split into the statements the server will see, each with its place in
 * the file.
 *
 * The scanner knows quotes, comments, dollar quotes, E'' and U& strings, BEGIN ATOMIC bodies, CREATE RULE …
 * DO (…;…), COPY … FROM stdin with inline data (PostgreSQL); DELIMITER, every comment and quote form,
 * versioned comments and compound bodies (MySQL, MariaDB); triggers (SQLite). It does not parse SQL: what the
 * server refuses, the server says.
 *
 * A statement that holds nothing but blanks and comments is left out; the last one needs no terminator. A
 * versioned comment (MySQL, MariaDB) is code: a ";" in it ends nothing. With a DELIMITER that rules alone;
 * while it is ";", bodies that begin with BEGIN, IF, CASE, LOOP, WHILE, REPEAT or FOR are kept whole.
 * "SET sql_mode" and "SET standard_conforming_strings" with plain values are followed; otherwise a session is
 * taken to have the settings of a fresh server. A UTF-8 byte order mark at the start is skipped. Linear in
 * time; no recursion.
 *
 * Sources: PostgreSQL 15 manual 4.1 "Lexical Structure" and psql (which ";" ends a statement); MariaDB
 * Knowledge Base "Comment Syntax", "Delimiters", "Programmatic & Compound Statements"; SQLite
 * "sqlite3_complete". Pure; immutable after splitting; any thread may read. */
#pragma once

#include "base/diagnostics.h"
#include "sql/dialect.h"

/* What a statement is, as far as the first words tell. Used for the refusals at planning (transaction
 * control, LOCK TABLES), for risk marks, and to know what commits by itself on MySQL. */
typedef enum StatementKind {
    STATEMENT_OTHER,
    /* create alter drop rename truncate comment grant revoke …; MySQL family: also what else commits
     * implicitly (analyze table, flush, set password, start replica …). CREATE and DROP TEMPORARY TABLE are
     * among these but do not commit. */
    STATEMENT_DDL,
    /* insert update delete replace merge, with … insert …, load data, copy … from a file, explain analyze of
       these */
    STATEMENT_DML,
    STATEMENT_SELECT,      /* select values table show explain … and "with … select" */
    STATEMENT_BEGIN,       /* begin, start transaction, xa start (not BEGIN ATOMIC/NOT ATOMIC bodies) */
    STATEMENT_COMMIT,      /* commit, end (PostgreSQL, SQLite), prepare transaction */
    STATEMENT_ROLLBACK,    /* rollback, abort; not "rollback to savepoint" */
    STATEMENT_SAVEPOINT,   /* savepoint, release, rollback to */
    STATEMENT_SET,         /* set, reset, pragma, use */
    STATEMENT_LOCK_TABLES, /* lock table(s), unlock tables, flush tables with read lock (MySQL family) */
    STATEMENT_COPY,        /* copy … from stdin with inline data (PostgreSQL) */
    STATEMENT_CALL,        /* call, do, execute, handler …; MariaDB: a compound statement */
    STATEMENT_NOT_IN_TRANSACTION /* vacuum, create/drop/reindex … concurrently, create/drop database, alter
                                    system, … (PostgreSQL); vacuum, attach, detach (SQLite) */
} StatementKind;

typedef struct Statement {
    gsize start;  /* offset of the first byte of the statement in script_text(); leading blanks and comments
                     are not part */
    gsize length; /* without the terminator, trailing blanks and comments */
    unsigned line;
    unsigned column; /* in the file, from 1 */
    StatementKind kind;
    gsize data_start; /* STATEMENT_COPY: the inline data, without the "\." line; else 0 */
    gsize data_length;
} Statement;

typedef struct Script Script;

/* Splits `text` (copied). `place` is where its first byte stands in the file and counts for lines and
 * columns (\r\n is one line end); place.file must outlive the script. Unclosed quotes, comments and compound
 * bodies, a client's own command (psql's backslash commands, the mysql client's but for DELIMITER, sqlite3's
 * dot commands: all by name), DELIMITER without an argument, COPY data without its end, a NUL byte: errors in
 * `problems`, all of them (the first thousand), and NULL. */
Script *script_split(const char *text, gsize length, Dialect dialect, SourcePlace place,
                     Diagnostics *problems);
void script_free(Script *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Script, script_free)

unsigned script_length(const Script *self);
const Statement *script_at(const Script *self, unsigned index);
const char *script_text(const Script *self);
/* The statement's text, copied. Caller frees. */
char *script_statement_text(const Script *self, unsigned index);
/* The place of a byte of script_text(): how an error position becomes file:line:column. */
SourcePlace script_place_of(const Script *self, gsize offset);

/* What a reader has found out of the script, for those who come after it: kept until the script is freed. If
 * another thread was first, `value` is released. Returns what is kept; script_noted() NULL: nothing is. All
 * must keep the same kind of thing: the run room does. */
gconstpointer script_note(const Script *self, gpointer value, GDestroyNotify release);
gconstpointer script_noted(const Script *self);

/* For messages: the line of `text` that holds `offset`, cut to `width` columns around it, and below it a
 * caret. Two lines, newline after each. Caller frees. */
char *sql_caret_excerpt(const char *text, gsize length, gsize offset, unsigned width);
/* The first `lines` lines of a text, each cut to `width` columns; an ellipsis line if more follow. Caller
 * frees. */
char *sql_first_lines(const char *text, gsize length, unsigned lines, unsigned width);
/* What may be shown of a statement that is not ours, and may be cut off anywhere: "UPDATE invoices …",
 * "SELECT … FROM shop.orders …": its first words and the object's name, no literal, no comment. Caller frees.
 */
char *sql_statement_gist(const char *text, gsize length, Dialect dialect);
