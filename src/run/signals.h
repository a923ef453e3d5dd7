/* Signals: SIGINT and SIGTERM counted, so that the main loop decides what each means: the first drains, the
 * second cancels, the third exits at once (status 130) even if the main thread is stuck. Main thread
 * installs; the count may be read by any thread. */
#pragma once

void signals_install(void);
/* Back to what was before. */
void signals_restore(void);
/* How many interrupts have come since install. */
unsigned signals_count(void);
