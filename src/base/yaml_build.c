/* Builds the YAML tree from libyaml's events: owns anchors, aliases, merge keys and the rules for keys. It
 * refuses what configuration has no use for (several documents, tags, keys that are no text, endless nesting)
 * with a place, and goes on to collect what else is wrong. Nothing recurses, and aliases share nodes, so no
 * input makes it use much more memory than it has bytes; merge keys copy entries, so they have a limit. The
 * loading thread. */
#include "base/suggest.h"
#include "base/yaml_internal.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define DEEPEST_NESTING 200u
#define MOST_MERGED_ENTRIES 1000000u
#define MOST_VALUES 4000000u
#define MOST_SUGGESTED_ANCHORS 100u /* among more, a misspelt alias gets no suggestion */

/* The key of a "<<" pair; told from other keys by its address. */
static const char MERGE_KEY[] = "<<";

/* A collection being read: its pairs are those of the builder from `first` on. */
typedef struct Frame {
    YamlNode *node;
    guint first;
    bool has_key;     /* a key was read, its value not yet */
    YamlPair pending; /* that key; key NULL where it was no text */
} Frame;

typedef struct Builder {
    YamlTree *tree;
    Diagnostics *problems;
    GHashTable *keys;    /* key text -> the one copy in the tree */
    GHashTable *anchors; /* name -> YamlNode */
    GArray *frames;      /* of Frame, the innermost last */
    GArray *pairs;       /* of YamlPair, of all open collections; those of a sequence have no key */
    GArray *resolved;    /* of YamlPair: scratch of finish_mapping() */
    GHashTable *seen;    /* key -> its line: scratch of finish_mapping() */
    guint nodes;
    guint merged_entries;
    guint documents;
    bool failed;
    bool stop;
} Builder;

typedef void (*EventHandler)(Builder *self, const yaml_event_t *event);

/* --- small things --- */

static SourcePlace place_of(const Builder *self, yaml_mark_t mark)
{
    return (SourcePlace){
        .file = self->tree->name, .line = (unsigned)mark.line + 1, .column = (unsigned)mark.column + 1};
}

G_GNUC_PRINTF(3, 4) static void fail(Builder *self, SourcePlace place, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    diagnostics_error(self->problems, place, "%s", message);
    self->failed = true;
    if (diagnostics_count(self->problems, DIAGNOSTIC_ERROR) >= DIAGNOSTICS_KEPT)
        self->stop = true;
}

static void refuse_size(Builder *self, SourcePlace place)
{
    fail(self, place, "more than %u values, counting what aliases stand for", MOST_VALUES);
    self->stop = true;
}

static YamlNode *node_new(Builder *self, YamlKind kind, yaml_mark_t mark)
{
    if (++self->nodes == MOST_VALUES)
        refuse_size(self, place_of(self, mark));
    YamlNode *node = yaml_tree_alloc(self->tree, sizeof *node);
    *node = (YamlNode){.file = self->tree->name,
                       .line = (unsigned)mark.line + 1,
                       .column = (unsigned)mark.column + 1,
                       .kind = (guint8)kind,
                       .weight = 1};
    return node;
}

