/* Queries of what is no relation: types, functions, what belongs to the whole database, and the pairs of
 * addresses by which objects depend on each other. Text only; read.c sends it. */
#include "schema/postgres/catalog_internal.h"

#define TYPE_COLUMNS(kind)                                                                                   \
    "SELECT " kind " AS kind, '1247.' || t.oid AS address, NULL AS parent, {schema n} AS schema, "           \
    "pg_catalog.quote_ident(t.typname::text) AS name, NULL AS position, {owner t.typowner} AS owner, "
#define FROM_TYPES(condition)                                                                                \
    " FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace "                   \
    "LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype "                                               \
    "WHERE {wanted} AND {own t.oid 1247} AND " condition

static const char enums[] =
    TYPE_COLUMNS("'enum'") "(SELECT pg_catalog.string_agg(pg_catalog.quote_literal(e.enumlabel::text), ', ' "
                           "ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid) "
                           "AS labels" FROM_TYPES("t.typtype = 'e'");

static const char domains[] =
    TYPE_COLUMNS("'domain'") "pg_catalog.format_type(t.typbasetype, t.typtypmod) AS type, "
                             "CASE WHEN t.typnotnull THEN 'true' END AS \"notnull\", "
                             "pg_catalog.pg_get_expr(t.typdefaultbin, 0) AS \"default\", "
                             "CASE WHEN t.typcollation <> b.typcollation THEN "
                             "t.typcollation::pg_catalog.regcollation::text END AS \"collation\"" FROM_TYPES(
                                 "t.typtype = 'd'");

/* A field a line, as CREATE TYPE has them. */
static const char composites[] = TYPE_COLUMNS(
    "'composite type'") "(SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname::text) || "
                        "' ' || pg_catalog.format_type(a.atttypid, a.atttypmod) || CASE WHEN "
                        "a.attcollation <> y.typcollation THEN ' COLLATE ' || "
                        "a.attcollation::pg_catalog.regcollation::text ELSE '' END, E',\\n' "
                        "ORDER BY a.attnum) FROM pg_catalog.pg_attribute a "
                        "JOIN pg_catalog.pg_type y ON y.oid = a.atttypid WHERE "
                        "a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) AS "
                        "fields" FROM_TYPES("t.typtype = 'c' AND (SELECT c.relkind FROM pg_catalog.pg_class "
                                            "c WHERE c.oid = t.typrelid) = 'c'");

/* The multirange only where it is not called as the server would call it. */
static const char ranges[] = TYPE_COLUMNS(
    "'range type'") "pg_catalog.format_type(g.rngsubtype, NULL) AS subtype, "
                    "(SELECT CASE WHEN NOT o.opcdefault THEN CASE WHEN "
                    "pg_catalog.pg_opclass_is_visible(o.oid) THEN "
                    "pg_catalog.quote_ident(o.opcname::text) ELSE pg_catalog.format('%I.%I', m.nspname, "
                    "o.opcname) END END "
                    "FROM pg_catalog.pg_opclass o JOIN pg_catalog.pg_namespace m ON m.oid = o.opcnamespace "
                    "WHERE o.oid = g.rngsubopc) AS subtype_opclass, "
                    "CASE WHEN g.rngcollation <> 0 AND g.rngcollation <> u.typcollation THEN "
                    "g.rngcollation::pg_catalog.regcollation::text END AS \"collation\", "
                    "nullif(g.rngcanonical::oid, 0)::pg_catalog.regproc::text AS canonical, "
                    "nullif(g.rngsubdiff::oid, 0)::pg_catalog.regproc::text AS subtype_diff, "
                    "{14 (SELECT pg_catalog.quote_ident(m.typname::text) FROM pg_catalog.pg_type m WHERE "
                    "m.oid = g.rngmultitypid "
                    "AND m.typname <> CASE WHEN t.typname LIKE '%range%' THEN "
                    "pg_catalog.regexp_replace(t.typname::text, 'range', "
                    "'multirange') ELSE t.typname || '_multirange' END)} AS multirange "
                    "FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace "
                    "JOIN pg_catalog.pg_range g ON g.rngtypid = t.oid JOIN pg_catalog.pg_type u ON u.oid = "
                    "g.rngsubtype "
                    "WHERE {wanted} AND {own t.oid 1247}";

