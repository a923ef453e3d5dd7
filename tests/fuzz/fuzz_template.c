/* Any bytes as a template; the first one chooses the dialect. Rendering fails exactly where finding the names
 * fails or a name has no value; without a placeholder or braces the text stays as it is. */
#include "sql/template.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_rendered(const char *text, gsize length, Dialect dialect, char **names,
                           GHashTable *variables)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *sql = sql_template_render(text, length, dialect, variables, &error);
    bool undefined = g_hash_table_size(variables) < g_strv_length(names);

    require((sql == NULL) == (error != NULL) && (sql == NULL) == undefined);
    require(error == NULL || g_error_matches(error, SQL_TEMPLATE_ERROR, SQL_TEMPLATE_ERROR_UNDEFINED));
    if (memmem(text, length, "{{", 2) == NULL)
        require(sql != NULL && strncmp(sql, text, length) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Dialect dialect = (Dialect)(size > 0 ? data[0] % DIALECT_COUNT : 0);
    const char *text = size > 0 ? (const char *)data + 1 : "";
    gsize length = size > 0 ? size - 1 : 0;
    g_autoptr(Diagnostics) problems = diagnostics_new();
    g_autoptr(GHashTable) variables = g_hash_table_new(g_str_hash, g_str_equal);
    g_auto(GStrv) names = sql_template_names(text, length, (SourcePlace){"f.sql", 1, 1}, problems);
    g_autofree char *sql = NULL;

    require((names == NULL) == diagnostics_has_errors(problems));
    if (names == NULL) {
        sql = sql_template_render(text, length, dialect, variables, NULL);
        require(sql == NULL);
        return 0;
    }
    check_rendered(text, length, dialect, names, variables);
    for (gsize i = 0; names[i] != NULL; i++) {
        require(i == 0 || strcmp(names[i - 1], names[i]) < 0);
        g_hash_table_insert(variables, names[i], (gpointer) "it's\\ {{ a | raw }}");
    }
    check_rendered(text, length, dialect, names, variables);
    g_autofree char *digest = sql_template_digest((const char *const *)names, variables);
    require(strlen(digest) == 64);
    return 0;
}
