/* Casts: how values of one type become those of another, and what of them is lost. From the casts that
 * PostgreSQL is made with (pg_cast); what a user made is converted by way of text. Pure. */
#include "schema/postgres/write_internal.h"

#include <string.h>

/* Types between which the server casts in an assignment; and a literal for each. */
typedef enum TypeGroup {
    GROUP_OTHER,
    GROUP_NUMBER,
    GROUP_TEXT,
    GROUP_TIME,
    GROUP_CLOCK,
    GROUP_BITS,
    GROUP_JSON,
    GROUP_NET,
    GROUP_MAC,
    GROUP_ALONE /* built in, and castable to and from text only */
} TypeGroup;

static const struct {
    const char *name;
    TypeGroup group;
    const char *placeholder;
    int digits; /* of a number: how many it keeps at least; 0: as its modifiers say */
    bool is_integer;
} types[] = {
    {"smallint", GROUP_NUMBER, "0", 5, true},
    {"integer", GROUP_NUMBER, "0", 10, true},
    {"bigint", GROUP_NUMBER, "0", 19, true},
    {"numeric", GROUP_NUMBER, "0", 0, false},
    {"real", GROUP_NUMBER, "0", 6, false},
    {"double precision", GROUP_NUMBER, "0", 15, false},
    {"money", GROUP_NUMBER, "0", 0, false},
    {"text", GROUP_TEXT, "''", 0, false},
    {"character varying", GROUP_TEXT, "''", 0, false},
    {"character", GROUP_TEXT, "''", 0, false},
    {"name", GROUP_TEXT, "''", 0, false},
    {"citext", GROUP_TEXT, "''", 0, false},
    {"date", GROUP_TIME, "'1970-01-01'", 0, false},
    {"timestamp without time zone", GROUP_TIME, "'1970-01-01'", 0, false},
    {"timestamp with time zone", GROUP_TIME, "'1970-01-01 00:00:00+00'", 0, false},
    {"time without time zone", GROUP_CLOCK, "'00:00'", 0, false},
    {"time with time zone", GROUP_CLOCK, "'00:00+00'", 0, false},
    {"interval", GROUP_CLOCK, "'0'", 0, false},
    {"bit", GROUP_BITS, NULL, 0, false},
    {"bit varying", GROUP_BITS, "''", 0, false},
    {"json", GROUP_JSON, "'{}'", 0, false},
    {"jsonb", GROUP_JSON, "'{}'", 0, false},
    {"inet", GROUP_NET, "'0.0.0.0'", 0, false},
    {"cidr", GROUP_NET, "'0.0.0.0/0'", 0, false},
    {"macaddr", GROUP_MAC, "'00:00:00:00:00:00'", 0, false},
    {"macaddr8", GROUP_MAC, "'00:00:00:00:00:00:00:00'", 0, false},
    {"boolean", GROUP_ALONE, "false", 0, false},
    {"uuid", GROUP_ALONE, "'00000000-0000-0000-0000-000000000000'", 0, false},
    {"bytea", GROUP_ALONE, "''", 0, false},
    {"xml", GROUP_ALONE, "''", 0, false},
    {"tsvector", GROUP_ALONE, "''", 0, false},
    {"tsquery", GROUP_ALONE, "''", 0, false},
    {"oid", GROUP_ALONE, "0", 0, false},
    {"point", GROUP_ALONE, "'(0,0)'", 0, false},
    {"line", GROUP_ALONE, "'{0,1,0}'", 0, false},
    {"lseg", GROUP_ALONE, "'((0,0),(0,0))'", 0, false},
    {"box", GROUP_ALONE, "'((0,0),(0,0))'", 0, false},
    {"path", GROUP_ALONE, "'((0,0))'", 0, false},
    {"polygon", GROUP_ALONE, "'((0,0))'", 0, false},
    {"circle", GROUP_ALONE, "'<(0,0),0>'", 0, false},
    {"pg_lsn", GROUP_ALONE, "'0/0'", 0, false},
    {"int4range", GROUP_ALONE, "'empty'", 0, false},
    {"int8range", GROUP_ALONE, "'empty'", 0, false},
    {"numrange", GROUP_ALONE, "'empty'", 0, false},
    {"tsrange", GROUP_ALONE, "'empty'", 0, false},
    {"tstzrange", GROUP_ALONE, "'empty'", 0, false},
    {"daterange", GROUP_ALONE, "'empty'", 0, false},
};

/* Casts that must be asked for. */
static const char *const explicit_casts[][2] = {
    {"integer", "boolean"}, {"boolean", "integer"}, {"integer", "bit"}, {"bigint", "bit"},
    {"bit", "integer"},     {"bit", "bigint"},      {"xml", "text"},    {"integer", "oid"},
    {"bigint", "oid"},      {"oid", "integer"},     {"oid", "bigint"},
};

