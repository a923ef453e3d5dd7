/* Queries of relations and what is part of them. Text only; read.c sends it. */
#include "schema/postgres/catalog_internal.h"

/* ---- Namespaces, tables, views ---- */

static const char namespaces[] =
    "SELECT 'schema' AS kind, '2615.' || n.oid AS address, NULL AS parent, NULL AS schema, "
    "pg_catalog.quote_ident(n.nspname::text) AS name, NULL AS position, {owner n.nspowner} AS owner "
    "FROM pg_catalog.pg_namespace n WHERE {wanted} AND {whole} AND {own n.oid 2615}";

#define SORTED_OPTIONS(options)                                                                              \
    "(SELECT pg_catalog.string_agg(o, ', ' ORDER BY o COLLATE \"C\") FROM pg_catalog.unnest(" options ") o)"
/* Options of foreign objects, "name=value", as a statement has them. */
#define FOREIGN_OPTIONS(options)                                                                             \
    "(SELECT pg_catalog.string_agg(pg_catalog.quote_ident(option_name) || ' ' || "                           \
    "pg_catalog.quote_literal(option_value), ', ') FROM pg_catalog.pg_options_to_table(" options "))"
#define TABLESPACE_OF(relation)                                                                              \
    "(SELECT pg_catalog.quote_ident(t.spcname::text) FROM pg_catalog.pg_tablespace t "                       \
    "WHERE t.oid = " relation ".reltablespace)"
#define PARENTS_OF(relation)                                                                                 \
    "(SELECT pg_catalog.string_agg('1259.' || i.inhparent, ' ' ORDER BY i.inhseqno) "                        \
    "FROM pg_catalog.pg_inherits i WHERE i.inhrelid = " relation ".oid)"

static const char tables[] =
    "SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'table' END AS kind, "
    "'1259.' || c.oid AS address, NULL AS parent, {schema n} AS schema, "
    "pg_catalog.quote_ident(c.relname::text) AS name, NULL AS position, "
    "CASE c.relkind WHEN 'p' THEN 'partitioned' WHEN 'f' THEN 'foreign' END AS kind, "
    "CASE c.relpersistence WHEN 'u' THEN 'unlogged' END AS persistence, "
    "CASE c.relkind WHEN 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END AS partition_key, "
    "CASE WHEN c.relispartition THEN pg_catalog.pg_get_expr(c.relpartbound, c.oid) END AS partition_bound, "
    "CASE WHEN c.relispartition THEN " PARENTS_OF(
        "c") " END AS \"&partition_of\", "
             "CASE WHEN NOT c.relispartition THEN " PARENTS_OF(
                 "c") " END AS \"&inherits\", "
                      "CASE WHEN c.reloftype <> 0 THEN pg_catalog.format_type(c.reloftype, NULL) END AS "
                      "of_type, " SORTED_OPTIONS(
                          "c.reloptions") " AS options, "
                                          "(SELECT pg_catalog.string_agg('toast.' || o, ', ' ORDER BY o "
                                          "COLLATE \"C\") FROM pg_catalog.pg_class t, "
                                          "pg_catalog.unnest(t.reloptions) o WHERE t.oid = c.reltoastrelid) "
                                          "AS toast_options, "
                                          "(SELECT pg_catalog.quote_ident(a.amname::text) FROM "
                                          "pg_catalog.pg_am a WHERE a.oid = c.relam "
                                          "AND a.amname <> 'heap') AS access_method, " TABLESPACE_OF(
                                              "c") " AS tablespace, "
                                                   "CASE WHEN c.relrowsecurity THEN 'enabled' END AS "
                                                   "row_security, "
                                                   "CASE WHEN c.relforcerowsecurity THEN 'forced' END AS "
                                                   "row_security_forced, "
                                                   "CASE WHEN c.relkind IN ('r', 'p') THEN CASE "
                                                   "c.relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN "
                                                   "'NOTHING' "
                                                   "WHEN 'i' THEN (SELECT 'USING INDEX ' || "
                                                   "pg_catalog.quote_ident(i.relname::text) FROM "
                                                   "pg_catalog.pg_index x "
                                                   "JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid WHERE "
                                                   "x.indrelid = c.oid AND x.indisreplident) END END "
                                                   "AS replica_identity, "
                                                   "(SELECT pg_catalog.quote_ident(s.srvname::text) FROM "
                                                   "pg_catalog.pg_foreign_table f "
                                                   "JOIN pg_catalog.pg_foreign_server s ON s.oid = "
                                                   "f.ftserver WHERE f.ftrelid = c.oid) AS server, "
                                                   "(SELECT " FOREIGN_OPTIONS(
                                                       "f.ftoptions") " FROM pg_catalog.pg_foreign_table f "
                                                                      "WHERE f.ftrelid = c.oid) "
                                                                      "AS server_options, "
                                                                      "CASE WHEN c.relkind IN ('v', 'm') "
                                                                      "THEN "
                                                                      "pg_catalog.rtrim(pg_catalog.pg_get_"
                                                                      "viewdef(c.oid), ';') END AS def, "
                                                                      "CASE WHEN c.relkind = 'm' AND NOT "
                                                                      "c.relispopulated THEN 'true' END AS "
                                                                      "unpopulated, "
                                                                      "{owner c.relowner} AS owner "
                                                                      "FROM pg_catalog.pg_class c JOIN "
                                                                      "pg_catalog.pg_namespace n ON n.oid = "
                                                                      "c.relnamespace "
                                                                      "WHERE c.relkind IN ('r', 'p', 'f', "
                                                                      "'v', 'm') AND {wanted} AND {shown c} "
                                                                      "AND {own c.oid 1259}";

