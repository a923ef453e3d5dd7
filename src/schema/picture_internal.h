/* The pictures of each dialect. */
#pragma once

#include "schema/picture.h"

/* A subquery for a part of an object. In the text {L} is the object's label, {S} its schema, {N} its name,
 * {T} its table, {Q} its whole name as a string, {H} the hidden names; all but {L} quoted for where they
 * stand. */
typedef struct PictureRow {
    ObjectKind object;
    unsigned part; /* 0: its existence; what it selects is NULL where the object is not there */
    int dialects;
    const char *query;
} PictureRow;

/* How a column or an index is told to be there or not. The line of one that is there begins as the facts
 * expect it, that of one that is not otherwise. */
typedef struct PictureWitness {
    PicturePart part;
    const char *kind; /* "column" */
    const char *mark; /* between the name and "there" */
    const char *name; /* the column of `rows` that holds the name */
    const char *rows; /* FROM … of the table; {S}, {N} as above */
    int askable;      /* dialects where a query that names it may tell, too */
} PictureWitness;

typedef struct PictureDialect {
    const PictureRow *rows;
    gsize count;
    const char *join;    /* begins the expression that joins lines and leaves out NULL */
    const char *session; /* {S} where the statement names no schema */
    const char *as_hex;  /* ends with what a value follows: makes it hexadecimal UTF-8; NULL: not needed */
    const char *hex_end;
    const PictureWitness *witnesses; /* NULL: whole parts are pictured always */
    gsize witness_count;
} PictureDialect;

/* The lines of one that is there and of one that is not. Caller frees. */
char *picture_witness_line(const PictureWitness *kind, const char *table, const char *name, bool there);
/* Adds to `prelude` what sets PICTURE_VARIABLE to the lines of all witnesses, which are of that kind and not
 * many, by naming them; and to `value` where that does not tell. */
void picture_ask_for_columns(GPtrArray *prelude, const StatementFacts *facts, const PictureWitness *kind,
                             const char *value);

#define PICTURE_VARIABLE "@dbfleet_picture"

extern const PictureDialect picture_mysql, picture_postgres, picture_sqlite;

enum {
    PICTURE_IN_POSTGRES = 1 << DIALECT_POSTGRES,
    PICTURE_IN_MARIADB = 1 << DIALECT_MARIADB,
    PICTURE_IN_MYSQL = 1 << DIALECT_MYSQL,
    PICTURE_IN_FAMILY = PICTURE_IN_MARIADB | PICTURE_IN_MYSQL,
    PICTURE_IN_SQLITE = 1 << DIALECT_SQLITE
};
