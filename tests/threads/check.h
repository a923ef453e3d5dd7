/* What a plain test program needs: checks that are counted, and the line that scripts/test adds up. Main
 * thread only. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

typedef struct Checks {
    unsigned passed;
    unsigned failed;
} Checks;

static inline void check(Checks *self, bool good, const char *what)
{
    self->passed += good;
    self->failed += !good;
    printf("%s - %s\n", good ? "ok" : "not ok", what);
    fflush(stdout);
}

/* The exit status. */
static inline int checks_end(const Checks *self)
{
    printf("%u passed, %u failed\n", self->passed, self->failed);
    return self->failed || !self->passed;
}