/* ---- Functions ---- */

/* The arguments by which a function is named: a default or another name of one makes no other function. The
 * text is what stands behind CREATE OR REPLACE FUNCTION and the schema. */
static const char functions[] =
    "SELECT CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END AS kind, '1255.' || p.oid AS "
    "address, "
    "NULL AS parent, {schema n} AS schema, pg_catalog.format('%I(%s)', p.proname, "
    "pg_catalog.oidvectortypes(p.proargtypes)) AS name, NULL AS position, "
    "pg_catalog.rtrim(pg_catalog.substr(pg_catalog.pg_get_functiondef(p.oid), pg_catalog.length("
    "pg_catalog.format('CREATE OR REPLACE %s %I.', CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' "
    "END, "
    "n.nspname)) + 1), E'\\n') AS def, "
    "pg_catalog.pg_get_function_arguments(p.oid) AS \"~arguments\", "
    "pg_catalog.pg_get_function_result(p.oid) AS \"~result\", l.lanname AS \"~language\", "
    "{owner p.proowner} AS owner "
    "FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace "
    "JOIN pg_catalog.pg_language l ON l.oid = p.prolang "
    "WHERE p.prokind <> 'a' AND {wanted} AND {own p.oid 1255} AND NOT EXISTS (SELECT FROM "
    "pg_catalog.pg_depend d WHERE d.classid = 1255 AND d.objid = p.oid AND d.deptype = 'i')";

/* An option a line, as CREATE AGGREGATE has them; the server prints none of it. Whether a final function
 * changes the state has a default for each kind of aggregate. */
static const char aggregates[] =
    "SELECT 'aggregate' AS kind, '1255.' || p.oid AS address, NULL AS parent, {schema n} AS schema, "
    "pg_catalog.format('%I(%s)', p.proname, "
    "coalesce(nullif(pg_catalog.pg_get_function_identity_arguments(p.oid), ''), '*')) AS name, "
    "NULL AS position, pg_catalog.concat_ws(E',\\n', "
    "'SFUNC = ' || g.aggtransfn::pg_catalog.regproc::text, "
    "'STYPE = ' || pg_catalog.format_type(g.aggtranstype, NULL), "
    "'SSPACE = ' || nullif(g.aggtransspace, 0)::text, "
    "'FINALFUNC = ' || nullif(g.aggfinalfn::oid, 0)::pg_catalog.regproc::text, "
    "CASE WHEN g.aggfinalextra THEN 'FINALFUNC_EXTRA' END, "
    "CASE WHEN g.aggfinalmodify <> CASE g.aggkind WHEN 'n' THEN 'r' ELSE 'w' END THEN 'FINALFUNC_MODIFY = ' "
    "|| CASE g.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END, "
    "'COMBINEFUNC = ' || nullif(g.aggcombinefn::oid, 0)::pg_catalog.regproc::text, "
    "'SERIALFUNC = ' || nullif(g.aggserialfn::oid, 0)::pg_catalog.regproc::text, "
    "'DESERIALFUNC = ' || nullif(g.aggdeserialfn::oid, 0)::pg_catalog.regproc::text, "
    "'INITCOND = ' || pg_catalog.quote_literal(g.agginitval), "
    "'MSFUNC = ' || nullif(g.aggmtransfn::oid, 0)::pg_catalog.regproc::text, "
    "'MINVFUNC = ' || nullif(g.aggminvtransfn::oid, 0)::pg_catalog.regproc::text, "
    "CASE WHEN g.aggmtranstype <> 0 THEN 'MSTYPE = ' || pg_catalog.format_type(g.aggmtranstype, NULL) END, "
    "'MSSPACE = ' || nullif(g.aggmtransspace, 0)::text, "
    "'MFINALFUNC = ' || nullif(g.aggmfinalfn::oid, 0)::pg_catalog.regproc::text, "
    "CASE WHEN g.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END, "
    "CASE WHEN g.aggmtransfn <> 0 AND g.aggmfinalmodify <> CASE g.aggkind WHEN 'n' THEN 'r' ELSE 'w' END "
    "THEN 'MFINALFUNC_MODIFY = ' "
    "|| CASE g.aggmfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END "
    "END, "
    "'MINITCOND = ' || pg_catalog.quote_literal(g.aggminitval), "
    "(SELECT 'SORTOP = ' || CASE WHEN pg_catalog.pg_operator_is_visible(o.oid) THEN o.oprname::text ELSE "
    "pg_catalog.format('OPERATOR(%I.%s)', m.nspname, o.oprname) END FROM pg_catalog.pg_operator o "
    "JOIN pg_catalog.pg_namespace m ON m.oid = o.oprnamespace WHERE o.oid = g.aggsortop), "
    "CASE p.proparallel WHEN 's' THEN 'PARALLEL = SAFE' WHEN 'r' THEN 'PARALLEL = RESTRICTED' END, "
    "CASE WHEN g.aggkind = 'h' THEN 'HYPOTHETICAL' END) AS def, {owner p.proowner} AS owner "
    "FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace "
    "JOIN pg_catalog.pg_aggregate g ON g.aggfnoid = p.oid WHERE {wanted} AND {own p.oid 1255}";

