/* Revision draft: the sections of the revisions that a change becomes, one for each stage, with a section for
 * each dialect where what is written differs and one without a name where it does not. Pure. */
#pragma once

#include "dev/change_make.h"

/* What was made for one dialect. */
typedef struct DraftDialect {
    Dialect dialect;
    const ChangeMake *make;
} DraftDialect;

typedef struct DraftOptions {
    bool no_down_for_data_loss; /* what loses data gets no way back and is marked irreversible */
    const GPtrArray *notes;     /* of const char *: told above the first revision's sections; NULL */
} DraftOptions;

/* How many revisions: as many as the dialect with most stages needs; 0: nothing differs. */
unsigned revision_draft_count(const GArray *dialects);
/* All that stands below the header lines of the revision `index`, comments first. `dialects`: of
 * DraftDialect. Caller frees. */
char *revision_draft_text(const GArray *dialects, unsigned index, const DraftOptions *options);
/* The line of a section that says there is no way back on purpose. */
#define REVISION_IRREVERSIBLE "-- dbfleet:irreversible"