/* Casts that PostgreSQL lacks between types of one group, and the type that both know. */
static const char *const detours[][3] = {
    {"smallint", "numeric", "money"},
    {"real", "numeric", "money"},
    {"double precision", "numeric", "money"},
    {"money", "numeric", "smallint"},
    {"money", "numeric", "integer"},
    {"money", "numeric", "bigint"},
    {"money", "numeric", "real"},
    {"money", "numeric", "double precision"},
    {"interval", "time without time zone", "time with time zone"},
    {"time with time zone", "time without time zone", "interval"},
};

/* ---- Reading a type's name ---- */

typedef struct TypeName {
    char *base;       /* without modifiers and brackets: "timestamp without time zone" */
    int modifiers[2]; /* -1: not there */
    bool is_array;
} TypeName;

static void type_name_clear(TypeName *self)
{
    g_free(self->base);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TypeName, type_name_clear)

static void type_name_init(TypeName *self, const char *text)
{
    *self = (TypeName){.modifiers = {-1, -1}};
    g_autoptr(GString) base = g_string_new(text);
    while (g_str_has_suffix(base->str, "[]")) {
        self->is_array = true;
        g_string_truncate(base, base->len - 2);
    }
    char *open = base->str[0] == '"' ? NULL : strchr(base->str, '(');
    char *close = open ? strchr(open, ')') : NULL;
    if (close) {
        char *comma = memchr(open, ',', (gsize)(close - open));
        self->modifiers[0] = (int)g_ascii_strtoll(open + 1, NULL, 10);
        self->modifiers[1] = comma ? (int)g_ascii_strtoll(comma + 1, NULL, 10) : -1;
        g_string_erase(base, open - base->str, close + 1 - open);
    }
    self->base = g_string_free(g_steal_pointer(&base), FALSE);
}

/* The name is as in a statement; the key has a schema. */
static const SchemaObject *find_type(const SchemaModel *model, SchemaKind kind, const char *name)
{
    static const char *const schemas[] = {"", "public.", "@."};
    const SchemaObject *found = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(schemas) && !found; i++) {
        g_autofree char *key = g_strconcat(schemas[i], name, NULL);
        found = schema_model_find(model, kind, key);
    }
    return found;
}

/* A domain by what it is made of. */
static const char *base_type(const SchemaModel *model, const char *type)
{
    const SchemaObject *domain = find_type(model, SCHEMA_DOMAIN, type);
    return domain ? base_type(model, pg_attribute(domain, "type")) : type;
}

static gssize type_index(const char *base)
{
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
        if (g_str_equal(types[i].name, base))
            return (gssize)i;
    return -1;
}

/* A type of an extension may be in any schema. */
static void strip_schema(TypeName *type)
{
    const char *dot = strrchr(type->base, '.');
    if (!dot || type_index(dot + 1) < 0)
        return;
    char *bare = g_strdup(dot + 1);
    g_free(type->base);
    type->base = bare;
}

static TypeGroup group_of(const TypeName *type)
{
    gssize index = type_index(type->base);
    return index < 0 ? GROUP_OTHER : types[index].group;
}

/* ---- Casting ---- */

static bool is_explicit(const char *before, const char *after)
{
    for (gsize i = 0; i < G_N_ELEMENTS(explicit_casts); i++)
        if (g_str_equal(explicit_casts[i][0], before) && g_str_equal(explicit_casts[i][1], after))
            return true;
    return false;
}

/* The type between the two; NULL: they need none. */
static const char *detour(const char *before, const char *after)
{
    for (gsize i = 0; i < G_N_ELEMENTS(detours); i++)
        if (g_str_equal(detours[i][0], before) && g_str_equal(detours[i][2], after))
            return detours[i][1];
    return NULL;
}

typedef struct TypePair {
    TypeName from;
    TypeName to;
    TypeGroup from_group;
    TypeGroup to_group;
} TypePair;

static void type_pair_clear(TypePair *self)
{
    type_name_clear(&self->from);
    type_name_clear(&self->to);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TypePair, type_pair_clear)

static void type_pair_init(TypePair *self, const PgWriting *writing, const char *before, const char *after)
{
    type_name_init(&self->from, base_type(writing->diff->before, before));
    type_name_init(&self->to, base_type(writing->diff->after, after));
    strip_schema(&self->from);
    strip_schema(&self->to);
    self->from_group = group_of(&self->from);
    self->to_group = group_of(&self->to);
}

static PgCast pair_cast(const TypePair *self)
{
    if (g_str_equal(self->from.base, self->to.base) && self->from.is_array == self->to.is_array)
        return PG_CAST_ASSIGNED;
    if (self->to_group == GROUP_TEXT && !self->to.is_array)
        return PG_CAST_ASSIGNED;
    if (self->from.is_array != self->to.is_array)
        return PG_CAST_NONE;
    if (detour(self->from.base, self->to.base))
        return PG_CAST_EXPLICIT;
    if (self->from_group == self->to_group && self->from_group != GROUP_OTHER &&
        self->from_group != GROUP_ALONE)
        return PG_CAST_ASSIGNED;
    if (self->from_group == GROUP_TEXT || is_explicit(self->from.base, self->to.base))
        return PG_CAST_EXPLICIT;
    return self->from_group == GROUP_OTHER && self->to_group == GROUP_OTHER ? PG_CAST_BY_TEXT : PG_CAST_NONE;
}

