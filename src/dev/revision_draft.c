/* Revision draft: sections rendered for each dialect, put together where they are the same. */
#include "dev/revision_draft.h"

#include "plans/revision.h"

#include <string.h>

unsigned revision_draft_count(const GArray *dialects)
{
    unsigned count = 0;
    for (guint i = 0; i < dialects->len; i++)
        count = MAX(count, g_array_index(dialects, DraftDialect, i).make->stages->len);
    return count;
}

/* NULL: the dialect needs fewer revisions than others. */
static const ChangeStage *stage_of(const DraftDialect *self, unsigned index)
{
    return index < self->make->stages->len ? self->make->stages->pdata[index] : NULL;
}

/* True if the revision runs outside of a transaction in some dialect. */
static bool is_outside(const GArray *dialects, unsigned index)
{
    for (guint i = 0; i < dialects->len; i++) {
        const ChangeStage *stage = stage_of(&g_array_index(dialects, DraftDialect, i), index);
        if (stage && stage->up_outside)
            return true;
    }
    return false;
}

/* ---- Data loss ---- */

static void add_losses(const ChangeStage *stage, GPtrArray *losses)
{
    for (guint i = 0; stage && i < stage->up->statements->len; i++) {
        const ChangeStatement *statement = stage->up->statements->pdata[i];
        if (statement->data_loss &&
            !g_ptr_array_find_with_equal_func(losses, statement->data_loss, g_str_equal, NULL))
            g_ptr_array_add(losses, statement->data_loss);
    }
}

static bool has_no_down(const ChangeStage *stage, const DraftOptions *options)
{
    g_autoptr(GPtrArray) losses = g_ptr_array_new();
    add_losses(stage, losses);
    return options->no_down_for_data_loss && losses->len > 0;
}

/* ---- Sections ---- */

/* One section: its marker's options and its text; both NULL: there is none. */
typedef struct DraftSection {
    char *options;
    char *text;
} DraftSection;

static void draft_section_clear(gpointer data)
{
    DraftSection *self = data;
    g_free(self->options);
    g_free(self->text);
}

/* "{{" would begin a variable. Caller frees. */
static char *without_variables(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, "{{", -1);
    return g_strjoinv("{{{{", parts);
}

static char *marker_options(bool outside, bool keys_off)
{
    return g_strconcat(outside ? " transaction:false" : "", keys_off ? " foreign_keys:off" : "", NULL);
}

static void add_irreversible(GString *text, const ChangeStage *stage)
{
    g_autoptr(GPtrArray) losses = g_ptr_array_new();
    add_losses(stage, losses);
    for (guint i = 0; i < losses->len; i++)
        g_string_append_printf(text, "%s" REVISION_IRREVERSIBLE " %s\n", i ? "" : "\n",
                               (const char *)losses->pdata[i]);
}

static DraftSection draft_section(const DraftDialect *self, unsigned index, Direction direction,
                                  const DraftOptions *options)
{
    bool up = direction == DIRECTION_UP;
    const ChangeStage *stage = stage_of(self, index);
    if (!stage)
        return (DraftSection){g_strdup(""), g_strdup("-- nothing to do\n")};
    if (!up && has_no_down(stage, options))
        return (DraftSection){NULL, NULL};
    const ChangeScript *script = up ? stage->up : stage->down;
    g_autofree char *sql = change_script_text(script, self->dialect, 0, script->statements->len);
    g_autofree char *plain = without_variables(sql);
    GString *text = g_string_new(plain);
    if (up && has_no_down(stage, options))
        add_irreversible(text, stage);
    bool outside = up ? stage->up_outside : stage->down_outside;
    return (DraftSection){marker_options(outside, up ? stage->up_keys_off : stage->down_keys_off),
                          g_string_free(text, FALSE)};
}

static void add_section(GString *out, const DraftSection *section, Direction direction, const char *dialect)
{
    if (!section->text)
        return;
    g_string_append_printf(out, "-- migrate:%s%s%s%s\n\n%s\n", direction_name(direction), dialect ? " " : "",
                           dialect ? dialect : "", section->options, section->text);
}

