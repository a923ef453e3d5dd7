/* Prompt: asks a person on the terminal. Main thread only. */
#pragma once

#include <stdbool.h>

/* Writes the question to stderr and reads one line from stdin: true for y or yes. False for anything else,
 * end of file, or SIGINT or SIGTERM while it waits: the signal is taken and has no other effect. Other
 * threads must have both blocked. " [y/N] " is added; control characters are made visible. */
bool prompt_confirm(const char *question);
typedef enum PromptAnswer { PROMPT_NO, PROMPT_YES, PROMPT_NOTHING, PROMPT_WAITING } PromptAnswer;
/* The same for a question whose "no" goes on: PROMPT_NOTHING is the end of input or one of those signals. */
PromptAnswer prompt_ask(const char *question);
/* True if a person can be asked: stdin and stderr are terminals. */
bool prompt_possible(void);

/* A question that stands while other work goes on; signals are the caller's. */
typedef struct Prompt Prompt;
/* Writes the question, as above. */
Prompt *prompt_begin(const char *question);
/* What was answered, without waiting: PROMPT_WAITING until there is a whole line; PROMPT_NOTHING at the end
 * of input. */
PromptAnswer prompt_poll(Prompt *self);
/* Takes the question back; its line is ended if there was no answer. NULL-safe. */
void prompt_end(Prompt *self);
