/* Prompt: owns one question and one answer. It refuses to take silence, the end of input or an interrupt for
 * consent. Main thread only: signals are looked for in the thread that asks. */
#include "cli/prompt.h"

#include "base/terminal.h"
#include "base/text_table.h"

#include <errno.h>
#include <glib.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

/* SIGINT and SIGTERM, taken from their handlers while the question stands. Being descriptors, they cannot
 * slip in between looking and waiting, and other signals (a resized window) do not end the question. */
typedef struct Interrupts {
    sigset_t mask; /* as it was */
    int descriptor;
} Interrupts;

static void interrupts_take(Interrupts *self)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, &self->mask);
    self->descriptor = signalfd(-1, &set, SFD_CLOEXEC);
}

static void interrupts_give_back(const Interrupts *self)
{
    if (self->descriptor >= 0)
        close(self->descriptor);
    pthread_sigmask(SIG_SETMASK, &self->mask, NULL);
}

/* False when a signal came; it is taken, so that it has no other effect. */
static bool wait_for_input(const Interrupts *interrupts)
{
    struct pollfd sources[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                               {.fd = interrupts->descriptor, .events = POLLIN}};
    int ready = 0;
    do
        ready = poll(sources, G_N_ELEMENTS(sources), -1);
    while (ready < 0 && errno == EINTR);
    if (ready < 0 || sources[1].revents == 0)
        return ready > 0;
    struct signalfd_siginfo taken;
    return read(interrupts->descriptor, &taken, sizeof taken) < 0;
}

/* One line without its end, byte by byte so that nothing behind it is taken. NULL: end of input or an
 * interrupt before the line was whole. */
static char *read_line(const Interrupts *interrupts)
{
    g_autoptr(GString) line = g_string_new(NULL);
    for (;;) {
        char byte = 0;
        if (!wait_for_input(interrupts) || read(STDIN_FILENO, &byte, 1) != 1)
            return NULL;
        if (byte == '\n')
            return g_strdup(line->str);
        g_string_append_c(line, byte);
    }
}

static bool is_yes(const char *line)
{
    g_autofree char *word = g_ascii_strdown(line, -1);
    g_strstrip(word);
    return g_str_equal(word, "y") || g_str_equal(word, "yes");
}

static void say(const char *text)
{
    gsize length = strlen(text);
    while (length > 0) {
        ssize_t written = write(STDERR_FILENO, text, length);
        if (written < 0 && errno != EINTR)
            return;
        text += MAX(written, 0);
        length -= (gsize)MAX(written, 0);
    }
}

PromptAnswer prompt_ask(const char *question)
{
    g_autofree char *printable = text_printable(question, true);
    g_autofree char *line = g_strdup_printf("%s [y/N] ", printable);
    Interrupts interrupts;
    tcflush(STDIN_FILENO, TCIFLUSH); /* what was typed before the question is no answer to it */
    interrupts_take(&interrupts);
    say(line);
    g_autofree char *answer = read_line(&interrupts);
    interrupts_give_back(&interrupts);
    if (answer == NULL) {
        say("\n");
        return PROMPT_NOTHING;
    }
    return is_yes(answer) ? PROMPT_YES : PROMPT_NO;
}

bool prompt_confirm(const char *question)
{
    return prompt_ask(question) == PROMPT_YES;
}

bool prompt_possible(void)
{
    return terminal_is_tty(STDIN_FILENO) && terminal_is_tty(STDERR_FILENO);
}

/* ---- A question that stands ---- */

struct Prompt {
    GString *line;
    PromptAnswer answer;
};

Prompt *prompt_begin(const char *question)
{
    g_autofree char *printable = text_printable(question, true);
    g_autofree char *line = g_strdup_printf("%s [y/N] ", printable);
    Prompt *self = g_new0(Prompt, 1);
    self->line = g_string_new(NULL);
    self->answer = PROMPT_WAITING;
    tcflush(STDIN_FILENO, TCIFLUSH); /* as for prompt_ask() */
    say(line);
    return self;
}

static bool input_is_there(void)
{
    struct pollfd source = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&source, 1, 0) > 0;
}

PromptAnswer prompt_poll(Prompt *self)
{
    while (self->answer == PROMPT_WAITING && input_is_there()) {
        char byte = 0;
        if (read(STDIN_FILENO, &byte, 1) != 1)
            self->answer = PROMPT_NOTHING;
        else if (byte != '\n')
            g_string_append_c(self->line, byte);
        else
            self->answer = is_yes(self->line->str) ? PROMPT_YES : PROMPT_NO;
    }
    return self->answer;
}

void prompt_end(Prompt *self)
{
    if (self == NULL)
        return;
    if (self->answer == PROMPT_WAITING || self->answer == PROMPT_NOTHING)
        say("\n");
    g_string_free(self->line, TRUE);
    g_free(self);
}
