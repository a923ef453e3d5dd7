/* What the files of private servers share: a row for each kind, and the folder that one lives in. */
#pragma once

#include "dev/private_server.h"

#define PRIVATE_ERROR_LINES 3u /* of what a program said */

typedef struct PrivateKind {
    const char *name; /* of its files in the cache */
    const char *product;
    const char *package;         /* Debian's, for messages */
    const char *const *users;    /* system users that root starts it as, NULL-terminated */
    const char *const *programs; /* names of the server, NULL-terminated */
    const char *installer;       /* NULL: the server itself */
    const char *const *folders;  /* patterns of where they are besides PATH, NULL-terminated */
    const char *marker;          /* in the answer to --version; NULL: any that is not another's */
    const char *not_marker;      /* … which is in this one's answer; NULL */
    const char *const *make;     /* arguments that make a data folder; {folder} is the private one */
    const char *const *run;      /* arguments that start the server */
    const char *url;             /* {folder} and {database} filled in */
    int stop_signal;             /* the quickest that is clean enough for data that is deleted */
} PrivateKind;

extern const PrivateKind private_postgres, private_mariadb, private_mysql;

/* Argument list of a row with {folder} filled in, behind `program`, as the user that the kind runs as. Of
 * char *; caller unrefs. NULL and an error if root finds no user to run as. */
GPtrArray *private_arguments(const PrivateKind *kind, const char *program, const char *const *row,
                             const char *folder, GError **error);
/* Gives the folder and what is in it to that user, if we are root. */
bool private_hand_over(const PrivateKind *kind, const char *folder, GError **error);
/* Makes FOLDER/data, from the cache or anew. *cached: the file in the cache that it came from; NULL. */
bool private_data_make(const PrivateBinaries *binaries, const char *folder, char **cached, GError **error);
/* Runs a program to its end. DEV_ERROR_NO_SERVER with the last lines of what it said. */
bool private_run(const GPtrArray *arguments, const char *what, GError **error);
/* The last lines with words, on one. Caller frees. */
char *private_last_lines(const char *output);
/* A folder and all that is in it, and no other file system's. */
void private_delete(const char *folder);
