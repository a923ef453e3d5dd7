/* PostgreSQL: whether anything in the catalogs may have changed, told from the transactions that last wrote
 * their rows. Reads only; thread of the connection. */
#include "schema/postgres/postgres_internal.h"

/* What VACUUM and ANALYZE write in place keeps xmin; TRUNCATE and every DDL change it. pg_depend is where a
 * sequence's owner stands, and has no oid. */
static const struct {
    const char *name;
    const char *key;
    unsigned since;
} catalogs[] = {
    {"pg_class", "oid", 0},
    {"pg_attribute", "attrelid", 0},
    {"pg_attrdef", "oid", 0},
    {"pg_constraint", "oid", 0},
    {"pg_index", "indexrelid", 0},
    {"pg_inherits", "inhrelid", 0},
    {"pg_partitioned_table", "partrelid", 0},
    {"pg_sequence", "seqrelid", 0},
    {"pg_namespace", "oid", 0},
    {"pg_extension", "oid", 0},
    {"pg_type", "oid", 0},
    {"pg_enum", "oid", 0},
    {"pg_range", "rngtypid", 0},
    {"pg_proc", "oid", 0},
    {"pg_aggregate", "aggfnoid::oid", 0},
    {"pg_trigger", "oid", 0},
    {"pg_rewrite", "oid", 0},
    {"pg_policy", "oid", 0},
    {"pg_statistic_ext", "oid", 0},
    {"pg_event_trigger", "oid", 0},
    {"pg_publication", "oid", 0},
    {"pg_publication_rel", "oid", 0},
    {"pg_publication_namespace", "oid", 15},
    {"pg_description", "objoid", 0},
    {"pg_default_acl", "oid", 0},
    {"pg_depend", "objid", 0},
    {"pg_operator", "oid", 0},
    {"pg_opclass", "oid", 0},
    {"pg_opfamily", "oid", 0},
    {"pg_cast", "oid", 0},
    {"pg_collation", "oid", 0},
    {"pg_conversion", "oid", 0},
    {"pg_language", "oid", 0},
    {"pg_am", "oid", 0},
    {"pg_ts_config", "oid", 0},
    {"pg_ts_dict", "oid", 0},
    {"pg_ts_parser", "oid", 0},
    {"pg_ts_template", "oid", 0},
    {"pg_foreign_table", "ftrelid", 0},
    {"pg_foreign_server", "oid", 0},
    {"pg_foreign_data_wrapper", "oid", 0},
    {"pg_transform", "oid", 0},
};

/* Roles count where something of this database depends on them; others come and go with other databases. Role
 * 10, who ran initdb, is in no pg_shdepend. */
static char *precheck_query(const CatalogScope *scope)
{
    g_autoptr(GString) sums = g_string_new(NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(catalogs); i++)
        if (scope->major >= catalogs[i].since)
            g_string_append_printf(sums,
                                   "%sSELECT '%s' AS catalog, pg_catalog.count(*) AS rows, pg_catalog.sum("
                                   "pg_catalog.hashint8extended(%s::bigint, xmin::text::bigint)) AS sum "
                                   "FROM pg_catalog.%s",
                                   i ? " UNION ALL " : "", catalogs[i].name, catalogs[i].key,
                                   catalogs[i].name);
    return g_strdup_printf(
        "SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.string_agg("
        "pg_catalog.concat_ws(' ', catalog, rows, sum), ',' ORDER BY catalog) || (SELECT "
        "pg_catalog.string_agg(r.oid || r.rolname, ',' ORDER BY r.oid) FROM pg_catalog.pg_roles r "
        "WHERE r.oid = 10 OR r.oid IN (SELECT s.refobjid FROM pg_catalog.pg_shdepend s, "
        "pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database() AND s.refclassid = "
        "'pg_catalog.pg_authid'::pg_catalog.regclass AND (s.dbid = d.oid OR (s.dbid = 0 AND s.objid = "
        "d.oid)))) || (SELECT "
        "pg_catalog.string_agg("
        "t.oid || t.spcname, ',' ORDER BY t.oid) FROM pg_catalog.pg_tablespace t), 'UTF8')), 'hex') || ' ' "
        "|| "
        "(SELECT d.oid::text FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()) "
        "FROM (%s) q",
        sums->str);
}

char *postgres_schema_precheck(Connection *connection, const SchemaReadOptions *options, GError **error)
{
    g_auto(CatalogScope) scope = {0};
    g_auto(BatchResult) result = {0};
    catalog_scope_init(&scope, &connection->server, options);
    g_autofree char *query = precheck_query(&scope);
    const char *const queries[] = {query, NULL};
    unsigned first;
    if (!postgres_read_batch(connection, &scope, queries, &result, &first, error))
        return NULL;
    return g_strdup_printf("%s %s", connection->server.identity ? connection->server.identity : "",
                           batch_result_value(&result, first));
}

char *postgres_schema_family(const char *version)
{
    return g_strdup_printf("PostgreSQL %u", catalog_major(version));
}
