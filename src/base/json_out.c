/* JSON out: owns commas, nesting and indentation of JSON that is written as it is found. It refuses to hold a
 * tree, to check for repeated names, and to let through a byte that is not UTF-8. One writer belongs to one
 * thread. */
#include "base/json_out.h"
#include "base/digits.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

typedef struct JsonLevel {
    char closer; /* '}' or ']' */
    bool empty;
} JsonLevel;

#define FIRST_ROOM 512 /* bytes: a line of an event fits */

struct JsonOut {
    GString *text;
    GArray *levels; /* of JsonLevel, the innermost last */
    unsigned indent;
};

JsonOut *json_out_new(unsigned indent)
{
    JsonOut *self = g_new0(JsonOut, 1);
    self->text = g_string_sized_new(FIRST_ROOM);
    self->levels = g_array_new(FALSE, FALSE, sizeof(JsonLevel));
    self->indent = indent;
    return self;
}

void json_out_free(JsonOut *self)
{
    if (self == NULL)
        return;
    g_string_free(self->text, TRUE);
    g_array_free(self->levels, TRUE);
    g_free(self);
}

static JsonLevel *innermost(const JsonOut *self)
{
    return self->levels->len == 0 ? NULL : &g_array_index(self->levels, JsonLevel, self->levels->len - 1);
}

/* So many bytes more, to be written there; where there is room GLib is not asked. */
static inline char *grow(JsonOut *self, gsize bytes)
{
    GString *text = self->text;
    gsize before = text->len;
    if (bytes < text->allocated_len - before) {
        text->len = before + bytes;
        text->str[text->len] = '\0';
    } else {
        g_string_set_size(text, before + bytes);
    }
    return text->str + before;
}

static inline void put(JsonOut *self, const char *bytes, gsize length)
{
    memcpy(grow(self, length), bytes, length);
}

/* Before a value, with a comma, or before the end of a level. */
static void new_line(JsonOut *self, bool comma)
{
    gsize blanks = (gsize)self->indent * self->levels->len;
    char *at = grow(self, comma + 1 + blanks);
    if (comma)
        *at++ = ',';
    *at = '\n';
    memset(at + 1, ' ', blanks);
}

static int append_chunk(const char *chunk, size_t length, void *text)
{
    g_string_append_len(text, chunk, (gssize)length);
    return 0;
}

/* Nearly all names and values are: nothing in them is written otherwise (RFC 8259, section 7). */
static bool is_plain(const char *value, gsize *length)
{
    const char *at = value;
    while (*at >= ' ' && *at <= '~' && *at != '"' && *at != '\\')
        at++;
    *length = (gsize)(at - value);
    return *at == '\0';
}

static void append_quoted(JsonOut *self, const char *value)
{
    gsize length;
    if (is_plain(value, &length)) {
        char *at = grow(self, length + 2);
        at[0] = at[length + 1] = '"';
        memcpy(at + 1, value, length);
        return;
    }
    g_autofree char *valid = g_utf8_make_valid(value, -1);
    json_t *string = json_string_nocheck(valid);
    if (string == NULL || json_dump_callback(string, append_chunk, self->text, JSON_ENCODE_ANY) != 0)
        g_error("out of memory while writing JSON");
    json_decref(string);
}

/* All that comes before a value: comma, line break, name. */
static void begin_value(JsonOut *self, const char *key)
{
    JsonLevel *level = innermost(self);
    g_assert((key != NULL) == (level != NULL && level->closer == '}'));
    if (level != NULL) {
        if (self->indent != 0)
            new_line(self, !level->empty);
        else if (!level->empty)
            put(self, ", ", 2);
        level->empty = false;
    }
    if (key != NULL) {
        append_quoted(self, key);
        put(self, ": ", 2);
    }
}

static void begin_level(JsonOut *self, const char *key, char opener, char closer)
{
    begin_value(self, key);
    put(self, &opener, 1);
    g_array_append_val(self->levels, ((JsonLevel){.closer = closer, .empty = true}));
}

static void end_level(JsonOut *self, char closer)
{
    JsonLevel *level = innermost(self);
    g_assert(level != NULL && level->closer == closer);
    bool empty = level->empty;
    g_array_set_size(self->levels, self->levels->len - 1);
    if (!empty && self->indent != 0)
        new_line(self, false);
    put(self, &closer, 1);
}

void json_out_begin_object(JsonOut *self, const char *key)
{
    begin_level(self, key, '{', '}');
}

void json_out_end_object(JsonOut *self)
{
    end_level(self, '}');
}

void json_out_begin_array(JsonOut *self, const char *key)
{
    begin_level(self, key, '[', ']');
}

void json_out_end_array(JsonOut *self)
{
    end_level(self, ']');
}

void json_out_string(JsonOut *self, const char *key, const char *value)
{
    if (value == NULL) {
        json_out_null(self, key);
        return;
    }
    begin_value(self, key);
    append_quoted(self, value);
}

void json_out_int(JsonOut *self, const char *key, gint64 value)
{
    char room[DIGITS_ROOM];
    const char *digits = digits_of(value, room);
    begin_value(self, key);
    put(self, digits, strlen(digits));
}

/* Durations are what nearly all of them are: a few digits, and not half-way between two thousandths, where
 * only printf knows which is nearer. */
static bool append_short(JsonOut *self, double value)
{
    if (!(value >= 0 && value < 1e9))
        return false;
    double thousandths = value * 1000;
    gint64 whole = (gint64)(thousandths + 0.5);
    if (fabs(fabs(thousandths - (double)whole) - 0.5) < 1e-3)
        return false;
    char room[DIGITS_ROOM], rest[4] = ".";
    const char *digits = digits_of(whole / 1000, room);
    digits_put(rest + 1, (unsigned)(whole % 1000), 3);
    put(self, digits, strlen(digits));
    put(self, rest, sizeof rest);
    return true;
}

void json_out_double(JsonOut *self, const char *key, double value)
{
    if (!isfinite(value)) {
        json_out_null(self, key);
        return;
    }
    begin_value(self, key);
    if (!append_short(self, value)) {
        char digits[512]; /* "%.3f" of DBL_MAX has 313 characters */
        g_string_append(self->text, g_ascii_formatd(digits, sizeof digits, "%.3f", value));
    }
}

void json_out_bool(JsonOut *self, const char *key, bool value)
{
    begin_value(self, key);
    put(self, value ? "true" : "false", value ? 4 : 5);
}

void json_out_null(JsonOut *self, const char *key)
{
    begin_value(self, key);
    put(self, "null", 4);
}

void json_out_strings(JsonOut *self, const char *key, const char *const *values)
{
    json_out_begin_array(self, key);
    for (; values != NULL && *values != NULL; values++)
        json_out_string(self, NULL, *values);
    json_out_end_array(self);
}

char *json_out_steal(JsonOut *self)
{
    if (self->text->len > 0 && self->levels->len == 0)
        g_string_append_c(self->text, '\n');
    char *text = g_string_free(self->text, FALSE);
    self->text = g_string_new(NULL);
    g_array_set_size(self->levels, 0);
    return text;
}