static bool all_are_equal(const GArray *sections)
{
    const DraftSection *first = &g_array_index(sections, DraftSection, 0);
    for (guint i = 1; i < sections->len; i++) {
        const DraftSection *other = &g_array_index(sections, DraftSection, i);
        if (g_strcmp0(first->text, other->text) != 0 || g_strcmp0(first->options, other->options) != 0)
            return false;
    }
    return true;
}

static GArray *all_sections(const GArray *dialects, unsigned index, Direction direction,
                            const DraftOptions *options)
{
    GArray *sections = g_array_new(FALSE, FALSE, sizeof(DraftSection));
    g_array_set_clear_func(sections, draft_section_clear);
    for (guint i = 0; i < dialects->len; i++) {
        DraftSection section =
            draft_section(&g_array_index(dialects, DraftDialect, i), index, direction, options);
        g_array_append_val(sections, section);
    }
    return sections;
}

/* Both directions are for all dialects, or each names its own: a reader finds them in one way. */
static void add_sections(GString *out, const GArray *dialects, unsigned index, const DraftOptions *options)
{
    g_autoptr(GArray) up = all_sections(dialects, index, DIRECTION_UP, options);
    g_autoptr(GArray) down = all_sections(dialects, index, DIRECTION_DOWN, options);
    GArray *const both[] = {up, down};
    const Direction directions[] = {DIRECTION_UP, DIRECTION_DOWN};
    bool same = all_are_equal(up) && all_are_equal(down);
    for (gsize d = 0; d < G_N_ELEMENTS(both); d++)
        for (guint i = 0; i < (same ? 1 : dialects->len); i++)
            add_section(out, &g_array_index(both[d], DraftSection, i), directions[d],
                        same ? NULL : dialect_name(g_array_index(dialects, DraftDialect, i).dialect));
    g_string_truncate(out, out->len - 1);
}

/* ---- Comments above them ---- */

static void add_list(GString *out, const char *title, const GPtrArray *lines)
{
    if (lines->len > 0)
        g_string_append_printf(out, "-- %s\n", title);
    for (guint i = 0; i < lines->len; i++) {
        g_auto(GStrv) parts = g_strsplit(lines->pdata[i], "\n", -1);
        for (char **part = parts; *part; part++)
            g_string_append_printf(out, "--   %s\n", *part);
    }
}

static bool are_same_lines(const GPtrArray *left, const GPtrArray *right)
{
    bool same = left->len == right->len;
    for (guint i = 0; same && i < left->len; i++)
        same = g_str_equal(left->pdata[i], right->pdata[i]);
    return same;
}

static bool dialects_change_the_same(const GArray *dialects)
{
    const ChangeMake *first = g_array_index(dialects, DraftDialect, 0).make;
    for (guint i = 1; i < dialects->len; i++)
        if (!are_same_lines(first->lines, g_array_index(dialects, DraftDialect, i).make->lines))
            return false;
    return true;
}

static void add_changes(GString *out, const GArray *dialects)
{
    bool same = dialects_change_the_same(dialects);
    for (guint i = 0; i < (same ? 1 : dialects->len); i++) {
        const DraftDialect *dialect = &g_array_index(dialects, DraftDialect, i);
        g_autofree char *title = same
                                     ? g_strdup("What changes:")
                                     : g_strdup_printf("What changes on %s:", dialect_name(dialect->dialect));
        add_list(out, title, dialect->make->lines);
    }
}

static void add_all_losses(GString *out, const GArray *dialects, unsigned index)
{
    g_autoptr(GPtrArray) losses = g_ptr_array_new();
    for (guint i = 0; i < dialects->len; i++)
        add_losses(stage_of(&g_array_index(dialects, DraftDialect, i), index), losses);
    add_list(out, "Gone for good once it ran:", losses);
}

char *revision_draft_text(const GArray *dialects, unsigned index, const DraftOptions *options)
{
    GString *out = g_string_new("-- Written by \"dbfleet revision --autogenerate\".\n");
    if (index > 0)
        g_string_append_printf(out, "-- Goes on with the one before it, %s.\n",
                               is_outside(dialects, index) ? "outside of a transaction"
                                                           : "whose changes must be committed first");
    if (index == 0)
        add_changes(out, dialects);
    add_all_losses(out, dialects, index);
    if (index == 0 && options->notes)
        add_list(out, "Note:", options->notes);
    g_string_append_c(out, '\n');
    add_sections(out, dialects, index, options);
    return g_string_free(out, FALSE);
}
