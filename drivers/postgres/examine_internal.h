/* What the files of the PostgreSQL driver that examine share. */
#pragma once

#include "drivers/examine_internal.h"
#include "drivers/postgres/postgres_internal.h"

/* Schema, tables, rights on them, and what stands in the way of changing them. */
void postgres_examine_objects(Connection *base, const ExamineOptions *options, Examination *examination);
