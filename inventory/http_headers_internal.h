/* HTTP headers as a mapping of names to values, which may be secret references. For the readers of
 * dbfleet.yaml. */
#pragma once

#include "base/diagnostics.h"
#include "base/yaml_tree.h"

/* "Name: value" for each, NULL-terminated; caller frees (g_strfreev). NULL with the problems where there are
 * any. */
char **http_headers_read(const YamlNode *mapping, Diagnostics *problems);
/* A reference in `text` that cannot be one is told now, not in the night: `what` is the key. */
void reference_check(const char *text, const YamlNode *value, const char *what, Diagnostics *problems);
