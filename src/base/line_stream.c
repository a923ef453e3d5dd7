/* Line stream: owns the descriptor and what waits for it. It refuses to wait (poll() is asked before every
 * write, and no more is written than a pipe takes at once, POSIX's PIPE_BUF), to change the flags of a
 * descriptor that others share, and to write a line in part and then another. */
#include "base/line_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEPT_BYTES (64 * 1024) /* so much does not wait for line_stream_flush() */
#define END_POLL_US (G_USEC_PER_SEC / 50)

struct LineStream {
    char *place;
    int descriptor; /* -1: nobody reads the FIFO yet */
    bool owned;
    bool regular; /* a write to it does not wait for anybody */
    GString *waiting;
    gsize limit;
    guint dropped; /* not told of yet */
    guint64 lost;  /* lines that did not arrive */
    int error;     /* errno that ended it; 0 */
    bool ended;
};

static bool fail(const char *place, GError **error)
{
    int code = errno;
    g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(code), "cannot write %s: %s", place,
                g_strerror(code));
    return false;
}

/* ---- Opening ---- */

/* A line that a crash cut short must not swallow the first of ours. */
static void end_last_line(const char *place, GString *waiting)
{
    char last = '\n';
    int descriptor = open(place, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return;
    if (lseek(descriptor, -1, SEEK_END) >= 0 && read(descriptor, &last, 1) == 1 && last != '\n')
        g_string_append_c(waiting, '\n');
    (void)close(descriptor);
}

/* False with errno set; a FIFO that nobody reads is no failure. */
static bool open_place(LineStream *self)
{
    self->descriptor =
        open(self->place, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
    return self->descriptor >= 0 || errno == ENXIO;
}

LineStream *line_stream_open(const char *place, gsize buffer, GError **error)
{
    struct stat found;
    g_autoptr(LineStream) self = g_new0(LineStream, 1);
    bool standard = strcmp(place, "-") == 0;
    self->place = g_strdup(standard ? "standard output" : place);
    self->limit = buffer;
    self->waiting = g_string_new(NULL);
    self->owned = !standard;
    self->descriptor = standard ? STDOUT_FILENO : -1;
    if (!standard && !open_place(self)) {
        fail(place, error);
        return NULL;
    }
    self->regular = self->descriptor >= 0 && fstat(self->descriptor, &found) == 0 && S_ISREG(found.st_mode);
    if (self->regular && !standard)
        end_last_line(place, self->waiting);
    return g_steal_pointer(&self);
}

void line_stream_free(LineStream *self)
{
    if (self == NULL)
        return;
    if (self->owned && self->descriptor >= 0)
        (void)close(self->descriptor);
    g_string_free(self->waiting, TRUE);
    g_free(self->place);
    g_free(self);
}

/* ---- Writing ---- */

static guint lines_in(const GString *text)
{
    guint count = 0;
    for (const char *at = text->str; (at = strchr(at, '\n')) != NULL; at++)
        count++;
    return count;
}

/* It takes no more: what waits does not arrive. */
static void give_up(LineStream *self, int code)
{
    self->error = code;
    self->lost += lines_in(self->waiting);
    g_string_set_size(self->waiting, 0);
}

static bool is_ready(const LineStream *self)
{
    struct pollfd ask = {.fd = self->descriptor, .events = POLLOUT};
    return self->regular || (poll(&ask, 1, 0) == 1 && ask.revents != 0);
}

/* Writes from `*done` on what is taken without waiting; an errno, or 0. */
static int write_ready(const LineStream *self, gsize *done)
{
    while (*done < self->waiting->len && is_ready(self)) {
        gsize left = self->waiting->len - *done;
        ssize_t written =
            write(self->descriptor, self->waiting->str + *done, self->regular ? left : MIN(left, PIPE_BUF));
        if (written > 0)
            *done += (gsize)written;
        else if (errno == EAGAIN)
            return 0;
        else if (errno != EINTR)
            return errno;
    }
    return 0;
}

void line_stream_flush(LineStream *self)
{
    gsize done = 0;
    if (self->descriptor < 0 && !self->error && !open_place(self))
        give_up(self, errno);
    if (self->descriptor < 0 || self->error)
        return;
    int code = write_ready(self, &done);
    g_string_erase(self->waiting, 0, (gssize)done);
    if (code)
        give_up(self, code);
}

void line_stream_keep(LineStream *self, const char *line)
{
    gsize length = strlen(line);
    if (self->error || self->ended)
        self->lost++;
    else if (self->waiting->len + length > self->limit) {
        self->lost++;
        self->dropped++;
    } else
        g_string_append_len(self->waiting, line, (gssize)length);
    if (self->waiting->len >= KEPT_BYTES)
        line_stream_flush(self);
}

void line_stream_add(LineStream *self, const char *line)
{
    line_stream_keep(self, line);
    line_stream_flush(self);
}

guint line_stream_take_dropped(LineStream *self)
{
    if (self->dropped == 0 || self->error || self->waiting->len > self->limit / 2)
        return 0;
    guint dropped = self->dropped;
    self->dropped = 0;
    return dropped;
}

/* ---- The end ---- */

static char *complaint(const LineStream *self)
{
    const char *why = self->error            ? g_strerror(self->error)
                      : self->descriptor < 0 ? "nobody reads it"
                                             : "its reader is too slow";
    if (self->lost == 0)
        return NULL;
    return g_strdup_printf("%s: %s; %" G_GUINT64_FORMAT " %s did not arrive", self->place, why, self->lost,
                           self->lost == 1 ? "line" : "lines");
}

char *line_stream_end(LineStream *self, gint64 wait_us)
{
    gint64 deadline = g_get_monotonic_time() + wait_us;
    for (;;) {
        line_stream_flush(self);
        if (self->waiting->len == 0 || g_get_monotonic_time() >= deadline)
            break;
        g_usleep(END_POLL_US);
    }
    self->ended = true;
    self->lost += lines_in(self->waiting);
    g_string_set_size(self->waiting, 0);
    return complaint(self);
}
