/* For doctor_judge: an empty checkup to fill. */
#pragma once

#include "run/checkup.h"

Checkup *checkup_new(void);
