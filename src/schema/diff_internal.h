/* What the diff's files share. */
#pragma once

#include "schema/diff.h"

/* Leaves the attribute "after" only in the changes of objects that must move; a change may be left without
 * any. */
void diff_settle_order(const SchemaDiff *self);
