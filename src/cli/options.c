/* Options: owns the values of one command line after it was read, and answers for them. It refuses to guess:
 * a name or kind that the tables do not have is a mistake in the program and ends it. Immutable once parsed;
 * any thread. */
#include "cli/options_internal.h"

#include <string.h>

G_DEFINE_QUARK(dbfleet - options - error, options_error)

Options *options_new(void)
{
    Options *self = g_new0(Options, 1);
    self->values = g_ptr_array_new_with_free_func((GDestroyNotify)option_value_free);
    self->operands = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(self->operands, NULL);
    return self;
}

void options_free(Options *self)
{
    if (self == NULL)
        return;
    g_ptr_array_unref(self->values);
    g_ptr_array_unref(self->operands);
    g_free(self);
}

const CommandSpec *options_command(const Options *self)
{
    return self->command;
}

unsigned options_operand_count(const Options *self)
{
    return self->operands->len - 1;
}

const char *options_operand(const Options *self, unsigned index)
{
    return index < options_operand_count(self) ? self->operands->pdata[index] : NULL;
}

const char *const *options_operands(const Options *self)
{
    return (const char *const *)self->operands->pdata;
}

OptionValue *options_find(const Options *self, const char *name)
{
    for (guint i = 0; i < self->values->len; i++) {
        OptionValue *value = self->values->pdata[i];
        if (strcmp(value->spec->name, name) == 0)
            return value;
    }
    return NULL;
}

static const OptionValue *value_named(const Options *self, const char *name)
{
    const OptionValue *value = options_find(self, name);
    if (value == NULL)
        g_error("the command '%s' has no option --%s", self->command != NULL ? self->command->name : "",
                name);
    return value;
}

static const OptionValue *value_of_kind(const Options *self, const char *name, OptionKind kind)
{
    const OptionValue *value = value_named(self, name);
    if (value->spec->kind != kind)
        g_error("option --%s is of another kind than it was asked for", name);
    return value;
}

bool options_wants_help(const Options *self)
{
    return options_flag(self, "help");
}

bool options_wants_version(const Options *self)
{
    return options_flag(self, "version");
}

bool options_knows(const Options *self, const char *name)
{
    return options_find(self, name) != NULL;
}

bool options_given(const Options *self, const char *name)
{
    return value_named(self, name)->given;
}

bool options_flag(const Options *self, const char *name)
{
    return value_of_kind(self, name, OPTION_FLAG)->flag;
}

unsigned options_count(const Options *self, const char *name)
{
    return value_of_kind(self, name, OPTION_COUNT)->count;
}

const char *options_text(const Options *self, const char *name)
{
    const OptionValue *value = value_named(self, name);
    return value_of_kind(self, name, value->spec->kind == OPTION_CHOICE ? OPTION_CHOICE : OPTION_TEXT)->text;
}

guint64 options_unsigned(const Options *self, const char *name)
{
    return value_of_kind(self, name, OPTION_UNSIGNED)->number;
}

gint64 options_duration(const Options *self, const char *name)
{
    return value_of_kind(self, name, OPTION_DURATION)->milliseconds;
}

const char *const *options_list(const Options *self, const char *name)
{
    return (const char *const *)value_of_kind(self, name, OPTION_LIST)->list->pdata;
}

GHashTable *options_pairs(const Options *self, const char *name)
{
    return value_of_kind(self, name, OPTION_PAIRS)->pairs;
}