/* ---- Of the whole database ---- */

static const char extensions[] =
    "SELECT 'extension' AS kind, '3079.' || e.oid AS address, NULL AS parent, NULL AS schema, "
    "pg_catalog.quote_ident(e.extname::text) AS name, NULL AS position, {schema n} AS schema, "
    "e.extversion AS \"~version\" "
    "FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace "
    "WHERE e.extname <> 'plpgsql' AND ({whole} OR {wanted})";

static const char event_triggers[] =
    "SELECT 'event trigger' AS kind, '3466.' || e.oid AS address, NULL AS parent, NULL AS schema, "
    "pg_catalog.quote_ident(e.evtname::text) AS name, NULL AS position, e.evtevent AS event, "
    "(SELECT pg_catalog.string_agg(pg_catalog.quote_literal(t), ', ' ORDER BY t COLLATE \"C\") "
    "FROM pg_catalog.unnest(e.evttags) t) AS tags, e.evtfoid::pg_catalog.regproc::text AS function, "
    "CASE e.evtenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' "
    "END "
    "AS enabled, {owner e.evtowner} AS owner "
    "FROM pg_catalog.pg_event_trigger e WHERE {whole} AND {own e.oid 3466}";

static const char publications[] =
    "SELECT 'publication' AS kind, '6104.' || p.oid AS address, NULL AS parent, NULL AS schema, "
    "pg_catalog.quote_ident(p.pubname::text) AS name, NULL AS position, "
    "CASE WHEN p.puballtables THEN 'true' END AS all_tables, "
    "(SELECT pg_catalog.string_agg(r.prrelid::pg_catalog.regclass::text {from15 || coalesce(' (' || "
    "(SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname::text), ', ' ORDER BY a.attnum) "
    "FROM pg_catalog.pg_attribute a WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)) || ')', '') "
    "|| "
    "coalesce(' WHERE (' || pg_catalog.pg_get_expr(r.prqual, r.prrelid) || ')', '')}, ', ' "
    "ORDER BY r.prrelid::pg_catalog.regclass::text COLLATE \"C\") FROM pg_catalog.pg_publication_rel r "
    "WHERE r.prpubid = p.oid) AS tables, "
    "{15 (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(m.nspname::text), ', ' ORDER BY m.nspname "
    "COLLATE "
    "\"C\") FROM pg_catalog.pg_publication_namespace s JOIN pg_catalog.pg_namespace m ON m.oid = s.pnnspid "
    "WHERE s.pnpubid = p.oid)} AS schemas, "
    "pg_catalog.concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' "
    "END, CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END) AS publish, "
    "{13 CASE WHEN p.pubviaroot THEN 'true' END} AS via_root, {owner p.pubowner} AS owner "
    "FROM pg_catalog.pg_publication p WHERE {whole} AND {own p.oid 6104}";

