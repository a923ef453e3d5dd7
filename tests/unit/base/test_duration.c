/* Durations and timestamps: what is read, what is refused, what is shown. */
#include "base/duration.h"

#include <criterion/criterion.h>

Test(duration, reads_units_and_sums)
{
    static const struct {
        const char *text;
        gint64 milliseconds;
    } CASES[] = {
        {"0s", 0},          {"250ms", 250},       {"5s", 5000},
        {"15min", 900000},  {"15m", 900000},      {"2h", 7200000},
        {"1d", 86400000},   {"1h30min", 5400000}, {"1d2h3min4s5ms", 93784005},
        {"90min", 5400000}, {"1m30s", 90000},     {"9223372036854775807ms", G_MAXINT64},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        gint64 milliseconds = -1;
        cr_expect(duration_parse(CASES[i].text, &milliseconds), "%s", CASES[i].text);
        cr_expect_eq(milliseconds, CASES[i].milliseconds, "%s", CASES[i].text);
    }
}

Test(duration, refuses_all_else_and_leaves_the_result_alone)
{
    static const char *const CASES[] = {
        "",
        "5",
        "s",
        "-5s",
        "+5s",
        " 5s",
        "5s ",
        "5 s",
        "1.5h",
        "5x",
        "5sec",
        "5S",
        "30min1h",
        "5s5s",
        "1h1h",
        "5s6",
        "1w",
        "0x10s",
        "5minutes",
        "9223372036854775808ms",
        "9223372036854775807s",
        "106751991168d",
        "9223372036854775s808ms",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        gint64 milliseconds = 77;
        cr_expect_not(duration_parse(CASES[i], &milliseconds), "%s", CASES[i]);
        cr_expect_eq(milliseconds, 77, "%s", CASES[i]);
    }
}

Test(duration, shows_elapsed_time_for_people)
{
    static const struct {
        gint64 microseconds;
        const char *text;
    } CASES[] = {
        {0, "0 ms"},
        {-5, "0 ms"},
        {49999, "49 ms"},
        {99999, "99 ms"},
        {100000, "0.1 s"},
        {400000, "0.4 s"},
        {12345678, "12.3 s"},
        {59949999, "59.9 s"},
        {59950000, "1m 00s"},
        {185 * G_USEC_PER_SEC, "3m 05s"},
        {3599 * (gint64)G_USEC_PER_SEC + 499999, "59m 59s"},
        {3599 * (gint64)G_USEC_PER_SEC + 500000, "1h 00m"},
        {7620 * (gint64)G_USEC_PER_SEC, "2h 07m"},
        {G_GINT64_CONSTANT(180000) * G_USEC_PER_SEC, "50h 00m"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *text = duration_format(CASES[i].microseconds);
        cr_expect_str_eq(text, CASES[i].text);
    }
    g_autofree char *longest = duration_format(G_MAXINT64);
    cr_expect_not_null(strchr(longest, 'h'));
}

Test(timestamp, writes_utc)
{
    static const struct {
        gint64 microseconds;
        const char *text;
    } CASES[] = {
        {0, "1970-01-01T00:00:00Z"},
        {-1, "1969-12-31T23:59:59Z"},
        {G_GINT64_CONSTANT(1795365600999999), "2026-11-22T16:40:00Z"},
        {G_MAXINT64, "9999-12-31T23:59:59Z"},
        {G_MININT64, "0001-01-01T00:00:00Z"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *text = timestamp_format(CASES[i].microseconds);
        cr_expect_str_eq(text, CASES[i].text);
    }
}

Test(timestamp, reads_rfc3339_and_dates)
{
    const gint64 afternoon = G_GINT64_CONSTANT(1795365600) * G_USEC_PER_SEC;
    const struct {
        const char *text;
        gint64 microseconds;
    } CASES[] = {
        {"2026-11-22T16:40:00Z", afternoon},
        {"2026-11-22t16:40:00z", afternoon},
        {"2026-11-22 16:40:00Z", afternoon},
        {"2026-11-22T17:40:00+01:00", afternoon},
        {"2026-11-22T11:10:00-05:30", afternoon},
        {"2026-11-22T16:40:00.5Z", afternoon + 500000},
        {"2026-11-22T16:40:00.123456789Z", afternoon + 123456},
        {"2026-11-22", afternoon - (16 * 60 + 40) * 60 * (gint64)G_USEC_PER_SEC},
        {"1970-01-01", 0},
        {"1969-12-31T23:59:59.999999Z", -1},
        {"2024-02-29", G_GINT64_CONSTANT(1709164800) * G_USEC_PER_SEC},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        gint64 microseconds = 77;
        cr_expect(timestamp_parse(CASES[i].text, &microseconds), "%s", CASES[i].text);
        cr_expect_eq(microseconds, CASES[i].microseconds, "%s: %" G_GINT64_FORMAT, CASES[i].text,
                     microseconds);
    }
}

Test(timestamp, refuses_all_else_and_leaves_the_result_alone)
{
    static const char *const CASES[] = {
        "",
        "now",
        "2026-11-2",
        "2026-11-22T",
        "2026-11-22T16:40",
        "2026-11-22T16:40:00",
        "2026-11-22T16:40:00.Z",
        "2026-11-22T16:40:00+1:00",
        "2026-11-22T16:40:00+24:00",
        "2026-11-22T16:40:00+01:60",
        "2026-11-22T16:40:00Z ",
        "2026-11-22T16:40:00+01:00x",
        "2026-13-01",
        "2025-02-29",
        "0000-01-01",
        "2026-11-22T24:00:00Z",
        "2026-11-22T16:60:00Z",
        "20261122T164000Z",
        "2026/11/22",
        "2026-11-22x16:40:00Z",
        "2026-11-22T16.40.00Z",
        "2026-11-22T16:40:00+01.00",
        "2026-1a-22",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        gint64 microseconds = 77;
        cr_expect_not(timestamp_parse(CASES[i], &microseconds), "%s", CASES[i]);
        cr_expect_eq(microseconds, 77, "%s", CASES[i]);
    }
}

Test(duration, is_spelled_as_it_is_read)
{
    static const char *const texts[] = {"0s", "1ms", "250ms", "5s", "1min30s", "1h", "1d2h3min4s5ms"};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        gint64 milliseconds = -1;
        cr_assert(duration_parse(texts[i], &milliseconds));
        g_autofree char *spelled = duration_spell(milliseconds);
        cr_expect_str_eq(spelled, texts[i]);
    }
}
