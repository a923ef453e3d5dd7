/* Pictures of PostgreSQL: the system catalogs, everything qualified, since a script may have set search_path;
 * names are looked up as the statement itself would. A line of an index is parted by tabs: kind, validity,
 * name, definition. Pure. */
#include "schema/picture_internal.h"

#define PG PICTURE_IN_POSTGRES
#define AGGREGATE(text, order) "SELECT pg_catalog.string_agg(" text ", E'\\n' ORDER BY " order ") "
#define SHORT(text)                                                                                          \
    "pg_catalog.replace(CASE WHEN pg_catalog.length(" text ") > 200 THEN pg_catalog.left(" text ", 120) || " \
    "'... md5 ' || pg_catalog.md5(" text ") ELSE " text " END, E'\\n', ' ')"
#define OID "pg_catalog.to_regclass({Q})"
#define INDEX_LINE                                                                                           \
    AGGREGATE("pg_catalog.format(E'index\\t%s\\t%I.%I\\t%s\\t%s', CASE WHEN i.indisvalid THEN 'valid' ELSE " \
              "'invalid' END, n.nspname, c.relname, c.relname, pg_catalog.pg_get_indexdef(i.indexrelid))",   \
              "n.nspname, c.relname")                                                                        \
    "FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid "                         \
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE "

static const PictureRow rows[] = {
    {OBJECT_TABLE, 0, PG, "SELECT {L} || ': ' || relkind::text FROM pg_catalog.pg_class WHERE oid = " OID},
    {OBJECT_TABLE, PICTURE_OPTIONS, PG,
     "SELECT 'options: ' || relpersistence::text || ' ' || COALESCE(pg_catalog.array_to_string(reloptions, "
     "','), "
     "'-') "
     "|| ' ' || reltablespace || ' ' || relrowsecurity || ' ' || "
     "COALESCE(pg_catalog.obj_description(oid, 'pg_class'), '-') FROM pg_catalog.pg_class WHERE oid = " OID},
    {OBJECT_TABLE, PICTURE_COLUMNS, PG,
     AGGREGATE(
         "'column ' || a.attname || ': ' || pg_catalog.format_type(a.atttypid, a.atttypmod) || "
         "CASE WHEN a.attnotnull THEN ' not null' ELSE '' END || ' ' || a.attidentity::text || "
         "a.attgenerated::text || "
         "' default ' || COALESCE(pg_catalog.pg_get_expr(d.adbin, d.adrelid), '-') || ' ' || a.attcollation "
         "|| ' ' || COALESCE(pg_catalog.col_description(a.attrelid, a.attnum), '-')",
         "a.attnum") "FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = "
                     "a.attrelid AND d.adnum = "
                     "a.attnum WHERE a.attrelid = " OID " AND a.attnum > 0 AND NOT a.attisdropped"},
    {OBJECT_TABLE, PICTURE_INDEXES, PG,
     INDEX_LINE "i.indrelid = " OID " OR i.indrelid = (SELECT reltoastrelid FROM pg_catalog.pg_class "
                "WHERE oid = " OID ")"},
    {OBJECT_TABLE, PICTURE_CONSTRAINTS, PG,
     AGGREGATE("'constraint ' || conname || ': ' || pg_catalog.pg_get_constraintdef(oid)",
               "conname") "FROM pg_catalog.pg_constraint WHERE conrelid = " OID},
    {OBJECT_TABLE, PICTURE_PARTITIONS, PG,
     AGGREGATE(
         "pg_catalog.format('partition %I.%I: %s %s', n.nspname, c.relname, CASE WHEN "
         "pg_catalog.to_jsonb(h) ->> 'inhdetachpending' = 'true' THEN 'detach pending' ELSE 'attached' END, "
         "pg_catalog.pg_get_expr(c.relpartbound, c.oid))",
         "n.nspname, c.relname") "FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_class c ON c.oid = "
                                 "h.inhrelid "
                                 "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE h.inhparent "
                                 "= " OID},
    {OBJECT_TABLE, PICTURE_TRIGGERS, PG,
     AGGREGATE("'trigger ' || tgname || ': ' || pg_catalog.pg_get_triggerdef(oid) || ' ' || tgenabled::text",
               "tgname") "FROM pg_catalog.pg_trigger WHERE tgrelid = " OID " AND NOT tgisinternal"},
    {OBJECT_TABLE, PICTURE_VIEW, PG,
     "SELECT 'view: ' || " SHORT(
         "pg_catalog.pg_get_viewdef(oid)") " FROM pg_catalog.pg_class WHERE oid = " OID
                                           " AND relkind IN ('v', 'm')"},
    {OBJECT_INDEX, 0, PG, "SELECT {L} || ': ' || relkind::text FROM pg_catalog.pg_class WHERE oid = " OID},
    {OBJECT_INDEX, PICTURE_INDEXES, PG,
     INDEX_LINE "i.indrelid = (SELECT indrelid FROM pg_catalog.pg_index WHERE indexrelid = " OID ")"},
    {OBJECT_TRIGGER, 0, PG,
     AGGREGATE(
         "{L} || ': ' || pg_catalog.pg_get_triggerdef(oid)",
         "tgname") "FROM pg_catalog.pg_trigger WHERE tgname = {N} AND tgrelid = pg_catalog.to_regclass({T})"},
    {OBJECT_ROUTINE, 0, PG,
     AGGREGATE("{L} || ': ' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ' ' || "
               "pg_catalog.md5(p.prosrc) || ' ' || p.prosecdef || ' ' || p.provolatile::text",
               "p.oid") "FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace "
                        "WHERE p.proname = {N} AND n.nspname = {S}"},
    {OBJECT_DATABASE, 0, PG, "SELECT {L} || ': there' FROM pg_catalog.pg_database WHERE datname = {N}"},
    {OBJECT_TABLESPACE, 0, PG, "SELECT {L} || ': there' FROM pg_catalog.pg_tablespace WHERE spcname = {N}"},
    {OBJECT_EVERYTHING, PICTURE_COLUMNS, PG,
     "SELECT pg_catalog.string_agg(line, E'\\n' ORDER BY line) FROM (SELECT 'table ' || c.relname || ' ' || "
     "pg_catalog.md5(pg_catalog.string_agg(a.attname || ' ' || pg_catalog.format_type(a.atttypid, "
     "a.atttypmod) "
     "|| a.attnotnull, ',' ORDER BY a.attnum)) AS line FROM pg_catalog.pg_class c "
     "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
     "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
     "WHERE n.nspname = {S} AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relname NOT IN ({H}) "
     "GROUP BY c.relname) AS digests"},
    {OBJECT_EVERYTHING, PICTURE_VIEW, PG,
     AGGREGATE("'routine ' || p.proname || ' ' || pg_catalog.md5(p.prosrc)",
               "p.proname, p.oid") "FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = "
                                   "p.pronamespace WHERE n.nspname = {S}"},
    {OBJECT_EVERYTHING, PICTURE_INDEXES, PG,
     INDEX_LINE "c.relname NOT LIKE 'pg\\_%' AND (NOT i.indisvalid OR n.nspname = {S}) "
                "AND i.indrelid NOT IN (SELECT oid FROM pg_catalog.pg_class WHERE relname IN ({H}))"},
};

const PictureDialect picture_postgres = {.rows = rows,
                                         .count = G_N_ELEMENTS(rows),
                                         .join = "pg_catalog.concat_ws(E'\\n', ",
                                         .session = "pg_catalog.current_schema()",
                                         .as_hex = "pg_catalog.encode(pg_catalog.convert_to(",
                                         .hex_end = ", 'UTF8'), 'hex')"};
