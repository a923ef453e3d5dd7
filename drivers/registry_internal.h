/* The drivers' rows, each defined in its own folder where its client library was found; and the URL schemes
 * of each, which are known even where the driver was left out, so that a missing one can be named. */
#pragma once

#include "base/late_library.h"
#include "drivers/driver.h"

extern const Driver postgres_driver, mysql_driver, sqlite_driver;

/* NULL-terminated; a driver's `schemes` points here. */
extern const char *const postgres_schemes[];
extern const char *const mysql_schemes[];
extern const char *const sqlite_schemes[];

/* Loads a driver's client library, if nobody has yet. False and DB_ERROR_UNSUPPORTED where that fails. Any
 * thread. */
bool driver_load_library(LateLibrary *library, GError **error);
