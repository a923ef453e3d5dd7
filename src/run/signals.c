/* Signals: a count that handlers raise and the main loop reads. Holds the one piece of process-wide state
 * that a signal handler needs. */
#include "run/signals.h"
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

static atomic_uint interrupts;
static struct sigaction previous_int, previous_term;

static void on_interrupt(int number)
{
    (void)number;
    if (atomic_fetch_add(&interrupts, 1) >= 2)
        _exit(130);
}

void signals_install(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_interrupt;
    sigemptyset(&action.sa_mask);
    atomic_store(&interrupts, 0);
    sigaction(SIGINT, &action, &previous_int);
    sigaction(SIGTERM, &action, &previous_term);
}

void signals_restore(void)
{
    sigaction(SIGINT, &previous_int, NULL);
    sigaction(SIGTERM, &previous_term, NULL);
}

unsigned signals_count(void)
{
    return atomic_load(&interrupts);
}
