/* Schema cache: what was found out about schemas before, kept in a private folder beside the project: models
 * by their fingerprint, and short answers by key (the fingerprint that a target had and the precheck that
 * belongs to it, the fingerprint that revisions lead to). Its loss costs time and nothing else.
 *
 * An answer is never a guess: every file carries a checksum of its content and is passed over if that does
 * not fit, and a model must have the fingerprint that names it. Files are replaced atomically, so that two
 * runs at once each find whole ones; an answer that one of them did not see is lost, which costs finding it
 * again. All functions: any thread. */
#pragma once

#include "schema/model.h"

typedef struct SchemaCache SchemaCache;

/* `folder` NULL: nothing is kept on disk; what is put lives until the cache is freed. */
SchemaCache *schema_cache_new(const char *folder);
void schema_cache_free(SchemaCache *self); /* NULL-safe; what was not saved is lost */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SchemaCache, schema_cache_free)
/* Writes the answers, and drops what nobody asked for in the last 90 days. */
void schema_cache_save(SchemaCache *self);
/* Why something could not be kept on disk: the first reason; NULL: all could. Caller frees. */
char *schema_cache_problem(SchemaCache *self);

/* A key over texts, any of which may be NULL, and this program's version; `count` of them. Caller frees. */
char *schema_cache_key(const char *const *texts, gsize count);
/* NULL: not known. Caller frees. */
char *schema_cache_get(SchemaCache *self, const char *key);
void schema_cache_put(SchemaCache *self, const char *key, const char *answer);

/* Models of one dialect and server ("PostgreSQL 15") by fingerprint. */
bool schema_cache_has_model(SchemaCache *self, Dialect dialect, const char *server, const char *fingerprint);
/* NULL: not known. Caller frees. */
SchemaModel *schema_cache_model(SchemaCache *self, Dialect dialect, const char *server,
                                const char *fingerprint);
void schema_cache_put_model(SchemaCache *self, const SchemaModel *model);
