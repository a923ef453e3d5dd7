/* Track: the texts, and the files made of them. */
#include "track.h"

#include <string.h>

static const TrackRevision plain[TRACK_LENGTH] = {
    {.id = "aa",
     .up = {"create table t_aa (n int)", "insert into t_aa values (1)"},
     .down = {"delete from t_aa", "drop table t_aa"}},
    {.id = "bb", .up = {"create table t_bb (n int)"}, .down = {"drop table t_bb"}},
    {.id = "cc",
     .up = {"insert into t_aa values (2)", "insert into t_bb values (3)", "create table t_cc (n int)",
            "insert into t_cc values (4)"},
     .down = {"delete from t_aa where n = 2", "drop table t_cc", "delete from t_bb where n = 3"}},
    {.id = "dd",
     .up = {"alter table t_cc add m int", "update t_cc set m = 5"},
     .down = {"alter table t_cc drop m"},
     .rest = "-- migrate:check\nselect n from t_cc where n is null;\n"
             "-- migrate:verify\nselect n from t_cc where m is null;\n"},
};

static const TrackRevision journaled[TRACK_LENGTH] = {
    {.id = "aa",
     .no_transaction = true,
     .up = {"create table t_aa (n int)", "create index i_aa on t_aa (n)", "insert into t_aa values (1)"},
     .down = {"drop index i_aa", "drop table t_aa"}},
    {.id = "bb",
     .up = {"insert into t_aa values (2)", "create table t_bb (n int)"},
     .down = {"drop table t_bb", "delete from t_aa where n = 2"}},
    {.id = "cc",
     .no_transaction = true,
     .up = {"begin", "insert into t_aa values (6)", "insert into t_bb values (7)", "commit",
            "alter table t_bb add m int"},
     .down = {"alter table t_bb drop m", "delete from t_aa where n = 6"}},
    {.id = "dd",
     .no_transaction = true,
     .up = {"insert into t_bb values (8)", "insert into t_bb values (9)", "alter table t_aa add m int"},
     .down = {"alter table t_aa drop m"},
     .rest = "-- migrate:check\nselect n from t_bb where n is null;\n"
             "-- migrate:verify\nselect n from t_aa where m is null;\n"},
};

static void append_section(GString *text, const TrackRevision *revision, const char *name,
                           const char *const *statements)
{
    g_string_append_printf(text, "-- migrate:%s%s\n", name,
                           revision->no_transaction ? " transaction:false" : "");
    for (; *statements; statements++)
        g_string_append_printf(text, "%s;\n", *statements);
}

static Revision *parse(const TrackRevision *revision, const char *parent, Diagnostics *problems)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *file = g_strdup_printf("versions/%s.sql", revision->id);
    g_string_append_printf(text, "-- revision: %s\n-- revises: %s\n-- message: m\n\n", revision->id, parent);
    append_section(text, revision, "up", revision->up);
    append_section(text, revision, "down", revision->down);
    g_string_append(text, revision->rest ? revision->rest : "");
    return revision_parse(text->str, text->len, file, NULL, problems);
}

Track *track_new(TrackKind kind)
{
    g_autoptr(Diagnostics) problems = diagnostics_new();
    Track *self = g_new0(Track, 1);
    self->revisions = kind == TRACK_PLAIN ? plain : journaled;
    self->whole = kind == TRACK_PLAIN;
    self->parsed = g_ptr_array_new_with_free_func((GDestroyNotify)revision_free);
    for (unsigned i = 0; i < TRACK_LENGTH; i++)
        g_ptr_array_add(self->parsed,
                        parse(&self->revisions[i], i ? self->revisions[i - 1].id : "", problems));
    self->graph = diagnostics_has_errors(problems) ? NULL : revision_graph_new(self->parsed, problems);
    g_autofree char *told = diagnostics_to_string(problems);
    if (!self->graph)
        g_error("%s", told);
    return self;
}

void track_free(Track *self)
{
    revision_graph_free(self->graph);
    g_ptr_array_unref(self->parsed);
    g_free(self);
}

int track_position(const Track *self, const char *id)
{
    for (int i = 0; id && i < TRACK_LENGTH; i++)
        if (g_str_equal(self->revisions[i].id, id))
            return i;
    return id ? -2 : -1;
}