PgCast pg_cast(const PgWriting *self, const char *before, const char *after)
{
    g_auto(TypePair) pair = {0};
    type_pair_init(&pair, self, before, after);
    return pair_cast(&pair);
}

char *pg_cast_value(const PgWriting *self, const char *value, const char *before, const char *after)
{
    g_auto(TypePair) pair = {0};
    type_pair_init(&pair, self, before, after);
    const char *through = detour(pair.from.base, pair.to.base);
    switch (pair_cast(&pair)) {
    case PG_CAST_EXPLICIT:
        return through ? g_strdup_printf("%s::%s%s::%s", value, through, pair.to.is_array ? "[]" : "", after)
                       : g_strdup_printf("%s::%s", value, after);
    case PG_CAST_BY_TEXT:
        return g_strdup_printf("%s::text::%s", value, after);
    default:
        return NULL;
    }
}

/* ---- What is lost ---- */

/* What the server would refuse to store is not lost: the statement fails. */
static bool number_loses(const TypeName *from, const TypeName *to)
{
    gssize source = type_index(from->base);
    gssize target = type_index(to->base);
    int from_scale = types[source].is_integer ? 0 : MAX(from->modifiers[1], 0);
    bool is_open = !types[source].is_integer && from->modifiers[0] < 0;
    if (types[target].is_integer)
        return is_open || from_scale > 0;
    if (g_str_equal(to->base, "numeric"))
        return types[source].digits && !types[source].is_integer
                   ? true
                   : to->modifiers[0] >= 0 && (is_open || MAX(to->modifiers[1], 0) < from_scale);
    if (source == target)
        return false;
    return !types[source].digits || types[source].digits > types[target].digits;
}

/* Time of day, seconds and their parts, white space in JSON, the host in an address. */
static const char *const losing_casts[][2] = {
    {"timestamp without time zone", "date"},
    {"timestamp with time zone", "date"},
    {"timestamp with time zone", "time without time zone"},
    {"time with time zone", "time without time zone"},
    {"interval", "time without time zone"},
    {"json", "jsonb"},
    {"inet", "cidr"},
};

static bool is_losing(const char *before, const char *after)
{
    for (gsize i = 0; i < G_N_ELEMENTS(losing_casts); i++)
        if (g_str_equal(losing_casts[i][0], before) && g_str_equal(losing_casts[i][1], after))
            return true;
    return false;
}

static bool has_fewer_fractions(const TypeName *from, const TypeName *to)
{
    return to->modifiers[0] >= 0 && (from->modifiers[0] < 0 || to->modifiers[0] < from->modifiers[0]);
}

bool pg_cast_loses(const PgWriting *self, const char *before, const char *after)
{
    g_auto(TypePair) pair = {0};
    type_pair_init(&pair, self, before, after);
    if (pair.from_group != pair.to_group)
        return pair.to_group != GROUP_TEXT && !g_str_equal(pair.from.base, "boolean");
    if (pair.from_group == GROUP_NUMBER)
        return number_loses(&pair.from, &pair.to);
    if ((pair.from_group == GROUP_TIME || pair.from_group == GROUP_CLOCK) &&
        g_str_equal(pair.from.base, pair.to.base))
        return has_fewer_fractions(&pair.from, &pair.to);
    return is_losing(pair.from.base, pair.to.base);
}

bool pg_types_are_close(const char *left, const char *right)
{
    g_auto(TypeName) from = {0};
    g_auto(TypeName) to = {0};
    type_name_init(&from, left);
    type_name_init(&to, right);
    TypeGroup group = group_of(&from);
    return from.is_array == to.is_array &&
           (g_str_equal(from.base, to.base) ||
            (group == group_of(&to) && (group == GROUP_TEXT || group == GROUP_NUMBER)));
}

/* ---- Placeholders ---- */

static char *enum_placeholder(const SchemaObject *type)
{
    const char *labels = schema_object_get(type, "labels");
    const char *end = labels ? strstr(labels, "', '") : NULL;
    if (!labels)
        return NULL;
    return end ? g_strndup(labels, (gsize)(end - labels) + 1) : g_strdup(labels);
}

char *pg_placeholder(const PgWriting *self, const char *type)
{
    g_auto(TypeName) name = {0};
    type_name_init(&name, base_type(self->diff->after, type));
    gssize index = type_index(name.base);
    if (name.is_array)
        return g_strdup("'{}'");
    if (index >= 0)
        return g_strdup(types[index].placeholder);
    const SchemaObject *label = find_type(self->diff->after, SCHEMA_ENUM, name.base);
    if (label)
        return enum_placeholder(label);
    return find_type(self->diff->after, SCHEMA_RANGE, name.base) ? g_strdup("'empty'") : NULL;
}
