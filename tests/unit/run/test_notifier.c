/* Notifier: messages arrive in their order, nobody waits for one who is slow, and warnings hold no secret. */
#include "run/notifier.h"

#include "../net/http_server.h"

TestSuite(notifier, .timeout = 60);

typedef struct Fixture {
    HttpServer server;
    NotifySpec spec;
    GPtrArray *entries;
    SecretStore *secrets;
    Notifier *notifier;
} Fixture;

static void fixture_start(Fixture *f, const Answer *answers, gsize count)
{
    static char *headers[] = {(char *)"X-Token: ${env:NOTIFIER_TOKEN}", NULL};
    g_setenv("NOTIFIER_TOKEN", "s3cret", TRUE);
    http_server_start(&f->server, answers, count);
    f->spec = (NotifySpec){.name = (char *)"chat",
                           .url = http_server_url(&f->server, "/services/s3cret"),
                           .headers = headers,
                           .timeout_ms = 2000,
                           .attempts = 1};
    f->entries = g_ptr_array_new();
    g_ptr_array_add(f->entries, &f->spec);
    f->secrets = secret_store_new();
    f->notifier = notifier_new(f->entries, f->secrets, NULL);
}

static void fixture_clear(Fixture *f)
{
    notifier_free(f->notifier);
    secret_store_free(f->secrets);
    g_ptr_array_unref(f->entries);
    g_free(f->spec.url);
    http_server_clear(&f->server);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Fixture, fixture_clear)

static GPtrArray *warnings_of(Fixture *f)
{
    GPtrArray *warnings = g_ptr_array_new_with_free_func(g_free);
    notifier_take_warnings(f->notifier, warnings);
    for (guint i = 0; i < warnings->len; i++)
        cr_expect_null(strstr(warnings->pdata[i], "s3cret"), "%s", (char *)warnings->pdata[i]);
    return warnings;
}

Test(notifier, messages_arrive_in_their_order_with_resolved_headers)
{
    static const Answer answers[] = {{.status = 200}};
    g_auto(Fixture) f;
    fixture_start(&f, answers, 1);
    for (int i = 0; i < 5; i++)
        notifier_send(f.notifier, 0, g_strdup_printf("<message %d>", i));
    notifier_finish(f.notifier, 10 * G_USEC_PER_SEC, NULL, NULL);
    const char *at = f.server.seen->str;
    for (int i = 0; i < 5; i++) {
        g_autofree char *message = g_strdup_printf("<message %d>", i);
        at = strstr(at, message);
        cr_assert(at, "%s not in its place: %s", message, f.server.seen->str);
    }
    cr_expect(strstr(f.server.seen->str, "POST /services/s3cret\n"));
    cr_expect(strstr(f.server.seen->str, "X-Token: s3cret\n"));
    cr_expect(strstr(f.server.seen->str, "Content-Type: application/json; charset=utf-8\n"));
    g_autoptr(GPtrArray) warnings = warnings_of(&f);
    cr_expect_eq(warnings->len, 0);
}

Test(notifier, what_is_refused_is_one_warning)
{
    static const Answer answers[] = {{.status = 403, .body = "no s3cret"}};
    g_auto(Fixture) f;
    fixture_start(&f, answers, 1);
    for (int i = 0; i < 5; i++)
        notifier_send(f.notifier, 0, g_strdup("{}"));
    notifier_finish(f.notifier, 10 * G_USEC_PER_SEC, NULL, NULL);
    g_autoptr(GPtrArray) warnings = warnings_of(&f);
    cr_assert_eq(warnings->len, 1);
    cr_expect_str_eq(warnings->pdata[0], "a notification was not sent: chat: HTTP 403");
    g_autoptr(GPtrArray) again = warnings_of(&f);
    cr_expect_eq(again->len, 0);
}

