/* A stream of lines never waits for its reader, never tears a line, and says what did not arrive. */
#include "base/line_stream.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAIT_US (G_USEC_PER_SEC / 5)

static char *folder;

static void setup(void)
{
    folder = g_dir_make_tmp("dbfleet-stream-XXXXXX", NULL);
    signal(SIGPIPE, SIG_IGN);
}

static void teardown(void)
{
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", folder);
    cr_expect_eq(system(command), 0);
    g_free(folder);
}

TestSuite(line_stream, .init = setup, .fini = teardown, .timeout = 60);

static char *place(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static LineStream *opened(const char *path, gsize buffer)
{
    GError *error = NULL;
    LineStream *stream = line_stream_open(path, buffer, &error);
    cr_assert_not_null(stream, "%s", error ? error->message : "");
    return stream;
}

static void expect_content(const char *path, const char *expected)
{
    g_autofree char *content = NULL;
    cr_assert(g_file_get_contents(path, &content, NULL, NULL));
    cr_expect_str_eq(content, expected);
}

/* Opens the FIFO for reading without waiting for a writer. */
static int reader_of(const char *path)
{
    int descriptor = open(path, O_RDONLY | O_NONBLOCK);
    cr_assert_geq(descriptor, 0);
    return descriptor;
}

/* What is there to be read now. */
static GString *read_now(int descriptor)
{
    GString *text = g_string_new(NULL);
    char block[4096];
    for (ssize_t size; (size = read(descriptor, block, sizeof block)) > 0;)
        g_string_append_len(text, block, size);
    return text;
}

Test(line_stream, a_file_is_added_to)
{
    g_autofree char *path = place("events.ndjson");
    for (unsigned i = 0; i < 2; i++) {
        g_autoptr(LineStream) stream = opened(path, 1000);
        line_stream_add(stream, "one\n");
        cr_expect_null(line_stream_end(stream, WAIT_US));
    }
    expect_content(path, "one\none\n");
}

Test(line_stream, a_line_that_was_cut_short_is_ended_first)
{
    g_autofree char *path = place("events.ndjson");
    cr_assert(g_file_set_contents(path, "whole\nhal", -1, NULL));
    g_autoptr(LineStream) stream = opened(path, 1000);
    line_stream_add(stream, "one\n");
    cr_expect_null(line_stream_end(stream, WAIT_US));
    expect_content(path, "whole\nhal\none\n");
}

Test(line_stream, what_cannot_be_written_is_told_at_once)
{
    g_autoptr(GError) error = NULL;
    cr_expect_null(line_stream_open(folder, 1000, &error));
    cr_expect(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_ISDIR));
}

Test(line_stream, a_full_disk_ends_it)
{
    g_autoptr(LineStream) stream = opened("/dev/full", 1000);
    line_stream_add(stream, "one\n");
    line_stream_add(stream, "two\n");
    g_autofree char *problem = line_stream_end(stream, WAIT_US);
    cr_expect_str_eq(problem, "/dev/full: No space left on device; 2 lines did not arrive");
}

Test(line_stream, a_fifo_without_a_reader_waits_in_the_buffer)
{
    g_autofree char *path = place("fifo");
    cr_assert_eq(mkfifo(path, 0600), 0);
    g_autoptr(LineStream) stream = opened(path, 1000);
    line_stream_add(stream, "one\n");
    int reader = reader_of(path);
    line_stream_add(stream, "two\n");
    cr_expect_null(line_stream_end(stream, WAIT_US));
    g_autoptr(GString) text = read_now(reader);
    cr_expect_str_eq(text->str, "one\ntwo\n");
    close(reader);
}

Test(line_stream, a_fifo_that_nobody_ever_reads_is_given_up)
{
    g_autofree char *path = place("fifo");
    cr_assert_eq(mkfifo(path, 0600), 0);
    g_autoptr(LineStream) stream = opened(path, 1000);
    line_stream_add(stream, "one\n");
    gint64 begun = g_get_monotonic_time();
    g_autofree char *problem = line_stream_end(stream, WAIT_US);
    cr_expect(g_str_has_suffix(problem, "fifo: nobody reads it; 1 line did not arrive"), "%s", problem);
    cr_expect_lt(g_get_monotonic_time() - begun, 100 * WAIT_US);
}

/* A line of 100 bytes that says which it is. */
static char *numbered(unsigned number)
{
    return g_strdup_printf("%098u\n", number);
}

Test(line_stream, a_reader_that_is_stuck_holds_nobody_up_and_no_line_is_torn)
{
    g_autofree char *path = place("fifo");
    cr_assert_eq(mkfifo(path, 0600), 0);
    int reader = reader_of(path);
    g_autoptr(LineStream) stream = opened(path, 20000);
    gint64 begun = g_get_monotonic_time();
    for (unsigned i = 0; i < 5000; i++) {
        g_autofree char *line = numbered(i);
        line_stream_add(stream, line);
    }
    cr_expect_lt(g_get_monotonic_time() - begun, 30 * G_USEC_PER_SEC, "it waited");
    cr_expect_eq(line_stream_take_dropped(stream), 0, "there is no room to say so yet");
    g_autoptr(GString) text = read_now(reader);
    line_stream_flush(stream);
    guint dropped = line_stream_take_dropped(stream);
    cr_expect_gt(dropped, 0);
    line_stream_add(stream, "again\n");
    g_autofree char *problem = line_stream_end(stream, WAIT_US);
    cr_expect_not_null(strstr(problem, "its reader is too slow"), "%s", problem);
    g_autoptr(GString) rest = read_now(reader);
    g_string_append(text, rest->str);
    g_auto(GStrv) lines = g_strsplit(text->str, "\n", -1);
    guint count = g_strv_length(lines) - 1; /* the last is empty */
    cr_expect_eq(count - 1 + dropped, 5000, "%u lines and %u dropped", count, dropped);
    cr_expect_str_eq(lines[count - 1], "again");
    for (guint i = 0; i + 1 < count; i++)
        cr_assert_eq(g_ascii_strtoull(lines[i], NULL, 10), i, "%s", lines[i]);
    close(reader);
}

Test(line_stream, a_reader_that_leaves_ends_it)
{
    g_autofree char *path = place("fifo");
    cr_assert_eq(mkfifo(path, 0600), 0);
    int reader = reader_of(path);
    g_autoptr(LineStream) stream = opened(path, 1000);
    line_stream_add(stream, "one\n");
    close(reader);
    line_stream_add(stream, "two\n");
    g_autofree char *problem = line_stream_end(stream, WAIT_US);
    cr_expect_not_null(strstr(problem, "Broken pipe; 1 line did not arrive"), "%s", problem);
}
