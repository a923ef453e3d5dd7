/* Pictures of SQLite: the text of each object as the file keeps it. Pure. */
#include "schema/picture_internal.h"

#define LITE PICTURE_IN_SQLITE
#define LINES                                                                                                \
    "SELECT group_concat(line, char(10)) FROM (SELECT type || ' ' || name || ': ' || replace(COALESCE(sql, " \
    "'-'), char(10), ' ') AS line FROM sqlite_master WHERE "

static const PictureRow rows[] = {
    {OBJECT_TABLE, 0, LITE,
     LINES "name = {N} COLLATE NOCASE OR tbl_name = {N} COLLATE NOCASE ORDER BY type, name)"},
    {OBJECT_INDEX, 0, LITE, LINES "type = 'index' AND name = {N} COLLATE NOCASE ORDER BY name)"},
    {OBJECT_TRIGGER, 0, LITE, LINES "type = 'trigger' AND name = {N} COLLATE NOCASE ORDER BY name)"},
    {OBJECT_EVERYTHING, PICTURE_COLUMNS, LITE,
     LINES "tbl_name NOT IN ({H}) AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, name)"},
};

const PictureDialect picture_sqlite = {.rows = rows, .count = G_N_ELEMENTS(rows), .session = "'main'"};
