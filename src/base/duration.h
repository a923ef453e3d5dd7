/* Durations and points in time as people write and read them. Pure: reads no clock. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* "250ms" "5s" "15min" "2h" "1d", also sums such as "1h30min"; "m" is accepted for minutes. A bare number is
 * refused (no unit). Result in milliseconds; false if the text is no duration or overflows. */
bool duration_parse(const char *text, gint64 *milliseconds);

/* As duration_parse reads it again: "90s" is "1min30s", 0 is "0s". Caller frees. */
char *duration_spell(gint64 milliseconds);

/* For people: "34 ms", "0.4 s", "12.3 s", "3m 05s", "2h 07m". Caller frees. */
char *duration_format(gint64 microseconds);

/* Microseconds since 1970 as "2026-11-22T16:40:00Z" (seconds) in UTC. Caller frees. */
char *timestamp_format(gint64 unix_microseconds);
/* The same as "2026-11-22T16:40:00.123Z". Caller frees. */
char *timestamp_format_milliseconds(gint64 unix_microseconds);
/* The reverse, for RFC 3339 times with "Z" or an offset, and dates "2026-11-22". */
bool timestamp_parse(const char *text, gint64 *unix_microseconds);
