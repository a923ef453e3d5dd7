/* What is known of a section once its text is: checksum, template variables, and that checks and
 * verifications only read. Refuses a check or verify section that is no list of SELECTs; what up and down may
 * hold is the planner's business. Pure; one thread loads. */
#include "plans/revision_internal.h"
#include "sql/script.h"
#include "sql/template.h"
#include "sql/words.h"

const char *section_kind_name(SectionKind kind)
{
    static const char *const NAMES[SECTION_KIND_COUNT] = {
        [SECTION_UP] = "up", [SECTION_DOWN] = "down", [SECTION_CHECK] = "check", [SECTION_VERIFY] = "verify"};

    return NAMES[kind];
}

/* Whether the text splits into SELECTs in one dialect; what is wrong otherwise goes to `faults`. */
static void check_selects(const Section *section, Dialect dialect, Diagnostics *faults)
{
    g_autoptr(Script) script = script_split(section->text, section->length, dialect, section->place, faults);
    const char *kind = section_kind_name(section->kind);

    if (script && script_length(script) == 0)
        diagnostics_error(faults, section->place, "the %s section holds no SELECT; write one or remove it",
                          kind);
    for (unsigned i = 0; script && i < script_length(script); i++) {
        const Statement *statement = script_at(script, i);

        if (statement->kind != STATEMENT_SELECT)
            diagnostics_error(faults, script_place_of(script, statement->start),
                              "a %s section holds SELECTs only, since it may change nothing", kind);
        else if (sql_text_has_word(script_text(script) + statement->start, statement->length, dialect,
                                   "into"))
            diagnostics_error(faults, script_place_of(script, statement->start),
                              "a SELECT of a %s section has no INTO: it would return nothing that could be "
                              "judged",
                              kind);
    }
}

static void copy_errors(const Diagnostics *from, const char *file, Diagnostics *to)
{
    const GPtrArray *list = diagnostics_list(from);

    for (unsigned i = 0; i < list->len; i++) {
        const Diagnostic *fault = g_ptr_array_index(list, i);
        diagnostics_error(to, (SourcePlace){file, fault->line, fault->column}, "%s", fault->message);
    }
}

/* A section for all dialects is right if it is right in some dialect. */
static void check_reading_section(const Section *section, Diagnostics *problems)
{
    g_autoptr(Diagnostics) first = NULL;
    int from = section->any_dialect ? 0 : (int)section->dialect;
    int to = section->any_dialect ? DIALECT_COUNT - 1 : (int)section->dialect;

    for (int dialect = from; dialect <= to; dialect++) {
        g_autoptr(Diagnostics) faults = diagnostics_new();

        check_selects(section, (Dialect)dialect, faults);
        if (!diagnostics_has_errors(faults))
            return;
        if (!first)
            first = g_steal_pointer(&faults);
    }
    copy_errors(first, section->place.file, problems);
}

void revision_finish_sections(Revision *revision, Diagnostics *problems)
{
    for (unsigned i = 0; i < revision->sections->len; i++) {
        Section *section = g_ptr_array_index(revision->sections, i);
        g_autofree char *checksum =
            g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)section->text, section->length);

        g_strlcpy(section->checksum, checksum, sizeof(section->checksum));
        section->variables = sql_template_names(section->text, section->length, section->place, problems);
        if (section->kind == SECTION_CHECK || section->kind == SECTION_VERIFY)
            check_reading_section(section, problems);
    }
}