static const char *copy_text(Builder *self, const char *text, gsize length)
{
    char *copy = yaml_tree_alloc(self->tree, length + 1);
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

static const char *intern_key(Builder *self, const char *text)
{
    const char *known = g_hash_table_lookup(self->keys, text);
    if (known != NULL)
        return known;
    const char *copy = copy_text(self, text, strlen(text));
    g_hash_table_add(self->keys, (gpointer)copy);
    return copy;
}

static Frame *innermost(const Builder *self)
{
    return self->frames->len == 0 ? NULL : &g_array_index(self->frames, Frame, self->frames->len - 1);
}

static bool key_is_next(const Builder *self)
{
    const Frame *frame = innermost(self);
    return frame != NULL && frame->node->kind == YAML_MAPPING && !frame->has_key;
}

static void set_anchor(Builder *self, const yaml_char_t *name, YamlNode *node)
{
    if (name != NULL)
        g_hash_table_insert(self->anchors, g_strdup((const char *)name), node);
}

/* --- keys and values --- */

/* text NULL: a key that is no text, reported already; its value is read and dropped. */
static void take_key(Builder *self, const char *text, SourcePlace place)
{
    Frame *frame = innermost(self);
    frame->has_key = true;
    frame->pending = (YamlPair){.key = text, .key_line = place.line, .key_column = place.column};
}

static void take_key_node(Builder *self, const YamlNode *node, SourcePlace place)
{
    if (node->kind == YAML_SCALAR) {
        take_key(self, intern_key(self, node->text), place);
        return;
    }
    fail(self, place, "a key must be text, not %s%s", yaml_kind_name((YamlKind)node->kind),
         node->kind == YAML_MAPPING ? "; a value that starts with '{{' must be in quotes" : "");
    take_key(self, NULL, place);
}

/* Puts a finished node where it belongs. `place` is where it was used: an alias stands elsewhere than its
 * node. */
static void take_node(Builder *self, const YamlNode *node, SourcePlace place)
{
    Frame *frame = innermost(self);
    if (frame == NULL) {
        self->tree->root = node;
    } else if (key_is_next(self)) {
        take_key_node(self, node, place);
    } else if (frame->node->kind == YAML_SEQUENCE || frame->pending.key != NULL) {
        YamlPair pair = frame->node->kind == YAML_SEQUENCE ? (YamlPair){0} : frame->pending;
        pair.value = node;
        g_array_append_val(self->pairs, pair);
        frame->has_key = false;
    } else {
        frame->has_key = false;
    }
}

/* --- scalars --- */

/* The forms of null in YAML 1.1, section "Null language-independent type". */
static bool is_null(const char *text)
{
    static const char *const FORMS[] = {"", "~", "null", "Null", "NULL", NULL};
    return g_strv_contains(FORMS, text);
}

/* Tags choose types, and here the reader does. "!" and "!!str" say "text", which quotes say too. */
static void check_tag(Builder *self, const yaml_char_t *tag, bool scalar, SourcePlace place)
{
    const char *name = (const char *)tag;
    bool text = scalar && name != NULL && (g_str_equal(name, "!") || g_str_equal(name, YAML_STR_TAG));
    if (name != NULL && !text)
        fail(self, place, "the tag '%s' is not supported: remove it", name);
}

static YamlNode *scalar_node(Builder *self, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    bool quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE || event->data.scalar.tag != NULL;
    YamlNode *node = node_new(self, !quoted && is_null(text) ? YAML_NULL : YAML_SCALAR, event->start_mark);
    node->quoted = quoted;
    if (node->kind == YAML_SCALAR)
        node->text = copy_text(self, text, event->data.scalar.length);
    set_anchor(self, event->data.scalar.anchor, node);
    return node;
}

static void on_key(Builder *self, const yaml_event_t *event, SourcePlace place)
{
    const char *text = (const char *)event->data.scalar.value;
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (event->data.scalar.anchor != NULL)
        (void)scalar_node(self, event);
    if (plain && *text == '\0') {
        fail(self, place, "the key before the ':' is missing");
        take_key(self, NULL, place);
    } else {
        take_key(self, plain && g_str_equal(text, MERGE_KEY) ? MERGE_KEY : intern_key(self, text), place);
    }
}

static void on_scalar(Builder *self, const yaml_event_t *event)
{
    SourcePlace place = place_of(self, event->start_mark);
    check_tag(self, event->data.scalar.tag, true, place);
    if (strlen((const char *)event->data.scalar.value) != event->data.scalar.length)
        fail(self, place, "text must not hold a NUL character");
    if (key_is_next(self))
        on_key(self, event, place);
    else
        take_node(self, scalar_node(self, event), place);
}

static const char *nearest_anchor(const Builder *self, const char *name)
{
    if (g_hash_table_size(self->anchors) > MOST_SUGGESTED_ANCHORS)
        return NULL;
    guint count = 0;
    g_autofree const char **names = (const char **)g_hash_table_get_keys_as_array(self->anchors, &count);
    return suggest_nearest(name, names, count);
}

static void on_alias(Builder *self, const yaml_event_t *event)
{
    const char *name = (const char *)event->data.alias.anchor;
    SourcePlace place = place_of(self, event->start_mark);
    const YamlNode *node = g_hash_table_lookup(self->anchors, name);
    const char *nearest = node == NULL ? nearest_anchor(self, name) : NULL;
    if (nearest != NULL)
        fail(self, place, "no anchor '&%s' stands before '*%s': did you mean '*%s'?", name, name, nearest);
    else if (node == NULL)
        fail(self, place, "no anchor '&%s' stands before '*%s'; text that starts with '*' must be in quotes",
             name, name);
    else if (node->open)
        fail(self, place, "'*%s' stands inside what '&%s' names: a cycle", name, name);
    bool usable = node != NULL && !node->open;
    take_node(self, usable ? node : node_new(self, YAML_NULL, event->start_mark), place);
}

/* --- collections --- */

static void refuse_nesting(Builder *self, SourcePlace place)
{
    fail(self, place, "nested deeper than %u levels", DEEPEST_NESTING);
    self->stop = true;
}

static void open_collection(Builder *self, YamlKind kind, const yaml_char_t *anchor, const yaml_char_t *tag,
                            yaml_mark_t mark)
{
    SourcePlace place = place_of(self, mark);
    if (self->frames->len >= DEEPEST_NESTING) {
        refuse_nesting(self, place);
        return;
    }
    check_tag(self, tag, false, place);
    Frame frame = {.node = node_new(self, kind, mark), .first = self->pairs->len};
    frame.node->open = true;
    set_anchor(self, anchor, frame.node);
    g_array_append_val(self->frames, frame);
}

static void on_sequence_start(Builder *self, const yaml_event_t *event)
{
    open_collection(self, YAML_SEQUENCE, event->data.sequence_start.anchor, event->data.sequence_start.tag,
                    event->start_mark);
}

static void on_mapping_start(Builder *self, const yaml_event_t *event)
{
    open_collection(self, YAML_MAPPING, event->data.mapping_start.anchor, event->data.mapping_start.tag,
                    event->start_mark);
}

/* Adds a child's measures to its collection, which is `depth` levels deep. A few aliases of aliases can stand
 * for more values than any walk of the tree would finish. */
static void measure_child(Builder *self, YamlNode *node, const YamlNode *child, guint depth)
{
    node->weight += MIN(child->weight, MOST_VALUES);
    node->height = (guint8)MAX(node->height, MIN(child->height + 1u, DEEPEST_NESTING));
    if (self->stop)
        return;
    if (depth + child->height > DEEPEST_NESTING)
        refuse_nesting(self, yaml_place(node));
    else if (node->weight > MOST_VALUES)
        refuse_size(self, yaml_place(node));
}

/* Takes the innermost frame away and gives its node to the one around it. */
static void close_collection(Builder *self, const Frame *frame)
{
    YamlNode *node = frame->node;
    node->open = false;
    g_array_set_size(self->pairs, frame->first);
    g_array_set_size(self->frames, self->frames->len - 1);
    take_node(self, node, yaml_place(node));
}

static void on_sequence_end(Builder *self, const yaml_event_t *event)
{
    (void)event;
    Frame *frame = innermost(self);
    YamlNode *node = frame->node;
    node->length = self->pairs->len - frame->first;
    node->items = yaml_tree_alloc(self->tree, node->length * sizeof *node->items);
    node->height = 1;
    for (unsigned i = 0; i < node->length; i++) {
        node->items[i] = g_array_index(self->pairs, YamlPair, frame->first + i).value;
        measure_child(self, node, node->items[i], self->frames->len);
    }
    close_collection(self, frame);
}

/* Adds the entries of `source` whose keys are not there yet (https://yaml.org/type/merge.html). */
static void merge_mapping(Builder *self, const YamlNode *source, SourcePlace place)
{
    self->merged_entries += source->length;
    if (self->merged_entries > MOST_MERGED_ENTRIES) {
        fail(self, place, "'<<' has added more than %u entries so far", MOST_MERGED_ENTRIES);
        self->stop = true;
        return;
    }
    for (unsigned i = 0; i < source->length; i++) {
        if (g_hash_table_contains(self->seen, source->pairs[i].key))
            continue;
        g_hash_table_add(self->seen, (gpointer)source->pairs[i].key);
        g_array_append_val(self->resolved, source->pairs[i]);
    }
}

static void merge_value(Builder *self, const YamlPair *merge)
{
    SourcePlace place = {.file = self->tree->name, .line = merge->key_line, .column = merge->key_column};
    bool list = merge->value->kind == YAML_SEQUENCE;
    unsigned count = list ? merge->value->length : 1;
    for (unsigned i = 0; i < count && !self->stop; i++) {
        const YamlNode *source = list ? merge->value->items[i] : merge->value;
        if (source->kind == YAML_MAPPING)
            merge_mapping(self, source, place);
        else
            fail(self, place, "'<<' takes a mapping or a list of mappings, and this is %s",
                 yaml_kind_name((YamlKind)source->kind));
    }
}

/* Fills self->resolved from the pairs as written: own keys first, each once, then what "<<" adds. */
static void resolve_pairs(Builder *self, const YamlPair *written, guint count)
{
    g_hash_table_remove_all(self->seen);
    g_array_set_size(self->resolved, 0);
    const YamlPair *merge = NULL;
    for (guint i = 0; i < count && !self->stop; i++) {
        const YamlPair *pair = &written[i];
        guint line = GPOINTER_TO_UINT(g_hash_table_lookup(self->seen, pair->key));
        SourcePlace place = {.file = self->tree->name, .line = pair->key_line, .column = pair->key_column};
        if (line != 0) {
            fail(self, place, "the key '%s' is here twice: it stands in line %u already", pair->key, line);
            continue;
        }
        g_hash_table_insert(self->seen, (gpointer)pair->key, GUINT_TO_POINTER(pair->key_line));
        if (pair->key == MERGE_KEY)
            merge = pair;
        else
            g_array_append_val(self->resolved, *pair);
    }
    if (merge != NULL)
        merge_value(self, merge);
}

static int compare_positions(const void *a, const void *b, void *pairs)
{
    const YamlPair *all = pairs;
    return strcmp(all[*(const unsigned *)a].key, all[*(const unsigned *)b].key);
}

/* Moves self->resolved into the tree, with the order for yaml_get() behind it. */
static void store_pairs(Builder *self, YamlNode *node)
{
    unsigned length = self->resolved->len;
    bool ordered = length > YAML_LINEAR_KEYS;
    gsize bytes = length * sizeof(YamlPair);
    node->length = length;
    node->height = 1;
    for (unsigned i = 0; i < length; i++)
        measure_child(self, node, g_array_index(self->resolved, YamlPair, i).value, self->frames->len);
    node->pairs = yaml_tree_alloc(self->tree, bytes + (ordered ? length * sizeof(unsigned) : 0));
    if (length > 0)
        memcpy(node->pairs, self->resolved->data, bytes);
    if (!ordered)
        return;
    unsigned *order = (unsigned *)(node->pairs + length);
    for (unsigned i = 0; i < length; i++)
        order[i] = i;
    qsort_r(order, length, sizeof *order, compare_positions, node->pairs);
}

static void on_mapping_end(Builder *self, const yaml_event_t *event)
{
    (void)event;
    Frame *frame = innermost(self);
    resolve_pairs(self, (const YamlPair *)(void *)self->pairs->data + frame->first,
                  self->pairs->len - frame->first);
    store_pairs(self, frame->node);
    close_collection(self, frame);
}

/* --- the document --- */

static void on_document_start(Builder *self, const yaml_event_t *event)
{
    if (++self->documents == 1)
        return;
    fail(self, place_of(self, event->start_mark),
         "a second document starts here: one file holds one document");
    self->stop = true;
}

static void on_stream_end(Builder *self, const yaml_event_t *event)
{
    (void)event;
    self->stop = true;
}

static const EventHandler HANDLERS[] = {
    [YAML_NO_EVENT] = NULL,
    [YAML_STREAM_START_EVENT] = NULL,
    [YAML_STREAM_END_EVENT] = on_stream_end,
    [YAML_DOCUMENT_START_EVENT] = on_document_start,
    [YAML_DOCUMENT_END_EVENT] = NULL,
    [YAML_ALIAS_EVENT] = on_alias,
    [YAML_SCALAR_EVENT] = on_scalar,
    [YAML_SEQUENCE_START_EVENT] = on_sequence_start,
    [YAML_SEQUENCE_END_EVENT] = on_sequence_end,
    [YAML_MAPPING_START_EVENT] = on_mapping_start,
    [YAML_MAPPING_END_EVENT] = on_mapping_end,
};

static void read_events(Builder *self, yaml_parser_t *parser, const char *text, gsize length)
{
    while (!self->stop) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event)) {
            yaml_syntax_report(parser, self->tree->name, text, length, self->problems);
            self->failed = true;
            return;
        }
        if (HANDLERS[event.type] != NULL)
            HANDLERS[event.type](self, &event);
        yaml_event_delete(&event);
    }
}

