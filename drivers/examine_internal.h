/* What the examinations of all drivers share. */
#pragma once

#include "drivers/driver.h"

/* Rows of a query, or NULL and a note that `subject` could not be looked at. */
RowSet *examine_query(Connection *self, Examination *examination, const char *subject, const char *sql);
/* The first column of all rows, as texts of the set. Caller frees the array. */
GPtrArray *examine_names(const RowSet *rows);
/* NULL or unreadable: 0. */
gint64 examine_number(const char *text);
/* Tells of columns that the history table must have and `names` (of char *) lacks; empty: there is no table.
 */
void examine_history_columns(const ExamineOptions *options, const GPtrArray *names, Examination *examination);

#define EXAMINE_NAMES_SHOWN 3