/* ---- Sequences and columns ---- */

/* Only what is not as CREATE SEQUENCE makes it without being asked, so that another type alone is no other
 * sequence. */
#define LEAST(type)                                                                                          \
    "(CASE " type " WHEN 21 THEN -32768 WHEN 23 THEN -2147483648 ELSE -9223372036854775808 END)"
#define MOST(type) "(CASE " type " WHEN 21 THEN 32767 WHEN 23 THEN 2147483647 ELSE 9223372036854775807 END)"
#define SEQUENCE_OPTIONS                                                                                     \
    "nullif(s.seqincrement, 1)::text AS increment, "                                                         \
    "nullif(s.seqmin, CASE WHEN s.seqincrement > 0 THEN 1 ELSE " LEAST(                                      \
        "s.seqtypid") " END)::text AS minvalue, "                                                            \
                      "nullif(s.seqmax, CASE WHEN s.seqincrement < 0 THEN -1 ELSE " MOST(                    \
                          "s.seqtypid") " END)::text AS maxvalue, "                                          \
                                        "nullif(s.seqstart, CASE WHEN s.seqincrement > 0 THEN s.seqmin "     \
                                        "ELSE s.seqmax END)::text AS start, "                                \
                                        "nullif(s.seqcache, 1)::text AS cache, CASE WHEN s.seqcycle THEN "   \
                                        "'true' END AS cycle"

/* Those of identity columns are attributes of the column. */
static const char sequences[] =
    "SELECT 'sequence' AS kind, '1259.' || c.oid AS address, NULL AS parent, {schema n} AS schema, "
    "pg_catalog.quote_ident(c.relname::text) AS name, NULL AS position, "
    "CASE WHEN s.seqtypid <> 20 THEN pg_catalog.format_type(s.seqtypid, NULL) END AS type, " SEQUENCE_OPTIONS
    ", "
    "CASE c.relpersistence WHEN 'u' THEN 'unlogged' END AS persistence, "
    "CASE WHEN d.refobjid IS NOT NULL THEN pg_catalog.format('1259.%s.%s', d.refobjid, d.refobjsubid) END "
    "AS \"&owned_by\", {owner c.relowner} AS owner "
    "FROM pg_catalog.pg_sequence s JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "LEFT JOIN pg_catalog.pg_depend d ON d.classid = 1259 AND d.objid = c.oid AND d.refclassid = 1259 "
    "AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0 "
    "LEFT JOIN pg_catalog.pg_class t ON t.oid = d.refobjid "
    "WHERE {wanted} AND {own c.oid 1259} AND d.deptype IS DISTINCT FROM 'i' AND (t.oid IS NULL OR {shown t})";

