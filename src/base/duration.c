/* Durations and points in time: owns how they are written and read. It refuses to read a clock or a time
 * zone: all points in time are microseconds since 1970 in UTC. Pure, any thread. */
#include "base/duration.h"
#include "base/digits.h"

#include <string.h>
#include <time.h>

#define SECOND G_GINT64_CONSTANT(1000) /* in milliseconds */

typedef struct DurationUnit {
    const char *name;
    gint64 milliseconds;
} DurationUnit;

/* A name comes before any name that it starts with ("ms" and "min" before "m"). */
static const DurationUnit UNITS[] = {
    {"ms", 1},          {"s", SECOND},        {"min", 60 * SECOND},
    {"m", 60 * SECOND}, {"h", 3600 * SECOND}, {"d", 24 * 3600 * SECOND},
};

static const DurationUnit *unit_at(const char *text)
{
    for (gsize i = 0; i < G_N_ELEMENTS(UNITS); i++)
        if (g_str_has_prefix(text, UNITS[i].name))
            return &UNITS[i];
    return NULL;
}

/* One "30min" at *text, which moves behind it. */
static bool parse_term(const char **text, gint64 *count, const DurationUnit **unit)
{
    if (!g_ascii_isdigit(**text))
        return false;
    gint64 value = 0;
    for (; g_ascii_isdigit(**text); (*text)++)
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, **text - '0', &value))
            return false;
    *unit = unit_at(*text);
    if (*unit == NULL)
        return false;
    *text += strlen((*unit)->name);
    *count = value;
    return true;
}

bool duration_parse(const char *text, gint64 *milliseconds)
{
    gint64 sum = 0;
    gint64 smallest = G_MAXINT64; /* units fall: "30min1h" and "5s5s" are slips of the pen */
    do {
        gint64 count = 0;
        const DurationUnit *unit = NULL;
        if (!parse_term(&text, &count, &unit) || unit->milliseconds >= smallest)
            return false;
        smallest = unit->milliseconds;
        gint64 term = 0;
        if (__builtin_mul_overflow(count, unit->milliseconds, &term) ||
            __builtin_add_overflow(sum, term, &sum))
            return false;
    } while (*text != '\0');
    *milliseconds = sum;
    return true;
}

char *duration_spell(gint64 milliseconds)
{
    static const DurationUnit FALLING[] = {
        {"d", 24 * 3600 * SECOND}, {"h", 3600 * SECOND}, {"min", 60 * SECOND}, {"s", SECOND}, {"ms", 1}};
    GString *text = g_string_new(NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(FALLING); i++) {
        gint64 count = milliseconds / FALLING[i].milliseconds;
        milliseconds %= FALLING[i].milliseconds;
        if (count > 0)
            g_string_append_printf(text, "%" G_GINT64_FORMAT "%s", count, FALLING[i].name);
    }
    if (text->len == 0)
        g_string_append(text, "0s");
    return g_string_free(text, FALSE);
}

char *duration_format(gint64 microseconds)
{
    const gint64 minute = (gint64)60 * G_USEC_PER_SEC;
    gint64 elapsed = CLAMP(microseconds, 0, G_MAXINT64 - minute);
    if (elapsed < G_USEC_PER_SEC / 10)
        return g_strdup_printf("%" G_GINT64_FORMAT " ms", elapsed / 1000);
    gint64 tenths = (elapsed + G_USEC_PER_SEC / 20) / (G_USEC_PER_SEC / 10);
    if (tenths < 600)
        return g_strdup_printf("%" G_GINT64_FORMAT ".%" G_GINT64_FORMAT " s", tenths / 10, tenths % 10);
    gint64 seconds = (elapsed + G_USEC_PER_SEC / 2) / G_USEC_PER_SEC;
    if (seconds < 60 * 60)
        return g_strdup_printf("%" G_GINT64_FORMAT "m %02" G_GINT64_FORMAT "s", seconds / 60, seconds % 60);
    gint64 minutes = (elapsed + minute / 2) / minute;
    return g_strdup_printf("%" G_GINT64_FORMAT "h %02" G_GINT64_FORMAT "m", minutes / 60, minutes % 60);
}

#define TIMESTAMP_ROOM 32

/* "2026-11-22T16:40:00", without a NUL; returns the byte behind. Reports and events have thousands of times.
 */