/* Of every other class: that it is there. Objects that users make begin at FirstNormalObjectId, 16384. */
static const char others[] =
    "SELECT 'other' AS kind, pg_catalog.format('%s.%s', q.c, q.i) AS address, NULL AS parent, NULL AS "
    "schema, "
    "o.type || ' ' || CASE WHEN o.schema = pg_catalog.quote_ident({schema_name}::text) THEN '@' || "
    "pg_catalog.substr(o.identity, pg_catalog.length(o.schema) + 1) ELSE o.identity END AS name, "
    "NULL AS position FROM ("
    "SELECT 2617::oid AS c, oid AS i FROM pg_catalog.pg_operator "
    "UNION ALL SELECT 2616, oid FROM pg_catalog.pg_opclass "
    "UNION ALL SELECT 2753, oid FROM pg_catalog.pg_opfamily "
    "UNION ALL SELECT 2605, oid FROM pg_catalog.pg_cast "
    "UNION ALL SELECT 3456, oid FROM pg_catalog.pg_collation "
    "UNION ALL SELECT 2607, oid FROM pg_catalog.pg_conversion "
    "UNION ALL SELECT 3602, oid FROM pg_catalog.pg_ts_config "
    "UNION ALL SELECT 3600, oid FROM pg_catalog.pg_ts_dict "
    "UNION ALL SELECT 3601, oid FROM pg_catalog.pg_ts_parser "
    "UNION ALL SELECT 3764, oid FROM pg_catalog.pg_ts_template "
    "UNION ALL SELECT 2601, oid FROM pg_catalog.pg_am "
    "UNION ALL SELECT 2612, oid FROM pg_catalog.pg_language "
    "UNION ALL SELECT 3576, oid FROM pg_catalog.pg_transform "
    "UNION ALL SELECT 1417, oid FROM pg_catalog.pg_foreign_server "
    "UNION ALL SELECT 2328, oid FROM pg_catalog.pg_foreign_data_wrapper "
    "{from15 UNION ALL SELECT 6100, s.oid FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d "
    "ON d.oid = s.subdbid WHERE d.datname = pg_catalog.current_database()} "
    "UNION ALL SELECT 1247, oid FROM pg_catalog.pg_type WHERE typtype = 'b' AND typelem = 0"
    ") q, LATERAL pg_catalog.pg_identify_object(q.c, q.i, 0) o WHERE q.i >= 16384 "
    "AND ({whole} OR o.schema = pg_catalog.quote_ident({schema_name}::text)) AND NOT EXISTS (SELECT FROM "
    "pg_catalog.pg_depend d WHERE d.classid = q.c AND d.objid = q.i AND d.deptype IN ('e', 'i'))";

const char *const catalog_objects[] = {enums,        domains,    composites, ranges,
                                       functions,    aggregates, extensions, event_triggers,
                                       publications, others,     NULL};

/* ---- Pairs of addresses ---- */

const char *const catalog_aliases =
    "SELECT '6106.' || r.oid, '6104.' || r.prpubid FROM pg_catalog.pg_publication_rel r WHERE {whole} UNION "
    "ALL "
    "SELECT '1247.' || t.oid, '1259.' || c.oid "
    "FROM pg_catalog.pg_type t JOIN pg_catalog.pg_class c ON c.oid = t.typrelid "
    "WHERE c.oid IN ({relations}) AND c.relkind <> 'c' "
    "UNION ALL SELECT '1259.' || t.typrelid, '1247.' || t.oid FROM pg_catalog.pg_type t "
    "JOIN pg_catalog.pg_class c ON c.oid = t.typrelid WHERE c.oid IN ({relations}) AND c.relkind = 'c' "
    "UNION ALL SELECT '1247.' || t.typarray, CASE WHEN t.typrelid <> 0 AND c.relkind <> 'c' THEN "
    "'1259.' || t.typrelid ELSE '1247.' || t.oid END FROM pg_catalog.pg_type t "
    "JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace "
    "LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid WHERE {wanted} AND t.typarray <> 0 "
    "UNION ALL SELECT '2604.' || d.oid, pg_catalog.format('1259.%s.%s', d.adrelid, d.adnum) "
    "FROM pg_catalog.pg_attrdef d WHERE d.adrelid IN ({relations}) "
    "UNION ALL SELECT '2618.' || w.oid, '1259.' || w.ev_class FROM pg_catalog.pg_rewrite w "
    "WHERE w.rulename = '_RETURN' AND w.ev_class IN ({relations}) "
    "UNION ALL SELECT '1259.' || k.conindid, '2606.' || k.oid FROM pg_catalog.pg_constraint k "
    "WHERE k.contype IN ('p', 'u', 'x') AND k.conrelid IN ({relations}) "
    "UNION ALL SELECT '1259.' || d.objid, pg_catalog.format('1259.%s.%s', d.refobjid, d.refobjsubid) "
    "FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_sequence s ON s.seqrelid = d.objid WHERE d.classid = "
    "1259 "
    "AND d.refclassid = 1259 AND d.deptype = 'i' AND d.refobjid IN ({relations})"
    "{from14 UNION ALL SELECT '1247.' || g.rngmultitypid, '1247.' || g.rngtypid FROM pg_catalog.pg_range g "
    "JOIN pg_catalog.pg_type t ON t.oid = g.rngtypid JOIN pg_catalog.pg_namespace n ON n.oid = "
    "t.typnamespace "
    "WHERE {wanted}}";