/* The servers of one distribution keep a number of their own among the options of every column. */
static const char columns[] =
    "SELECT CASE WHEN c.relkind IN ('v', 'm') THEN 'view column' ELSE 'column' END AS kind, "
    "pg_catalog.format('1259.%s.%s', c.oid, a.attnum) AS address, '1259.' || c.oid AS parent, NULL AS "
    "schema, "
    "pg_catalog.quote_ident(a.attname::text) AS name, "
    "pg_catalog.row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum) AS position, "
    "pg_catalog.row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum) AS \"~position\", "
    "pg_catalog.format_type(a.atttypid, a.atttypmod) AS type, "
    "CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::pg_catalog.regcollation::text END "
    "AS \"collation\", "
    "CASE WHEN a.attnotnull THEN 'true' END AS \"notnull\", "
    "CASE WHEN a.attgenerated = '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END AS \"default\", "
    "CASE WHEN a.attgenerated <> '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END AS generated, "
    "CASE WHEN a.attgenerated = 'v' THEN 'true' END AS virtual, "
    "CASE a.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' END AS identity, "
    "s.seqrelid::pg_catalog.regclass::text AS \"~sequence\", " SEQUENCE_OPTIONS ", "
    "CASE WHEN c.relkind <> 'v' AND a.attstorage <> t.typstorage THEN CASE a.attstorage WHEN 'p' THEN "
    "'PLAIN' "
    "WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END END AS storage, "
    "{14 CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END} AS compression, "
    "CASE WHEN a.attstattarget >= 0 THEN a.attstattarget::text END AS statistics, "
    "(SELECT pg_catalog.string_agg(o, ', ' ORDER BY o COLLATE \"C\") FROM pg_catalog.unnest(a.attoptions) o "
    "WHERE o LIKE 'n\\_distinct%') AS options, " FOREIGN_OPTIONS(
        "a.attfdwoptions") " AS server_options, "
                           "CASE WHEN a.attinhcount > 0 THEN CASE WHEN a.attislocal THEN 'merged' ELSE "
                           "'true' END END "
                           "AS \"~inherited\" "
                           "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid "
                           "AND a.attnum > 0 "
                           "AND NOT a.attisdropped JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
                           "LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = "
                           "a.attnum "
                           "LEFT JOIN pg_catalog.pg_depend i ON a.attidentity <> '' AND i.classid = 1259 AND "
                           "i.refclassid = 1259 "
                           "AND i.refobjid = a.attrelid AND i.refobjsubid = a.attnum AND i.deptype = 'i' "
                           "LEFT JOIN pg_catalog.pg_sequence s ON s.seqrelid = i.objid "
                           "WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND c.oid IN ({relations})";

/* ---- Constraints and indexes ---- */

/* A foreign key to a partitioned table has rows of the server's own for each of its partitions. */
static const char constraints[] =
    "SELECT 'constraint' AS kind, '2606.' || k.oid AS address, "
    "CASE WHEN k.conrelid <> 0 THEN '1259.' || k.conrelid ELSE '1247.' || k.contypid END AS "
    "parent, "
    "NULL AS schema, pg_catalog.quote_ident(k.conname::text) AS name, NULL AS position, "
    "CASE k.contype WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique' WHEN 'x' THEN "
    "'exclude' "
    "WHEN 'f' THEN 'foreign key' ELSE 'check' END AS type, "
    "pg_catalog.regexp_replace(pg_catalog.pg_get_constraintdef(k.oid), ' NOT VALID$', '') AS "
    "def, "
    "CASE WHEN NOT k.convalidated THEN 'true' END AS not_valid, "
    "'2606.' || CASE WHEN k.contype <> 'f' THEN nullif(k.conparentid, 0) END AS \"&partition_of\", "
    "CASE k.contype WHEN 'f' THEN '1259.' || k.confrelid END AS "
    "\"&references\", " SORTED_OPTIONS("i.reloptions") " AS options, " TABLESPACE_OF(
        "i") " AS tablespace, "
             "CASE WHEN NOT x.indisvalid THEN 'true' END AS invalid, "
             "CASE WHEN x.indisclustered THEN 'true' END AS clustered, "
             "CASE WHEN k.coninhcount > 0 OR k.conparentid <> 0 THEN CASE WHEN k.conislocal "
             "AND k.conparentid = 0 "
             "THEN 'merged' ELSE 'true' END END AS \"~inherited\" "
             "FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_namespace n ON n.oid = "
             "k.connamespace "
             "LEFT JOIN pg_catalog.pg_class i ON i.oid = k.conindid AND k.contype IN ('p', "
             "'u', 'x') "
             "LEFT JOIN pg_catalog.pg_index x ON x.indexrelid = i.oid "
             "WHERE k.contype IN ('p', 'u', 'x', 'c', 'f') AND {wanted} AND NOT EXISTS "
             "(SELECT FROM "
             "pg_catalog.pg_constraint p WHERE p.oid = k.conparentid AND p.conrelid = "
             "k.conrelid)";

