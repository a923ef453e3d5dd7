/* YAML syntax errors: owns the words for what libyaml stops at: where to look and what to change. It refuses
 * to quote the file, which may hold secrets, beyond one character. The loading thread. */
#include "base/yaml_internal.h"

#include <string.h>
#include <yaml.h>

/* Where to look: where the text broke, where the broken construct starts, or at the first, having been told
 * the other. */
typedef enum AdvicePlace { AT_BREAK, AT_START, AT_BREAK_TELL_START } AdvicePlace;

typedef struct SyntaxAdvice {
    const char *problem; /* libyaml's word for it */
    AdvicePlace where;
    const char *message;
} SyntaxAdvice;

#define TAB_MESSAGE "a tab is used as indentation: use blanks"
#define MOST_TABS 1000u

static const SyntaxAdvice ADVICE[] = {
    {"did not find expected key", AT_BREAK_TELL_START,
     "no key of this mapping: check the indentation here and in the line above, and quote text that goes on "
     "after a quote"},
    {"did not find expected '-' indicator", AT_BREAK_TELL_START,
     "no item of this list: items start with '- ' in the same column; check the indentation"},
    {"did not find expected ',' or ']'", AT_BREAK_TELL_START,
     "a ',' or ']' is missing in this list; text that holds [ ] { } or ',' must be in quotes here"},
    {"did not find expected ',' or '}'", AT_BREAK_TELL_START,
     "a ',' or '}' is missing in this mapping; text that holds [ ] { } or ',' must be in quotes here"},
    {"did not find expected node content", AT_BREAK, "a key or a value is missing here"},
    {"did not find expected <document start>", AT_BREAK,
     "the document has ended before this line: check its indentation, and that a list or mapping is not "
     "written beside it"},
    {"could not find expected ':'", AT_START,
     "this line is neither a key with ':' nor part of the text above it"},
    {"mapping values are not allowed in this context", AT_BREAK,
     "a ':' is not allowed here: check the indentation, and put text that holds ': ' in quotes"},
    {"mapping keys are not allowed in this context", AT_BREAK,
     "a key is not allowed here: check the indentation"},
    {"block sequence entries are not allowed in this context", AT_BREAK,
     "a '-' is not allowed here: start the list in a line of its own and check the indentation"},
    {"found unexpected end of stream", AT_START, "the quotes that are opened here are never closed"},
    {"found unexpected document indicator", AT_START,
     "the quotes that are opened here are not closed before '---' or '...'"},
    {"found unknown escape character", AT_BREAK,
     "unknown escape in double quotes: double the backslash, or use single quotes"},
    {"found a tab character that violates indentation", AT_BREAK, TAB_MESSAGE},
    {"found a tab character where an indentation space is expected", AT_BREAK, TAB_MESSAGE},
    {"found undefined tag handle", AT_START, "text that starts with '!' must be in quotes"},
    {"did not find expected alphabetic or numeric character", AT_START,
     "text that starts with '*' or '&' must be in quotes"},
    {"found unknown directive name", AT_START, "text that starts with '%' must be in quotes"},
    {"did not find expected comment or line break", AT_BREAK,
     "only a comment may follow '|' or '>'; put text that starts with them in quotes"},
};

static const SyntaxAdvice *find_advice(const char *problem)
{
    for (gsize i = 0; i < G_N_ELEMENTS(ADVICE); i++)
        if (g_str_equal(ADVICE[i].problem, problem))
            return &ADVICE[i];
    return NULL;
}

static SourcePlace place_of(const char *file, yaml_mark_t mark)
{
    return (SourcePlace){.file = file, .line = (unsigned)mark.line + 1, .column = (unsigned)mark.column + 1};
}

/* The character libyaml stopped at, 0 at the end of the text. */
static gunichar character_at(const char *text, gsize length, gsize index)
{
    const char *end = text + length;
    while (index > 0 && text < end) {
        text = g_utf8_next_char(text);
        index--;
    }
    return text < end ? g_utf8_get_char(text) : 0;
}

/* libyaml stops at the first tab; whoever indents by tabs has more of them: lines below that start with one.
 */
static void report_more_tabs(const char *file, const char *text, gsize length, unsigned after_line,
                             Diagnostics *problems)
{
    unsigned line = 1, reported = 0;
    const char *end = text + length;
    while (text < end && reported < MOST_TABS) {
        if (line > after_line && *text == '\t') {
            diagnostics_error(problems, (SourcePlace){.file = file, .line = line, .column = 1}, TAB_MESSAGE);
            reported++;
        }
        const char *newline = memchr(text, '\n', (gsize)(end - text));
        text = newline == NULL ? end : newline + 1;
        line++;
    }
}

static void report_character(SourcePlace place, gunichar character, Diagnostics *problems)
{
    char utf8[7] = {0};
    g_unichar_to_utf8(character, utf8);
    diagnostics_error(problems, place, "text must not start with '%s': put it in quotes", utf8);
}

static void report_reader(const yaml_parser_t *parser, const char *file, const char *text, gsize length,
                          Diagnostics *problems)
{
    SourcePlace place = yaml_place_at(file, text, MIN(parser->problem_offset, length));
    diagnostics_error(
        problems, place,
        "the character U+%04X is not allowed in YAML: remove it, or write it as an escape in double quotes",
        (unsigned)parser->problem_value);
}

static void report_unlisted(const yaml_parser_t *parser, SourcePlace place, Diagnostics *problems)
{
    if (parser->context == NULL)
        diagnostics_error(problems, place, "not valid YAML: %s", parser->problem);
    else
        diagnostics_error(problems, place, "not valid YAML: %s (%s that starts in line %u)", parser->problem,
                          parser->context, (unsigned)parser->context_mark.line + 1);
}

static void report_advice(const yaml_parser_t *parser, const SyntaxAdvice *advice, const char *file,
                          Diagnostics *problems)
{
    SourcePlace at_break = place_of(file, parser->problem_mark);
    SourcePlace at_start = parser->context == NULL ? at_break : place_of(file, parser->context_mark);
    if (advice->where == AT_BREAK_TELL_START && at_start.line != at_break.line)
        diagnostics_error(problems, at_break, "%s; it starts in line %u", advice->message, at_start.line);
    else
        diagnostics_error(problems, advice->where == AT_START ? at_start : at_break, "%s", advice->message);
}

void yaml_syntax_report(const yaml_parser_t *parser, const char *file, const char *text, gsize length,
                        Diagnostics *problems)
{
    const char *problem = parser->problem;
    if (parser->error == YAML_READER_ERROR) {
        report_reader(parser, file, text, length, problems);
        return;
    }
    if (problem == NULL) {
        diagnostics_error(problems, (SourcePlace){.file = file}, "out of memory");
        return;
    }
    SourcePlace place = place_of(file, parser->problem_mark);
    const SyntaxAdvice *advice = find_advice(problem);
    gunichar character = character_at(text, length, parser->problem_mark.index);
    bool bad_start = g_str_equal(problem, "found character that cannot start any token");
    bool tab =
        (bad_start && character == '\t') || (advice != NULL && g_str_equal(advice->message, TAB_MESSAGE));
    if (tab) {
        diagnostics_error(problems, place, TAB_MESSAGE);
        report_more_tabs(file, text, length, place.line, problems);
    } else if (bad_start && character != 0) {
        report_character(place, character, problems);
    } else if (advice != NULL) {
        report_advice(parser, advice, file, problems);
    } else {
        report_unlisted(parser, place, problems);
    }
}
