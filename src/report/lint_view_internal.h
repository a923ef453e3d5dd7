/* What the renderers of lint share. */
#pragma once

/* The file from the folder on, or as it is; NULL as it is. */
const char *lint_view_path(const char *file, const char *folder);
