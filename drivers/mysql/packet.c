/* Packets: which statements of a batch may share one message to the server, and their joined text.
 *
 * Owns the knowledge of which statements make exactly one result, which is what lets a failure be counted
 * down to its item. Refuses to send. Pure; any thread may call. */
#include "drivers/mysql/mysql_internal.h"

#include <string.h>

/* Ends a line comment that an item may end with, and then the statement. */
#define SEPARATOR "\n;\n"

/* Servers quote 80 bytes of the rest, MariaDB's last three being "...", and cut no character in half. */
#define CUT_SIZE 74

typedef enum ItemKind {
    ITEM_EMPTY,  /* nothing but blanks and comments: not sent, since the server calls it an error between
                    others */
    ITEM_SINGLE, /* one result */
    ITEM_ALONE   /* perhaps several results, or none on some servers */
} ItemKind;

/* First words of statements that make one result. What is not listed goes alone: CALL and EXECUTE may make
 * several, and so do compound statements (BEGIN NOT ATOMIC, IF, labels, …); versioned comments may hide
 * anything. */
static const char *const single_result_words[] = {
    "ALTER",   "ANALYZE",  "CHECK",    "CHECKSUM",  "COMMIT",  "CREATE",  "DEALLOCATE", "DELETE",
    "DESC",    "DESCRIBE", "DO",       "DROP",      "EXPLAIN", "FLUSH",   "GRANT",      "HANDLER",
    "INSERT",  "LOAD",     "LOCK",     "OPTIMIZE",  "PREPARE", "RELEASE", "RENAME",     "REPAIR",
    "REPLACE", "REVOKE",   "ROLLBACK", "SAVEPOINT", "SELECT",  "SET",     "SHOW",       "START",
    "TABLE",   "TRUNCATE", "UNLOCK",   "UPDATE",    "USE",     "VALUES",  "WITH",
};

/* ---- What an item is ---- */

typedef struct Scan {
    const char *at;
    const char *end;
} Scan;

static bool starts_with(const Scan *scan, const char *text)
{
    gsize length = strlen(text);
    return (gsize)(scan->end - scan->at) >= length && memcmp(scan->at, text, length) == 0;
}

static void skip_past(Scan *scan, const char *text)
{
    const char *found = memmem(scan->at, (gsize)(scan->end - scan->at), text, strlen(text));
    scan->at = found ? found + strlen(text) : scan->end;
}

/* "-- " needs the blank (MySQL manual 9.7). */
static bool at_line_comment(const Scan *scan)
{
    bool dashes = starts_with(scan, "--") && (scan->at + 2 == scan->end || (guchar)scan->at[2] <= ' ');
    return dashes || starts_with(scan, "#");
}

static bool at_block_comment(const Scan *scan)
{
    return starts_with(scan, "/*") && !starts_with(scan, "/*!") && !starts_with(scan, "/*M!");
}

static void skip_blanks_and_comments(Scan *scan)
{
    for (;;) {
        while (scan->at < scan->end && g_ascii_isspace(*scan->at))
            scan->at++;
        if (at_line_comment(scan))
            skip_past(scan, "\n");
        else if (at_block_comment(scan))
            skip_past(scan, "*/");
        else
            return;
    }
}

/* `word` in capitals. */
static bool take_word(Scan *scan, const char *word)
{
    if (scan->at == scan->end || g_ascii_toupper(*scan->at) != *word)
        return false;
    gsize length = strlen(word);
    if ((gsize)(scan->end - scan->at) < length || g_ascii_strncasecmp(scan->at, word, length) != 0)
        return false;
    const char *after = scan->at + length;
    if (after < scan->end && (g_ascii_isalnum(*after) || *after == '_' || *after == '$' || *after == ':' ||
                              *after == '.' || (guchar)*after >= 0x80))
        return false;
    scan->at = after;
    return true;
}

/* SET STATEMENT … FOR may run a CALL. BEGIN opens a transaction only if nothing but WORK follows; else it is
 * a compound statement. */
static ItemKind kind_of(Scan scan)
{
    skip_blanks_and_comments(&scan);
    if (scan.at == scan.end)
        return ITEM_EMPTY;
    if (take_word(&scan, "BEGIN")) {
        skip_blanks_and_comments(&scan);
        take_word(&scan, "WORK");
        skip_blanks_and_comments(&scan);
        return scan.at == scan.end ? ITEM_SINGLE : ITEM_ALONE;
    }
    if (take_word(&scan, "SET")) {
        skip_blanks_and_comments(&scan);
        return take_word(&scan, "STATEMENT") ? ITEM_ALONE : ITEM_SINGLE;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(single_result_words); i++)
        if (take_word(&scan, single_result_words[i]))
            return ITEM_SINGLE;
    return *scan.at == '(' ? ITEM_SINGLE : ITEM_ALONE;
}

