/* Constraints whose names the server made up: what is called t_ibfk_1 in one database may be t_ibfk_2 in
 * another that is the same otherwise, and t_ibfk_1 there something else. They are dropped by what they say.
 */
#include "schema/mysql/write_internal.h"

#include <string.h>

#define VARIABLE "@drop_constraint"

static char *literal(const char *value)
{
    return sql_quote_literal(DIALECT_MARIADB, value);
}

static char *names_literal(const GPtrArray *names)
{
    GString *list = g_string_new("");
    for (guint i = 0; i < names->len; i++)
        g_string_append_printf(list, "%s%s", i ? "," : "", (char *)names->pdata[i]);
    char *text = literal(list->str);
    g_string_free(list, TRUE);
    return text;
}

/* Leaves out those that say the same under a name that a person gave; "" if there are none. */
static char *given_names(const MysqlWriting *self, const SchemaObject *constraint)
{
    g_autoptr(GPtrArray) others =
        schema_model_parts(self->diff->before, constraint->parent, SCHEMA_CONSTRAINT);
    GString *list = g_string_new("");
    for (guint i = 0; i < others->len; i++) {
        const SchemaObject *other = others->pdata[i];
        if (schema_object_get(other, ATTRIBUTE_UNNAMED) ||
            !g_str_equal(attribute_or_empty(other, ATTRIBUTE_DEFINITION),
                         attribute_or_empty(constraint, ATTRIBUTE_DEFINITION)))
            continue;
        g_autofree char *plain = text_key_name(other->key);
        g_autofree char *name = literal(plain);
        g_string_append_printf(list, "%s%s", list->len ? ", " : "\n    AND constraint_name NOT IN (", name);
    }
    if (list->len)
        g_string_append_c(list, ')');
    return g_string_free(list, FALSE);
}

static char *foreign_key_lookup(const ForeignKey *key, const char *table, const char *others)
{
    g_autofree char *parent = key->table ? text_key_name(key->table) : g_strdup("");
    g_autofree char *parent_literal = literal(parent);
    g_autofree char *columns = names_literal(key->columns);
    g_autofree char *references = names_literal(key->references);
    return g_strdup_printf(
        "  FROM information_schema.key_column_usage\n"
        "  WHERE table_schema = DATABASE() AND table_name = %s AND referenced_table_name = %s%s\n"
        "  GROUP BY constraint_name\n"
        "  HAVING GROUP_CONCAT(column_name ORDER BY ordinal_position) = %s\n"
        "    AND GROUP_CONCAT(referenced_column_name ORDER BY ordinal_position) = %s",
        table, parent_literal, others, columns, references);
}

/* CHECK (…): what is inside the parentheses. Of several that are alike one goes. */
static char *check_lookup(const SchemaObject *constraint, const char *table, const char *others)
{
    const char *definition = attribute_or_empty(constraint, ATTRIBUTE_DEFINITION);
    const char *open = strchr(definition, '(');
    g_autofree char *clause = open ? g_strndup(open + 1, text_behind(open) - open - 2) : g_strdup("");
    g_autofree char *clause_literal = literal(clause);
    return g_strdup_printf("  FROM information_schema.check_constraints\n"
                           "  WHERE constraint_schema = DATABASE() AND table_name = %s AND level = 'Table'\n"
                           "    AND check_clause = %s%s\n"
                           "  ORDER BY constraint_name DESC LIMIT 1",
                           table, clause_literal, others);
}

bool write_unnamed_drop(MysqlWriting *self, const SchemaObject *table, const SchemaObject *constraint)
{
    g_auto(ForeignKey) key = {0};
    bool foreign = foreign_key_of(&key, constraint);
    if (!self->is_mariadb || !schema_object_get(constraint, ATTRIBUTE_UNNAMED))
        return false;
    g_autofree char *table_name = text_key_name(table->key);
    g_autofree char *table_literal = literal(table_name);
    g_autofree char *head =
        g_strdup_printf("ALTER TABLE %s DROP %s `", table->name, foreign ? "FOREIGN KEY" : "CONSTRAINT");
    g_autofree char *head_literal = literal(head);
    g_autofree char *others = given_names(self, constraint);
    g_autofree char *lookup = foreign ? foreign_key_lookup(&key, table_literal, others)
                                      : check_lookup(constraint, table_literal, others);
    ChangeStatement *statement = change_script_add(
        self->script, "SET " VARIABLE " = (\n  SELECT CONCAT(%s, constraint_name, '`')\n%s\n)", head_literal,
        lookup);
    statement->comment = g_strdup_printf("the server made the name up, so it is looked up: %s",
                                         attribute_or_empty(constraint, ATTRIBUTE_DEFINITION));
    change_script_add(self->script, "EXECUTE IMMEDIATE " VARIABLE);
    return true;
}
