/* Statement reach: what a statement touches besides the database that it runs in, as far as its words tell.
 * What is tried on a dev server must not change what else is there. Pure; any thread. */
#pragma once

#include "sql/dialect.h"

typedef enum StatementReach {
    REACH_DATABASE, /* nothing that its words tell of */
    REACH_ROLES,    /* roles, which a PostgreSQL server has for all its databases */
    REACH_SERVER,   /* other databases, settings, accounts, … of the server */
    REACH_FILES     /* files and programs of the computer */
} StatementReach;

/* `why` (NULL: not wanted): what it is, for a person: "CREATE ROLE: roles belong to the whole server"; NULL
 * for REACH_DATABASE. `database`: its own name, which may stand before others (MySQL family); NULL: no
 * database may be named. Caller frees. */
StatementReach statement_reach(const char *text, gsize length, Dialect dialect, const char *database,
                               char **why);
