/* Pair files: cases of schemas as they are and as they shall be (README.md has the format). */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct PairCase {
    char *file;
    char *name;
    unsigned line;
    char *from;
    char *rows; /* NULL: every table gets seeded rows */
    char *to;
    bool data_loss; /* expectations */
    bool outside;
    bool refused;
    bool informs;
    bool privileges;     /* grants are compared too */
    bool allow_recreate; /* tables may be made anew */
    bool any;            /* nobody knows what this one comes to: it was made at random */
    int statements;      /* -1: not said */
    int passes;          /* -1: not said */
    GPtrArray *contains; /* of char * */
    GPtrArray *lacks;
} PairCase;

/* Elements PairCase *, owned by the array; NULL and a message on stderr if the file cannot be read. */
GPtrArray *pair_file_read(const char *path);