#define INDEX_HEAD                                                                                           \
    "pg_catalog.format('CREATE %sINDEX %I ON %s%I.%I ', CASE WHEN x.indisunique THEN 'UNIQUE ' ELSE '' "     \
    "END, "                                                                                                  \
    "c.relname, CASE WHEN c.relkind = 'I' THEN 'ONLY ' ELSE '' END, tn.nspname, t.relname)"

/* What stands behind the name of the table, so that neither its name nor the index's own is in the text. */
static const char indexes[] =
    "SELECT 'index' AS kind, '1259.' || c.oid AS address, '1259.' || x.indrelid AS parent, "
    "{schema n} AS schema, pg_catalog.quote_ident(c.relname::text) AS name, NULL AS position, "
    "'1259.' || x.indrelid AS \"&table\", "
    "CASE WHEN x.indisunique THEN 'true' END AS \"unique\", "
    "pg_catalog.substr(pg_catalog.pg_get_indexdef(c.oid), pg_catalog.length(" INDEX_HEAD
    ") + 1) AS def, " PARENTS_OF("c") " AS \"&partition_of\", " TABLESPACE_OF(
        "c") " AS tablespace, "
             "CASE WHEN NOT x.indisvalid THEN 'true' END AS invalid, "
             "CASE WHEN x.indisclustered THEN 'true' END AS clustered, "
             "(SELECT pg_catalog.string_agg(a.attnum || ' ' || a.attstattarget, ', ' ORDER BY a.attnum) "
             "FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attstattarget >= 0) AS "
             "statistics "
             "FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class c ON c.oid = x.indexrelid "
             "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
             "JOIN pg_catalog.pg_class t ON t.oid = x.indrelid "
             "JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace "
             "WHERE {wanted} AND {own c.oid 1259} AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k "
             "WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x'))";

/* ---- Triggers, rules, policies, statistics ---- */

#define ENABLED(state)                                                                                       \
    "CASE " state " WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' "   \
    "END "

static const char triggers[] =
    "SELECT 'trigger' AS kind, '2620.' || g.oid AS address, '1259.' || g.tgrelid AS parent, NULL AS schema, "
    "pg_catalog.quote_ident(g.tgname::text) AS name, NULL AS position, "
    "pg_catalog.pg_get_triggerdef(g.oid, true) AS def, " ENABLED(
        "g.tgenabled") " AS enabled "
                       "FROM pg_catalog.pg_trigger g WHERE g.tgrelid IN ({relations}) AND NOT g.tgisinternal "
                       "AND coalesce({13 g.tgparentid}, 0) = 0";

#define RULE_HEAD(table)                                                                                     \
    "pg_catalog.format(E'CREATE RULE %I AS\\n    ON %s TO %s', w.rulename, CASE w.ev_type WHEN '1' THEN "    \
    "'SELECT' WHEN '2' THEN 'UPDATE' WHEN '3' THEN 'INSERT' ELSE 'DELETE' END, " table ")"