Test(notifier, a_secret_that_is_not_there_is_a_warning)
{
    static const Answer answers[] = {{.status = 200}};
    g_auto(Fixture) f;
    fixture_start(&f, answers, 1);
    g_unsetenv("NOTIFIER_TOKEN");
    notifier_send(f.notifier, 0, g_strdup("{}"));
    notifier_finish(f.notifier, 10 * G_USEC_PER_SEC, NULL, NULL);
    g_autoptr(GPtrArray) warnings = warnings_of(&f);
    cr_assert_eq(warnings->len, 1);
    cr_expect(strstr(warnings->pdata[0], "chat: ") && strstr(warnings->pdata[0], "${env:NOTIFIER_TOKEN}"),
              "%s", (char *)warnings->pdata[0]);
    cr_expect_eq(f.server.asked, 0);
}

Test(notifier, nobody_waits_for_one_who_is_slow)
{
    static const Answer answers[] = {{.status = 200, .delay_ms = 1500}};
    g_auto(Fixture) f;
    gint64 begin = g_get_monotonic_time();
    fixture_start(&f, answers, 1);
    for (int i = 0; i < NOTIFIER_WAITING_MAX + 10; i++)
        notifier_send(f.notifier, 0, g_strdup("{}"));
    cr_expect(g_get_monotonic_time() - begin < 20 * G_USEC_PER_SEC, "sending waited");
    notifier_finish(f.notifier, G_USEC_PER_SEC / 2, NULL, NULL);
    cr_expect(g_get_monotonic_time() - begin < 20 * G_USEC_PER_SEC, "the end waited too long");
    g_autoptr(GPtrArray) warnings = warnings_of(&f);
    cr_assert_eq(warnings->len, 1);
    cr_expect_str_eq(warnings->pdata[0], "42 notifications to chat were left out: no answer in time");
}

Test(notifier, of_too_many_that_wait_the_newest_are_sent)
{
    static const Answer answers[] = {{.status = 200, .delay_ms = 700}, {.status = 200}};
    g_auto(Fixture) f;
    fixture_start(&f, answers, 2);
    for (int i = 0; i < NOTIFIER_WAITING_MAX + 10; i++)
        notifier_send(f.notifier, 0, g_strdup_printf("<message %d>", i));
    notifier_finish(f.notifier, 10 * G_USEC_PER_SEC, NULL, NULL);
    cr_expect(f.server.asked == NOTIFIER_WAITING_MAX || f.server.asked == NOTIFIER_WAITING_MAX + 1, "%u",
              f.server.asked);
    cr_expect(strstr(f.server.seen->str, "<message 41>"), "the newest was not sent");
    g_autoptr(GPtrArray) warnings = warnings_of(&f);
    cr_assert_eq(warnings->len, 1);
}

static bool never(gpointer context)
{
    (void)context;
    return false;
}

Test(notifier, the_wait_at_the_end_can_be_ended)
{
    static const Answer answers[] = {{.status = 200, .delay_ms = 1500}};
    g_auto(Fixture) f;
    gint64 begin = g_get_monotonic_time();
    fixture_start(&f, answers, 1);
    notifier_send(f.notifier, 0, g_strdup("{}"));
    notifier_finish(f.notifier, 30 * G_USEC_PER_SEC, never, NULL);
    cr_expect(g_get_monotonic_time() - begin < 20 * G_USEC_PER_SEC);
    g_autoptr(GPtrArray) warnings = warnings_of(&f);
    cr_expect_eq(warnings->len, 1);
}

Test(notifier, a_redirect_is_not_followed)
{
    static const Answer answers[] = {{.status = 307, .header = "Location: /elsewhere"}};
    g_auto(Fixture) f;
    fixture_start(&f, answers, 1);
    notifier_send(f.notifier, 0, g_strdup("{}"));
    notifier_finish(f.notifier, 10 * G_USEC_PER_SEC, NULL, NULL);
    g_autoptr(GPtrArray) warnings = warnings_of(&f);
    cr_assert_eq(warnings->len, 1);
    cr_expect(strstr(warnings->pdata[0], "chat: HTTP 307; redirects are not followed"), "%s",
              (char *)warnings->pdata[0]);
    cr_expect_eq(f.server.asked, 1);
}
