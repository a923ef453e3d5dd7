/* For doctor_judge: an empty checkup to fill. */
#pragma once

#include "run/doctor/checkup.h"

Checkup *checkup_new(void);
