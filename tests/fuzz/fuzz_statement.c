/* Any bytes as one statement in each dialect: it has a class, a picture of what it names, and no two
 * different pictures without a difference. */
#include "schema/settle.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first half of the bytes as the picture before, the rest as the one now. */
static void check_settlement(const StatementFacts *facts, const char *text)
{
    gsize half = strlen(text) / 2;
    g_autofree char *before = g_strndup(text, half);
    g_auto(Settlement) same = {0};
    g_auto(Settlement) other = {0};

    settlement_judge(&same, facts, before, before, false);
    settlement_judge(&other, facts, before, text + half, true);
    if (same.difference || same.verdict > VERDICT_ASK || other.verdict > VERDICT_ASK)
        abort();
}

static void check_dialect(const char *text, Dialect dialect)
{
    static const char *const hidden[] = {"dbfleet_version", NULL};
    g_autoptr(Diagnostics) problems = diagnostics_new();
    const SourcePlace place = {"fuzz.sql", 1, 1};
    g_autoptr(Script) script = script_split(text, strlen(text), dialect, place, problems);

    for (unsigned i = 0; script && i < script_length(script) && i < 8; i++) {
        const Statement *statement = script_at(script, i);
        const char *at = script_text(script) + statement->start;
        g_autoptr(StatementFacts) facts =
            statement_facts_new(at, statement->length, statement->kind, dialect);
        g_auto(Picture) picture = {0};

        picture_init(&picture, facts, dialect, hidden);
        if (!facts->class || (facts->objects->len > 0) != (picture.value != NULL))
            abort();
        check_settlement(facts, text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);

    for (int dialect = 0; dialect < DIALECT_COUNT; dialect++)
        check_dialect(text, (Dialect)dialect);
    return 0;
}