static char *put_seconds(char text[TIMESTAMP_ROOM], gint64 unix_microseconds)
{
    const gint64 first = -G_GINT64_CONSTANT(62135596800),
                 last = G_GINT64_CONSTANT(253402300799); /* years 1 to 9999 */
    gint64 seconds = unix_microseconds / G_USEC_PER_SEC - (unix_microseconds % G_USEC_PER_SEC < 0 ? 1 : 0);
    const time_t time = CLAMP(seconds, first, last);
    struct tm at = {0};
    gmtime_r(&time, &at); /* GLib's way takes ten times as long, and events have a time each */
    char *end = digits_put(text, (unsigned)at.tm_year + 1900, 4);
    const struct {
        char before;
        int number;
    } parts[] = {
        {'-', at.tm_mon + 1}, {'-', at.tm_mday}, {'T', at.tm_hour}, {':', at.tm_min}, {':', at.tm_sec}};
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        *end++ = parts[i].before;
        end = digits_put(end, (unsigned)parts[i].number, 2);
    }
    return end;
}

char *timestamp_format(gint64 unix_microseconds)
{
    char text[TIMESTAMP_ROOM];
    char *end = put_seconds(text, unix_microseconds);
    *end++ = 'Z';
    return g_strndup(text, (gsize)(end - text));
}

char *timestamp_format_milliseconds(gint64 unix_microseconds)
{
    char text[TIMESTAMP_ROOM];
    char *end = put_seconds(text, unix_microseconds);
    gint64 rest = unix_microseconds % G_USEC_PER_SEC;
    *end++ = '.';
    end = digits_put(end, (unsigned)((rest < 0 ? rest + G_USEC_PER_SEC : rest) / 1000), 3);
    *end++ = 'Z';
    return g_strndup(text, (gsize)(end - text));
}

/* Whether text starts with the shape, in which 0 stands for any digit and T for the letter in either case or
 * a blank (RFC 3339, section 5.6). */
static bool has_shape(const char *text, const char *shape)
{
    for (; *shape != '\0'; shape++, text++) {
        bool fits = *shape == '0'   ? g_ascii_isdigit(*text)
                    : *shape == 'T' ? *text == 'T' || *text == 't' || *text == ' '
                                    : *text == *shape;
        if (!fits)
            return false;
    }
    return true;
}

static int two_digits(const char *text)
{
    return (text[0] - '0') * 10 + (text[1] - '0');
}

/* ".25" at *text as microseconds; *text moves behind it. Digits below a microsecond are dropped. */
static bool parse_fraction(const char **text, gint64 *microseconds)
{
    *microseconds = 0;
    if (**text != '.')
        return true;
    (*text)++;
    if (!g_ascii_isdigit(**text))
        return false;
    for (gint64 weight = G_USEC_PER_SEC / 10; g_ascii_isdigit(**text); (*text)++, weight /= 10)
        *microseconds += (**text - '0') * weight;
    return true;
}

/* "Z" or "+05:30", which ends the text, as seconds east of Greenwich. */
static bool parse_offset(const char *text, gint64 *seconds)
{
    *seconds = 0;
    if (g_ascii_strcasecmp(text, "Z") == 0)
        return true;
    bool west = *text == '-';
    if ((!west && *text != '+') || !has_shape(text + 1, "00:00") || text[6] != '\0')
        return false;
    int hours = two_digits(text + 1), minutes = two_digits(text + 4);
    *seconds = (hours * 60 + minutes) * 60 * (west ? -1 : 1);
    return hours < 24 && minutes < 60;
}

bool timestamp_parse(const char *text, gint64 *unix_microseconds)
{
    if (!has_shape(text, "0000-00-00"))
        return false;
    int hour = 0, minute = 0, second = 0;
    gint64 fraction = 0, offset = 0;
    if (text[10] != '\0') {
        if (!has_shape(text + 10, "T00:00:00"))
            return false;
        hour = two_digits(text + 11);
        minute = two_digits(text + 14);
        second = two_digits(text + 17);
        const char *rest = text + 19;
        if (!parse_fraction(&rest, &fraction) || !parse_offset(rest, &offset))
            return false;
    }
    int year = two_digits(text) * 100 + two_digits(text + 2);
    g_autoptr(GDateTime) time =
        g_date_time_new_utc(year, two_digits(text + 5), two_digits(text + 8), hour, minute, second);
    if (time == NULL)
        return false;
    *unix_microseconds = (g_date_time_to_unix(time) - offset) * G_USEC_PER_SEC + fraction;
    return true;
}