/* The oids of all that is in the schemas; of which catalog, the address says. */
#define OIDS                                                                                                 \
    "SELECT c.oid FROM pg_catalog.pg_class c WHERE c.oid IN ({relations}) UNION ALL "                        \
    "SELECT t.oid FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace "       \
    "WHERE {wanted} UNION ALL "                                                                              \
    "SELECT p.oid FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace "       \
    "WHERE {wanted} UNION ALL "                                                                              \
    "SELECT k.oid FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_namespace n "                           \
    "ON n.oid = k.connamespace WHERE {wanted} UNION ALL "                                                    \
    "SELECT s.oid FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_namespace n "                        \
    "ON n.oid = s.stxnamespace WHERE {wanted} UNION ALL "                                                    \
    "SELECT d.oid FROM pg_catalog.pg_attrdef d WHERE d.adrelid IN ({relations}) UNION ALL "                  \
    "SELECT w.oid FROM pg_catalog.pg_rewrite w WHERE w.ev_class IN ({relations}) UNION ALL "                 \
    "SELECT g.oid FROM pg_catalog.pg_trigger g WHERE g.tgrelid IN ({relations}) UNION ALL "                  \
    "SELECT p.oid FROM pg_catalog.pg_policy p WHERE p.polrelid IN ({relations})"

/* That a sequence belongs to a column is an attribute of it: the column's default needs the sequence. */
const char *const catalog_dependencies =
    "SELECT pg_catalog.format(CASE d.objsubid WHEN 0 THEN '%s.%s' ELSE '%s.%s.%s' END, d.classid::oid::text, "
    "d.objid, d.objsubid), pg_catalog.format(CASE d.refobjsubid WHEN 0 THEN '%s.%s' ELSE '%s.%s.%s' END, "
    "d.refclassid::oid::text, d.refobjid, d.refobjsubid) FROM pg_catalog.pg_depend d "
    "LEFT JOIN pg_catalog.pg_sequence s ON d.classid = 1259 AND s.seqrelid = d.objid "
    "WHERE d.deptype IN ('n', 'a', 'i', 'P', 'S') AND d.refobjid >= 16384 AND s.seqrelid IS NULL "
    "AND ({whole} OR d.objid IN (" OIDS "))";

const char *const catalog_comments =
    "SELECT pg_catalog.format(CASE d.objsubid WHEN 0 THEN '%s.%s' ELSE '%s.%s.%s' END, "
    "d.classoid::oid::text, "
    "d.objoid, d.objsubid), (SELECT pg_catalog.quote_ident(a.attname::text) FROM pg_catalog.pg_attribute a "
    "WHERE d.classoid = 1259 AND a.attrelid = d.objoid AND a.attnum = d.objsubid AND d.objsubid > 0), "
    "d.description FROM pg_catalog.pg_description d WHERE (d.objoid >= 16384 OR d.classoid = 2615) "
    "AND d.classoid <> 3079 "
    "AND d.classoid <> 3079 "
    "AND ({whole} OR d.objoid IN (" OIDS "))";

/* ---- Grants ---- */

