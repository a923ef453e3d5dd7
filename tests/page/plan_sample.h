/* Pages of plans that are made up. */
#pragma once

/* "plan", or "plan-hostile", whose texts are markup. Caller frees. */
char *plan_sample_page(const char *kind, unsigned targets);
