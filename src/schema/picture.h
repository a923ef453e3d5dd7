/* Pictures: what the server says about objects, as text with a line for each part, so that two pictures tell
 * whether something changed and show a person what. Computed by the server in one expression: existence,
 * columns, indexes with their validity, constraints, options, partitions, triggers, the text of views and a
 * digest of routines; never row counts, statistics or the next number of a counter. Makes SQL, sends nothing.
 * Pure; any thread. */
#pragma once

#include "schema/statement_class.h"

typedef struct Picture {
    GPtrArray *prelude; /* of char *: statements to run right before; may be empty */
    char *value;        /* expression for the statement behind them; NULL: nothing to picture */
    GPtrArray *cleanup; /* of char *: puts back what the prelude set; may be empty */
} Picture;

/* `hidden`: names of tables to leave out where everything is pictured, NULL-terminated. */
void picture_init(Picture *self, const StatementFacts *facts, Dialect dialect, const char *const *hidden);
void picture_clear(Picture *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Picture, picture_clear)

/* The query for it, and the picture from what that answered: the bytes arrive as they are stored, whatever
 * character set the session asks for. NULL for NULL. Caller frees. */
char *picture_query(const Picture *self, Dialect dialect);
char *picture_from_answer(const char *answer, Dialect dialect);

/* What a picture says of an object that is not there is one line: this. Caller frees. */
char *picture_absent_line(const ObjectName *object);
bool picture_has_line(const char *picture, const char *line);
/* The lines that only one of the two has, "- " before and "+ " now, in order, at most `most` and then how
 * many more. NULL if they are the same. Caller frees. */
char *picture_difference(const char *before, const char *now, unsigned most);