static const char rules[] =
    "SELECT 'rule' AS kind, '2618.' || w.oid AS address, '1259.' || w.ev_class AS parent, NULL AS "
    "schema, "
    "pg_catalog.quote_ident(w.rulename::text) AS name, NULL AS position, "
    "pg_catalog.rtrim(" RULE_HEAD(
        "w.ev_class::pg_catalog.regclass::text") " || pg_catalog.substr("
                                                 "pg_catalog.pg_get_ruledef(w.oid), "
                                                 "pg_catalog.length(" RULE_HEAD(
                                                     "pg_catalog.format('%I.%I', n.nspname, "
                                                     "c.relname)") ") + 1), ';') AS def, " ENABLED("w.ev_"
                                                                                                   "enabl"
                                                                                                   "ed") " AS"
                                                                                                         " en"
                                                                                                         "abl"
                                                                                                         "ed "
                                                                                                         "FRO"
                                                                                                         "M "
                                                                                                         "pg_"
                                                                                                         "cat"
                                                                                                         "alo"
                                                                                                         "g."
                                                                                                         "pg_"
                                                                                                         "rew"
                                                                                                         "rit"
                                                                                                         "e "
                                                                                                         "w "
                                                                                                         "JOI"
                                                                                                         "N "
                                                                                                         "pg_"
                                                                                                         "cat"
                                                                                                         "alo"
                                                                                                         "g."
                                                                                                         "pg_"
                                                                                                         "cla"
                                                                                                         "ss "
                                                                                                         "c "
                                                                                                         "ON "
                                                                                                         "c."
                                                                                                         "oid"
                                                                                                         " = "
                                                                                                         "w."
                                                                                                         "ev_"
                                                                                                         "cla"
                                                                                                         "ss "
                                                                                                         "JOI"
                                                                                                         "N "
                                                                                                         "pg_"
                                                                                                         "cat"
                                                                                                         "alo"
                                                                                                         "g."
                                                                                                         "pg_"
                                                                                                         "nam"
                                                                                                         "esp"
                                                                                                         "ace"
                                                                                                         " n "
                                                                                                         "ON "
                                                                                                         "n."
                                                                                                         "oid"
                                                                                                         " = "
                                                                                                         "c."
                                                                                                         "rel"
                                                                                                         "nam"
                                                                                                         "esp"
                                                                                                         "ace"
                                                                                                         " "
                                                                                                         "WHE"
                                                                                                         "RE "
                                                                                                         "{wa"
                                                                                                         "nte"
                                                                                                         "d} "
                                                                                                         "AND"
                                                                                                         " w."
                                                                                                         "rul"
                                                                                                         "ena"
                                                                                                         "me "
                                                                                                         "<> "
                                                                                                         "'_"
                                                                                                         "RET"
                                                                                                         "URN"
                                                                                                         "'";

static const char policies[] =
    "SELECT 'policy' AS kind, '3256.' || p.oid AS address, '1259.' || p.polrelid AS parent, NULL AS schema, "
    "pg_catalog.quote_ident(p.polname::text) AS name, NULL AS position, "
    "CASE WHEN NOT p.polpermissive THEN 'true' END AS restrictive, "
    "CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN "
    "'DELETE' "
    "END AS command, "
    "(SELECT pg_catalog.string_agg(r, ', ' ORDER BY r COLLATE \"C\") FROM (SELECT "
    "pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(o)::text) AS r FROM pg_catalog.unnest(p.polroles) o "
    "WHERE o <> 0) q) AS roles, "
    "pg_catalog.pg_get_expr(p.polqual, p.polrelid) AS \"using\", "
    "pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) AS \"check\" "
    "FROM pg_catalog.pg_policy p WHERE p.polrelid IN ({relations})";

/* The text behind the name, with the columns in the order of their names: the server has them in the order of
 * the table's, which two equal tables may differ in. */
#define STATISTICS_COLUMNS(order)                                                                            \
    "COALESCE((SELECT ' ON ' || pg_catalog.string_agg(pg_catalog.quote_ident(a.attname::text), ', ' ORDER "  \
    "BY " order                                                                                              \
    ") FROM pg_catalog.pg_attribute a WHERE a.attrelid = s.stxrelid AND a.attnum = ANY (s.stxkeys)), '')"
static const char statistics[] =
    "SELECT 'statistics' AS kind, '3381.' || s.oid AS address, '1259.' || s.stxrelid AS parent, "
    "{schema n} AS schema, pg_catalog.quote_ident(s.stxname::text) AS name, NULL AS position, "
    "pg_catalog.replace(pg_catalog.substr(pg_catalog.pg_get_statisticsobjdef(s.oid), "
    "pg_catalog.length(pg_catalog.format('CREATE STATISTICS %I.%I ', n.nspname, s.stxname)) + "
    "1), " STATISTICS_COLUMNS("a.attnum") ", " STATISTICS_COLUMNS(
        "a.attname COLLATE \"C\"") ") AS def, "
                                   "{13 CASE WHEN s.stxstattarget >= 0 THEN s.stxstattarget::text END} AS "
                                   "statistics, "
                                   "{owner s.stxowner} AS owner "
                                   "FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_namespace n ON "
                                   "n.oid = s.stxnamespace "
                                   "WHERE {wanted} AND {own s.oid 3381}";

const char *const catalog_relations[] = {namespaces, tables, sequences, columns, NULL};
const char *const catalog_parts[] = {constraints, indexes, triggers, rules, policies, statistics, NULL};