static void builder_clear(Builder *self)
{
    g_hash_table_destroy(self->keys);
    g_hash_table_destroy(self->anchors);
    g_hash_table_destroy(self->seen);
    g_array_free(self->frames, TRUE);
    g_array_free(self->pairs, TRUE);
    g_array_free(self->resolved, TRUE);
}

bool yaml_tree_build(YamlTree *self, const char *text, gsize length, Diagnostics *problems)
{
    Builder builder = {
        .tree = self,
        .problems = problems,
        .keys = g_hash_table_new(g_str_hash, g_str_equal),
        .anchors = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .seen = g_hash_table_new(NULL, NULL),
        .frames = g_array_new(FALSE, FALSE, sizeof(Frame)),
        .pairs = g_array_sized_new(FALSE, FALSE, sizeof(YamlPair), 64), /* not empty: its data is added to */
        .resolved = g_array_sized_new(FALSE, FALSE, sizeof(YamlPair), 64),
    };
    yaml_parser_t parser;
    if (yaml_parser_initialize(&parser)) {
        yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
        read_events(&builder, &parser, text, length);
        yaml_parser_delete(&parser);
    } else {
        fail(&builder, (SourcePlace){.file = self->name}, "out of memory");
    }
    if (self->root == NULL)
        self->root = node_new(&builder, YAML_NULL, (yaml_mark_t){0});
    builder_clear(&builder);
    return !builder.failed;
}
