/* What the files that read PostgreSQL's catalogs share: the queries, one for each kind, and how their words
 * are filled in.
 *
 * Every query of objects answers with these columns, and then any number of attributes, named as in the
 * model: kind      as schema_kind_name() address   CLASS.OID or CLASS.OID.SUBID as pg_depend has it; the
 * class as the number of its catalog parent    address of what it is part of; NULL: of nothing. A row whose
 * parent is not in the model is left out: so the parts of hidden tables are, and those of extensions schema
 * key of the schema that the name is unique in; NULL: it is unique in its parent, or everywhere name ready
 * for a statement position  as SchemaObject.position; NULL: 0 An attribute whose column is called "&name"
 * holds addresses, parted by spaces, of which the model gets the keys. Nothing in an answer depends on
 * anything but the schema: text is as with the schema of the target (or public) as the only one in
 * search_path.
 *
 * Words in braces are filled in by catalog_query():
 *   {wanted}      whether the schema n is to be read
 *   {shown c}     whether the relation c is none of those to hide
 *   {own O C}     whether the object of oid O in the catalog C was not made by an extension
 *   {schema n}    the key of schema n
 *   {relations}   the oids of the relations of these schemas
 *   {owner O}     the name of role O if owners count, or NULL
 *   {whole}       whether all of the database is read
 *   {schema_name} the name of the only schema as a literal, or NULL
 *   {14 TEXT}     TEXT from PostgreSQL 14 on, NULL before; {from14 TEXT}: nothing before */
#pragma once

#include "schema/schema_dialect.h"

typedef struct CatalogScope {
    unsigned major;
    const SchemaReadOptions *options;
    char *schema; /* options->schema as a literal; NULL: all of the database */
    char *hidden; /* the names to hide as literals, parted by commas; NULL: none */
} CatalogScope;
void catalog_scope_init(CatalogScope *self, const ServerInfo *server, const SchemaReadOptions *options);
void catalog_scope_clear(CatalogScope *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CatalogScope, catalog_scope_clear)

/* 15 of "PostgreSQL 15.18". */
unsigned catalog_major(const char *version);
/* The query with its words filled in. Caller frees. */
char *catalog_query(const CatalogScope *self, const char *text);

/* NULL-terminated; sent in this order, so that what others are part of comes first. */
extern const char *const catalog_relations[];
extern const char *const catalog_objects[];
extern const char *const catalog_parts[];

/* Pairs: another address of what is known under the second one. */
extern const char *const catalog_aliases;
/* Pairs: an object, and what it cannot be without. */
extern const char *const catalog_dependencies;
/* Address, name of the attribute of a composite type or NULL, text. */
extern const char *const catalog_comments;
/* Address, grantee, privilege, "granted", "grantable" or "revoked". */
extern const char *const catalog_grants;
/* Schema or NULL, what for, whose, grantee, privilege, as above. */
extern const char *const catalog_default_grants;
