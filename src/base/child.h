/* Child: runs a program and waits for its end, in bounded time, keeping the end of what it says.
 *
 * The program is a process group of its own: an interrupt on the terminal does not reach it, and all that it
 * started ends with it. It has no input unless it is given one, and takes no signal mask of ours. Any thread.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

typedef struct ChildOptions {
    const char *const *arguments;   /* NULL-terminated; the program, looked up in PATH, is the first */
    const char *const *environment; /* NULL-terminated "NAME=value"; NULL: ours */
    const char *folder;             /* to work in; NULL: ours */
    int input;                      /* descriptor for its standard input; 0: none, it reads an empty file */
    unsigned timeout_ms;            /* 0: no limit */
    /* Asked about ten times a second while the program runs: true ends it. NULL: never. */
    bool (*stop)(gpointer context);
    gpointer context;
} ChildOptions;

typedef enum ChildEnd {
    CHILD_EXITED,   /* by itself: `code` */
    CHILD_SIGNALED, /* by a signal that was not ours: `code` */
    CHILD_TIMED_OUT,
    CHILD_STOPPED /* `stop` said so */
} ChildEnd;

typedef struct ChildResult {
    ChildEnd end;
    int code;
    char *output; /* the last 4 KB of standard output and error together, valid UTF-8 */
} ChildResult;
void child_result_clear(ChildResult *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ChildResult, child_result_clear)

/* What a program is started with. */
typedef struct ChildStart {
    const char *const *arguments; /* as in ChildOptions, and so the next two */
    const char *const *environment;
    const char *folder;
    int input;        /* descriptor for its standard input; 0: none, it reads an empty file */
    int output;       /* descriptor for its standard output */
    bool errors;      /* its standard error goes there too; else to `error_output` */
    int error_output; /* descriptor; 0: nowhere */
} ChildStart;
/* For who reads the output and waits for the end by himself: starts the program as described above, with no
 * descriptor of ours but `output`. 0, or an errno. */
int child_spawn(const ChildStart *start, pid_t *pid);

/* Runs a program that may ask something on the terminal: it stays in our process group, with our standard
 * input and error; what it prints goes to standard error too. Waits for its end, however long. The exit
 * status as waitpid has it in *status; 0, or an errno if it could not be started. */
int child_attend(const char *const *arguments, int *status);

/* Whether there is such a program, looked up as child_run() does that works in `folder`. */
bool child_is_there(const char *program, const char *folder);
/* False if the program could not be started; `error` is of G_FILE_ERROR and says why. */
bool child_run(const ChildOptions *options, ChildResult *result, GError **error);

/* For messages: "check failed with exit code 3", "check was ended by signal 9", "check took longer than 30.0
 * s and was ended". `program` is shown without its folder. Caller frees. */
char *child_end_text(const char *program, const ChildResult *result, unsigned timeout_ms);
/* The last `lines` lines of what a program said. Caller frees. */
char *child_last_lines(const ChildResult *result, unsigned lines);

/* The same for a program whose answer is its standard output: all of it goes to *answer, with a NUL behind
 * it (caller frees), while result->output keeps the end of its standard error. An answer of more than `most`
 * bytes ends it and is G_FILE_ERROR_FAILED. */
bool child_read(const ChildOptions *options, gsize most, char **answer, gsize *length, ChildResult *result,
                GError **error);
