/* What the files of the MySQL driver that examine share. */
#pragma once

#include "drivers/examine_internal.h"
#include "drivers/mysql/grants.h"
#include "drivers/mysql/mysql_internal.h"

/* Tables, rights on them, and what stands in the way of changing them. */
void mysql_examine_objects(Connection *base, const ExamineOptions *options, Examination *examination);