/* Those of public are what the database was made with. */
#define BASE_OF_SCHEMA                                                                                       \
    "CASE WHEN n.nspname = 'public' THEN coalesce((SELECT i.initprivs FROM pg_catalog.pg_init_privs i "      \
    "WHERE i.classoid = 2615 AND i.objoid = n.oid), pg_catalog.acldefault('n', n.nspowner)) "                \
    "ELSE pg_catalog.acldefault('n', n.nspowner) END"
#define ENTRIES(acl) "(SELECT grantee, privilege_type, is_grantable FROM pg_catalog.aclexplode(" acl "))"

const char *const catalog_grants =
    "SELECT o.address, CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE "
    "pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee)::text) END, g.privilege_type, g.state FROM "
    "("
    "SELECT '1259.' || c.oid AS address, c.relowner AS owner, c.relacl AS acl, pg_catalog.acldefault("
    "CASE c.relkind WHEN 'S' THEN 's'::\"char\" ELSE 'r'::\"char\" END, c.relowner) AS base "
    "FROM pg_catalog.pg_class c WHERE c.relacl IS NOT NULL AND c.oid IN ({relations}) UNION ALL "
    "SELECT pg_catalog.format('1259.%s.%s', c.oid, a.attnum), c.relowner, a.attacl, "
    "pg_catalog.acldefault('c', c.relowner) FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c "
    "ON c.oid = a.attrelid WHERE a.attacl IS NOT NULL AND NOT a.attisdropped AND c.oid IN ({relations}) "
    "UNION ALL SELECT '1255.' || p.oid, p.proowner, p.proacl, pg_catalog.acldefault('f', p.proowner) "
    "FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace "
    "WHERE p.proacl IS NOT NULL AND {wanted} UNION ALL "
    "SELECT '1247.' || t.oid, t.typowner, t.typacl, pg_catalog.acldefault('T', t.typowner) "
    "FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace "
    "WHERE t.typacl IS NOT NULL AND {wanted} UNION ALL "
    "SELECT '2615.' || n.oid, n.nspowner, n.nspacl, " BASE_OF_SCHEMA " FROM pg_catalog.pg_namespace n "
    "WHERE n.nspacl IS NOT NULL AND {wanted}) o CROSS JOIN LATERAL ("
    "SELECT grantee, privilege_type, CASE WHEN is_grantable THEN 'grantable' ELSE 'granted' END AS state "
    "FROM (" ENTRIES("o.acl") " EXCEPT " ENTRIES(
        "o.base") ") a UNION ALL "
                  "SELECT grantee, privilege_type, 'revoked' FROM ("
                  "SELECT grantee, privilege_type FROM pg_catalog.aclexplode(o.base) EXCEPT "
                  "SELECT grantee, privilege_type FROM pg_catalog.aclexplode(o.acl)) b) g WHERE g.grantee <> "
                  "o.owner";

/* One for all schemas starts from what the server gives; one for a schema from nothing. */
const char *const catalog_default_grants =
    "SELECT CASE WHEN d.defaclnamespace <> 0 THEN {schema n} END, CASE d.defaclobjtype WHEN 'r' THEN "
    "'TABLES' "
    "WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' "
    "ELSE d.defaclobjtype::text END, pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(d.defaclrole)::text), "
    "CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee)"
    "::text) END, g.privilege_type, g.state FROM (SELECT *, CASE WHEN defaclnamespace = 0 THEN "
    "pg_catalog.acldefault(CASE defaclobjtype WHEN 'S' THEN 's'::\"char\" ELSE defaclobjtype END, "
    "defaclrole) END "
    "AS base FROM pg_catalog.pg_default_acl) d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = "
    "d.defaclnamespace "
    "CROSS JOIN LATERAL (SELECT grantee, privilege_type, CASE WHEN is_grantable THEN 'grantable' ELSE "
    "'granted' "
    "END AS state FROM (" ENTRIES("d.defaclacl") " EXCEPT " ENTRIES(
        "d.base") ") a UNION ALL "
                  "SELECT grantee, privilege_type, 'revoked' FROM ("
                  "SELECT grantee, privilege_type FROM pg_catalog.aclexplode(d.base) EXCEPT "
                  "SELECT grantee, privilege_type FROM pg_catalog.aclexplode(d.defaclacl)) b) g "
                  "WHERE g.grantee <> d.defaclrole AND ({whole} OR {wanted})";
