/* Fleet: owns the loaded inventory and answers questions about it. It refuses to change after loading and to
 * resolve secrets. Any thread may read. */
#include "inventory/fleet_internal.h"

#include <string.h>

/* What selectors give a meaning to; "/" and "." are free, so that host and database names can be used. */
#define NAME_FORBIDDEN ":,&!@~*?[]={}#\\"

void target_record_free(TargetRecord *self)
{
    if (self == NULL)
        return;
    db_url_free(self->target.url);
    g_clear_pointer(&self->target.labels, g_hash_table_unref);
    g_clear_pointer(&self->target.vars, g_hash_table_unref);
    g_free(self);
}

static void target_free(gpointer data)
{
    target_record_free(data);
}

static void scope_free(gpointer data)
{
    Scope *self = data;
    inherited_clear(&self->inherited);
    g_ptr_array_unref(self->mappings);
    g_free(self);
}

static void tree_free(gpointer data)
{
    yaml_tree_free(data);
}

static guint record_hash(gconstpointer data)
{
    const TargetRecord *record = data;
    return g_str_hash(record->target.endpoint) * 31 + g_str_hash(record->table);
}

static gboolean record_equal(gconstpointer a, gconstpointer b)
{
    const TargetRecord *left = a, *right = b;
    return g_str_equal(left->target.endpoint, right->target.endpoint) &&
           g_str_equal(left->table, right->table);
}

Fleet *fleet_new(const char *folder)
{
    Fleet *self = g_new0(Fleet, 1);
    self->trees = g_ptr_array_new_with_free_func(tree_free);
    self->chunk = g_string_chunk_new(16 * 1024);
    self->lists = g_ptr_array_new_with_free_func(g_free);
    self->scopes = g_ptr_array_new_with_free_func(scope_free);
    self->targets = g_ptr_array_new_with_free_func(target_free);
    self->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    self->endpoints = g_hash_table_new(record_hash, record_equal);
    self->groups = g_hash_table_new(g_str_hash, g_str_equal);
    self->folder = g_strdup(folder);
    return self;
}

void fleet_free(Fleet *self)
{
    if (self == NULL)
        return;
    g_hash_table_unref(self->groups);
    g_clear_pointer(&self->endpoints, g_hash_table_unref);
    g_hash_table_unref(self->by_name);
    g_ptr_array_unref(self->targets);
    g_ptr_array_unref(self->scopes);
    g_string_chunk_free(self->chunk);
    g_ptr_array_unref(self->lists);
    g_ptr_array_unref(self->trees);
    g_free(self->folder);
    g_free(self);
}

char *fleet_intern(Fleet *self, const char *text)
{
    return text == NULL ? NULL : g_string_chunk_insert_const(self->chunk, text);
}

const char *fleet_folder(const Fleet *self)
{
    return self->folder;
}

unsigned fleet_unasked_count(const Fleet *self)
{
    return self->unasked;
}

unsigned fleet_length(const Fleet *self)
{
    return self->targets->len;
}

const Target *fleet_at(const Fleet *self, unsigned index)
{
    g_return_val_if_fail(index < self->targets->len, NULL);
    return g_ptr_array_index(self->targets, index);
}

const Target *fleet_find(const Fleet *self, const char *name)
{
    return g_hash_table_lookup(self->by_name, name);
}

/* The root scope is no group. */
unsigned fleet_group_count(const Fleet *self)
{
    return self->scopes->len - 1;
}

const Group *fleet_group_at(const Fleet *self, unsigned index)
{
    g_return_val_if_fail(index + 1 < self->scopes->len, NULL);
    const Scope *scope = g_ptr_array_index(self->scopes, index + 1);
    return &scope->group;
}

const Group *fleet_group_find(const Fleet *self, const char *name)
{
    const Scope *scope = g_hash_table_lookup(self->groups, name);
    return scope == NULL ? NULL : &scope->group;
}

bool target_in_group(const Target *target, const Group *group)
{
    for (const Group *level = target->group; level != NULL; level = level->parent)
        if (level == group)
            return true;
    return false;
}

const Scope *fleet_scope_of(const Fleet *self, const Target *target)
{
    return target->group == NULL ? g_ptr_array_index(self->scopes, 0)
                                 : g_hash_table_lookup(self->groups, target->group->name);
}

char *place_to_string(SourcePlace place)
{
    return g_strdup_printf("%s:%u:%u", place.file == NULL ? "" : place.file, place.line, place.column);
}

static bool name_character_is_free(gunichar character)
{
    bool ascii_forbidden = character < 0x80 && strchr(NAME_FORBIDDEN, (int)character) != NULL;
    return !ascii_forbidden && !g_unichar_isspace(character) && g_unichar_isprint(character);
}

bool inventory_name_check(const char *name, const char *what, SourcePlace place, Diagnostics *problems)
{
    if (*name == '\0') {
        diagnostics_error(problems, place, "the name of a %s is empty", what);
        return false;
    }
    if (g_str_equal(name, "all")) {
        diagnostics_error(problems, place, "a %s cannot be named all, which in a selector means every target",
                          what);
        return false;
    }
    for (const char *at = name; *at != '\0'; at = g_utf8_next_char(at)) {
        if (name_character_is_free(g_utf8_get_char(at)))
            continue;
        g_autofree char *character = g_strndup(at, (gsize)(g_utf8_next_char(at) - at));
        diagnostics_error(problems, place,
                          "the %s name '%s' holds '%s': blanks and " NAME_FORBIDDEN
                          " are not allowed in names, as selectors use them%s",
                          what, name, character, *character == '[' ? "; a range is written {1..3}" : "");
        return false;
    }
    return true;
}

char *inventory_name_from(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    g_autoptr(GString) name = g_string_new(NULL);
    for (const char *at = valid; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);
        g_string_append_unichar(name, name_character_is_free(character) ? character : '_');
    }
    if (name->len == 0 || g_str_equal(name->str, "all"))
        g_string_append_c(name, '_');
    return g_string_free(g_steal_pointer(&name), FALSE);
}
