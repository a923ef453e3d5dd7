/* What the files share that write PostgreSQL's types, sequences, partitions, policies, rules, publications,
 * comments, grants and what else is no table, column, constraint, index, view, function or trigger. Pure. */
#pragma once

#include "schema/postgres/write_internal.h"

extern const PgKind pg_namespaces, pg_extensions, pg_enums, pg_domains, pg_composites, pg_ranges,
    pg_sequences, pg_aggregates, pg_matviews, pg_rules, pg_policies, pg_statistics, pg_event_triggers,
    pg_publications, pg_comments, pg_grants, pg_default_grants, pg_others;

/* ---- enums.c ---- */

/* Whether the labels of the one are, in their order, among those of the other. */
bool pg_enum_grows(const SchemaObject *before, const SchemaObject *after);
/* The first statement of the script that uses a label which it adds to an enum waits for a commit. */
void pg_mark_commits(PgWriting *self);
/* The renames of labels among the hints. */
void pg_rename_labels(const SchemaModel *model, const SchemaHints *hints, ChangeScript *script);

/* ---- replaced.c ---- */

/* Drops a type; one that comes again is only renamed out of the way, and of a range all columns become text
 * until then. */
void pg_type_drop(PgWriting *self, const SchemaObject *before);
/* Drops what pg_type_drop() renamed; for when no column is of it any more. */
void pg_drop_types_aside(PgWriting *self);
/* True if `text`, as format_type() prints it, is this type or an array of it. */
bool pg_type_is(const char *text, const SchemaObject *type);
/* Whether a column (of before) becomes text until its range is made anew: no index of it can stay. */
bool pg_is_of_replaced_range(const PgWriting *self, const SchemaObject *column);
/* How the values of a column become those of a type that took another's place: an expression, or NULL if its
 * type is none of these. Caller frees. */
char *pg_type_conversion(const PgWriting *self, const SchemaObject *before, const SchemaObject *after);

/* ---- composites.c ---- */

/* The same for a composite type, field by field. Caller frees. */
char *pg_composite_conversion(const SchemaObject *before, const SchemaObject *after, const char *column,
                              const char *type);

/* ---- sequences.c ---- */

/* OWNED BY of the sequences that are new or get another owner; for when columns are there. */
void pg_own_sequences(PgWriting *self);
/* Frees the sequences that stay while the column that owned them may go. */
void pg_disown_sequences(PgWriting *self);
/* DROP IDENTITY of columns whose sequence has the name of one that comes: before that comes. */
void pg_drop_identities(PgWriting *self);
bool pg_loses_identity_early(const PgWriting *self, const SchemaObject *before);
/* Whether a sequence goes for an identity, whose own sequence gets its name. */
bool pg_makes_way_for_identity(const PgWriting *self, const SchemaObject *before);

/* ---- policies.c ---- */

/* ENABLE and FORCE of tables that are new or differ. */
void pg_write_row_security(PgWriting *self);

/* ---- grants.c ---- */

/* Nothing where owners do not count. */
void pg_alter_owners(PgWriting *self);

/* ---- index_names.c ---- */

/* Whether an index, or a constraint with one, is called as the server would call it. */
bool pg_is_named_by_server(const SchemaModel *model, const SchemaObject *index);

/* ---- partitions.c ---- */

/* Whether the table of a column (of before) is partitioned by it. */
bool pg_is_partition_key(const PgWriting *self, const SchemaObject *column);
/* Tables that leave their parents; for before the columns of either change. */
void pg_leave_parents(PgWriting *self);
/* Partitions come under their parents, or under another bound; children begin to inherit. For when tables
 * have their columns, constraints and indexes. */
void pg_join_parents(PgWriting *self);
/* Whether an index that is about to be made of a partitioned table is made ON ONLY it. If not, its partitions
 * get theirs with it. */
bool pg_makes_index_alone(PgWriting *self, const SchemaObject *index);
/* Whether an index goes with that of the partitioned table. */
bool pg_goes_with_index(const PgWriting *self, const SchemaObject *before);
/* Indexes and constraints come under those of the partitioned table. */
void pg_join_indexes(PgWriting *self);

/* ---- recreate.c ---- */

/* Whether a table is made anew and its rows copied, because it must and it may. */
bool pg_recreates(const PgWriting *self, const SchemaChange *change);
/* The table (of before) that is made anew if the type of this column changes: it is partitioned by it. NULL:
 * there is none, or that is not allowed. */
const SchemaObject *pg_recreated_for_key(const PgWriting *self, const SchemaObject *column);
bool pg_is_below_recreated(const PgWriting *self, const SchemaObject *before);
/* A schema for the old tables; where they move; what is in it and it itself go. Nothing where no table is
 * made anew. */
void pg_prepare_aside(PgWriting *self);
void pg_set_table_aside(PgWriting *self, const SchemaObject *before);
void pg_drop_tables_aside(PgWriting *self);
void pg_copy_rows(PgWriting *self);

/* ---- database.c ---- */

/* Whether these are the same type, also where the extension that made it moves to another schema. */
bool pg_is_same_type(const PgWriting *self, const char *before, const char *after);

/* ---- columns.c ---- */

/* What is set on a column that stays, also of a materialized view. */
void pg_alter_column_settings(PgWriting *self, const SchemaObject *before, const SchemaObject *after);

/* ---- foreign_tables.c ---- */

/* What stands behind the columns of a new foreign table: SERVER and OPTIONS; "" for another. Caller frees. */
char *pg_foreign_suffix(const SchemaObject *table);
/* " OPTIONS (column_name 'x')" of a column of one, or "". Caller frees. */
char *pg_foreign_column_options(const SchemaObject *column);
/* "ADD a '1', SET b '2', DROP c": what leads from one list of options to the other. Caller frees. */
char *pg_foreign_option_changes(const char *before, const char *after);
