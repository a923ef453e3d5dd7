/* Markup: texts of others (server messages, names, SQL) made safe to stand in XML and Markdown. Pure; any
 * thread. */
#pragma once

#include <glib.h>

/* For XML 1.0, in text or attributes: markup escaped, valid UTF-8, line breaks and tabs kept, every other
 * character that XML does not allow (https://www.w3.org/TR/xml/#charsets) or no terminal should get as a
 * visible escape. Caller frees. */
char *xml_escape(const char *text);

/* For a line or a table's cell in Markdown as GitHub and GitLab read it: whatever would mean something stands
 * for itself, line breaks become blanks, control characters visible escapes, and nobody is mentioned. Caller
 * frees. */
char *markdown_escape(const char *text);
/* The same as a code span. Caller frees. */
char *markdown_code(const char *text);
/* A fenced block with lines of its own, of at most `max_lines` lines (0: all); what is left out is said in
 * the block. `language` may be "". */
void markdown_fence(GString *out, const char *language, const char *text, unsigned max_lines);