/* Without blanks around and terminators after it. */
static Scan trimmed(const BatchItem *item)
{
    Scan scan = {.at = item->sql, .end = item->sql + item->length};
    while (scan.at < scan.end && g_ascii_isspace(*scan.at))
        scan.at++;
    while (scan.end > scan.at && (g_ascii_isspace(scan.end[-1]) || scan.end[-1] == ';'))
        scan.end--;
    return scan;
}

/* ---- Packets ---- */

static void append_item(MysqlPacket *self, const BatchItem *item, Scan text)
{
    g_string_append(self->sql, self->count > 0 ? SEPARATOR : "");
    gsize start = self->sql->len;
    gsize offset = (gsize)(text.at - item->sql);
    g_array_append_val(self->starts, start);
    g_array_append_val(self->offsets, offset);
    g_string_append_len(self->sql, text.at, text.end - text.at);
    self->count++;
}

static bool fits(const MysqlPacket *self, Scan text, gsize limit)
{
    return self->sql->len + strlen(SEPARATOR) + (gsize)(text.end - text.at) <= limit;
}

MysqlPacket *mysql_packet_new(const Batch *batch, unsigned first, gsize limit)
{
    MysqlPacket *self = g_new0(MysqlPacket, 1);
    self->sql = g_string_new(NULL);
    self->first = first;
    self->starts = g_array_new(FALSE, FALSE, sizeof(gsize));
    self->offsets = g_array_new(FALSE, FALSE, sizeof(gsize));
    for (unsigned i = first; i < batch_length(batch); i++) {
        const BatchItem *item = batch_at(batch, i);
        Scan text = trimmed(item);
        ItemKind kind = item->one_result && text.at < text.end ? ITEM_SINGLE : kind_of(text);
        if (self->count > 0 && (kind != ITEM_SINGLE || !fits(self, text, limit)))
            break;
        if (kind == ITEM_EMPTY)
            text.end = text.at;
        append_item(self, item, text);
        if (kind != ITEM_SINGLE) {
            self->alone = true;
            break;
        }
    }
    return self;
}

void mysql_packet_free(MysqlPacket *self)
{
    if (!self)
        return;
    g_string_free(self->sql, TRUE);
    g_array_unref(self->starts);
    g_array_unref(self->offsets);
    g_free(self);
}

/* ---- Where a syntax error is ---- */

/* The quoted text and the line of "… near 'TEXT' at line N"; NULL if the message is not of that form. The
 * text may hold quotes, so its end is the last place that looks like one. Caller frees. */
static char *quoted_rest(const char *message, guint64 *line)
{
    static const char before[] = " near '", after[] = "' at line ";
    const char *start = strstr(message, before);
    const char *end = start ? g_strrstr(start, after) : NULL;
    if (!end || !g_ascii_string_to_unsigned(end + strlen(after), 10, 1, G_MAXUINT, line, NULL))
        return NULL;
    start += strlen(before);
    return end >= start ? g_strndup(start, (gsize)(end - start)) : NULL;
}

/* The only place up to `last` from which `rest` follows; -1 if there are several or none. A text that was not
 * cut reaches to the packet's end, so it can stand in one place only; of one that was, the line decides. */
static gssize find_rest(const char *text, gsize last, const char *packet_end, const char *rest, guint64 line)
{
    gsize size = strlen(rest);
    bool cut = size >= CUT_SIZE;
    gsize match = cut && g_str_has_suffix(rest, "...") ? size - 3 : size;
    guint64 current = 1;
    gssize found = -1;
    for (gsize at = 0; at <= last; at++) {
        gsize left = (gsize)(packet_end - text) - at;
        bool here = left >= match && memcmp(text + at, rest, match) == 0;
        if (here && (cut ? current == line : left == size)) {
            if (found >= 0)
                return -1;
            found = (gssize)at;
        }
        current += text[at] == '\n';
    }
    return found;
}

/* The length that an item's text has in the packet. */
static gsize sent_length(const MysqlPacket *self, unsigned index)
{
    gsize start = g_array_index(self->starts, gsize, index);
    return index + 1 < self->count ? g_array_index(self->starts, gsize, index + 1) - strlen(SEPARATOR) - start
                                   : self->sql->len - start;
}

/* The server may also point at what separates the item from the next: that is its end. */
gssize mysql_packet_error_position(const MysqlPacket *self, unsigned index, const char *message)
{
    guint64 line = 0;
    g_autofree char *rest = quoted_rest(message, &line);
    if (!rest)
        return -1;
    const char *text = self->sql->str + g_array_index(self->starts, gsize, index);
    const char *end = self->sql->str + self->sql->len;
    gsize length = sent_length(self, index);
    gssize found = find_rest(text, MIN(length + 1, (gsize)(end - text)), end, rest, line);
    return found < 0 ? -1 : (gssize)(MIN((gsize)found, length) + g_array_index(self->offsets, gsize, index));
}
