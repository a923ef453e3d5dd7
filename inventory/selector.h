/* Selectors: which targets of a fleet a text means. Ansible's algebra: parts joined by ":" or ",", a part
 * with "&" intersects, with "!" excludes, else adds; parts are applied add first, then intersect, then
 * exclude, as Ansible does whatever their order.
 *
 * A part is a group name, a target name or glob (* ? [..]), ~regex, label=value (value may be a glob), @file
 * (one selector part a line, # comments), "all", or @failed:RUN and @unreachable:RUN, which ask the ledger
 * through a function handed in. Pure but for @file. Unknown names are errors that suggest the nearest known
 * one. */
#pragma once

#include "inventory/fleet.h"

#define SELECTOR_ERROR (selector_error_quark())
GQuark selector_error_quark(void);
typedef enum SelectorError { SELECTOR_ERROR_SYNTAX, SELECTOR_ERROR_UNKNOWN } SelectorError;

/* Names of the targets that a past run left failed ("failed") or unreachable ("unreachable"):
 * NULL-terminated, caller frees; NULL and an error if there is no such run. */
typedef char **(*SelectorRunLookup)(void *context, const char *state, const char *run, GError **error);

/* The targets selected, in fleet order: const Target *, array owned by the caller (g_ptr_array_unref). An
 * empty result is no error here. `expression` NULL means all;
 * "" is an error: it is what is left of a variable that was not set. `lookup` NULL: @failed and @unreachable
 * are refused. */
GPtrArray *fleet_select(const Fleet *fleet, const char *expression, SelectorRunLookup lookup, void *context,
                        GError **error);
