/* YAML tree: owns the nodes, their memory and the questions about one document, and reads its bytes. It
 * refuses files that cannot be configuration (binary, other encodings, folders, pipes, over YAML_MAX_BYTES)
 * before a parser sees them. The loading thread makes a tree; any thread may read it. */
#include "base/yaml_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK_BYTES ((gsize)64 * 1024)
#define ALIGNMENT sizeof(void *)

/* --- memory --- */

void *yaml_tree_alloc(YamlTree *self, gsize size)
{
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (size >
        BLOCK_BYTES / 4) { /* large pieces get blocks of their own, so that little of a block is wasted */
        void *piece = g_malloc(size);
        g_ptr_array_add(self->blocks, piece);
        return piece;
    }
    if (size > self->free_bytes) {
        self->free_start = g_malloc(BLOCK_BYTES);
        self->free_bytes = BLOCK_BYTES;
        g_ptr_array_add(self->blocks, self->free_start);
    }
    void *piece = self->free_start;
    self->free_start += size;
    self->free_bytes -= size;
    return piece;
}

static YamlTree *yaml_tree_new(const char *name)
{
    YamlTree *self = g_new0(YamlTree, 1);
    self->blocks = g_ptr_array_new_with_free_func(g_free);
    self->name = g_strdup(name);
    return self;
}

void yaml_tree_free(YamlTree *self)
{
    if (self == NULL)
        return;
    g_ptr_array_free(self->blocks, TRUE);
    g_free(self->name);
    g_free(self->digest);
    g_free(self);
}

/* --- bytes --- */

SourcePlace yaml_place_at(const char *file, const char *text, gsize offset)
{
    SourcePlace place = {.file = file, .line = 1, .column = 1};
    for (gsize i = 0; i < offset; i++) {
        bool line_end = text[i] == '\n' || (text[i] == '\r' && text[i + 1] != '\n');
        if (line_end) {
            place.line++;
            place.column = 1;
        } else if (((unsigned char)text[i] & 0xC0) != 0x80 && text[i] != '\r') {
            place.column++;
        }
    }
    return place;
}

static bool check_bytes(const char *text, gsize length, const char *name, Diagnostics *problems)
{
    SourcePlace whole = {.file = name};
    if (length > YAML_MAX_BYTES) {
        diagnostics_error(problems, whole, "larger than %u MB: this is no configuration",
                          YAML_MAX_BYTES >> 20);
        return false;
    }
    if (length >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0)) {
        diagnostics_error(problems, whole, "UTF-16 text: save the file as UTF-8");
        return false;
    }
    const char *nul = length == 0 ? NULL : memchr(text, '\0', length);
    if (nul != NULL) {
        diagnostics_error(problems, yaml_place_at(name, text, (gsize)(nul - text)),
                          "a NUL byte: this is a binary file, not YAML text");
        return false;
    }
    const char *bad = NULL;
    if (length > 0 && !g_utf8_validate(text, (gssize)length, &bad)) {
        diagnostics_error(problems, yaml_place_at(name, text, (gsize)(bad - text)),
                          "byte 0x%02x is not UTF-8: save the file as UTF-8", (unsigned char)*bad);
        return false;
    }
    return true;
}

YamlTree *yaml_tree_parse(const char *text, gsize length, const char *name, Diagnostics *problems)
{
    static const char BYTE_ORDER_MARK[] = "\xEF\xBB\xBF";
    const gsize mark = sizeof BYTE_ORDER_MARK - 1;

    if (!check_bytes(text, length, name, problems))
        return NULL;
    g_autoptr(YamlTree) self = yaml_tree_new(name);
    self->digest = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)text, length);
    if (length >= mark && memcmp(text, BYTE_ORDER_MARK, mark) == 0) {
        text += mark;
        length -= mark;
    }
    return yaml_tree_build(self, text, length, problems) ? g_steal_pointer(&self) : NULL;
}

/* Reads to the end, or just past YAML_MAX_BYTES should the file have grown since it was looked at. */
static GByteArray *read_all(int descriptor, gsize expected)
{
    g_autoptr(GByteArray) bytes = g_byte_array_sized_new((guint)expected + 1);
    while (bytes->len <= YAML_MAX_BYTES) {
        guint before = bytes->len;
        g_byte_array_set_size(bytes, before + MAX((guint)expected + 1 - MIN(before, expected), 16384));
        ssize_t got = read(descriptor, bytes->data + before, bytes->len - before);
        g_byte_array_set_size(bytes, before + (got > 0 ? (guint)got : 0));
        if (got == 0)
            break;
        if (got < 0 && errno != EINTR)
            return NULL;
    }
    return g_steal_pointer(&bytes);
}

/* Why a file of this kind and size is not read, or NULL. */
static const char *reason_against(const struct stat *facts)
{
    if (S_ISDIR(facts->st_mode))
        return "a folder, where a YAML file is wanted";
    if (!S_ISREG(facts->st_mode))
        return "not a regular file: write the YAML into a file first";
    return facts->st_size > (off_t)YAML_MAX_BYTES ? "larger than 64 MB: this is no configuration" : NULL;
}

static GByteArray *read_file(const char *path, Diagnostics *problems)
{
    SourcePlace whole = {.file = path};
    int descriptor =
        open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* a FIFO without a writer does not hang us */
    struct stat facts;
    if (descriptor < 0 || fstat(descriptor, &facts) != 0) {
        diagnostics_error(problems, whole, "cannot be read: %s", g_strerror(errno));
        if (descriptor >= 0)
            (void)close(descriptor);
        return NULL;
    }
    const char *reason = reason_against(&facts);
    GByteArray *bytes = reason == NULL ? read_all(descriptor, (gsize)facts.st_size) : NULL;
    if (reason != NULL)
        diagnostics_error(problems, whole, "%s", reason);
    else if (bytes == NULL)
        diagnostics_error(problems, whole, "cannot be read: %s", g_strerror(errno));
    (void)close(descriptor);
    return bytes;
}

const char *yaml_tree_digest(const YamlTree *self)
{
    return self->digest;
}

YamlTree *yaml_tree_load(const char *path, Diagnostics *problems)
{
    g_autoptr(GByteArray) bytes = read_file(path, problems);
    return bytes == NULL ? NULL : yaml_tree_parse((const char *)bytes->data, bytes->len, path, problems);
}

/* --- asking --- */

const YamlNode *yaml_tree_root(const YamlTree *self)
{
    return self->root;
}

YamlKind yaml_kind(const YamlNode *node)
{
    return node == NULL ? YAML_NULL : (YamlKind)node->kind;
}

SourcePlace yaml_place(const YamlNode *node)
{
    return node == NULL ? (SourcePlace){0}
                        : (SourcePlace){.file = node->file, .line = node->line, .column = node->column};
}

const char *yaml_kind_name(YamlKind kind)
{
    static const char *const NAMES[] = {[YAML_NULL] = "nothing",
                                        [YAML_SCALAR] = "text",
                                        [YAML_SEQUENCE] = "a list",
                                        [YAML_MAPPING] = "a mapping"};
    return NAMES[kind];
}

const char *yaml_text(const YamlNode *node)
{
    return yaml_kind(node) == YAML_SCALAR ? node->text : NULL;
}

bool yaml_is_quoted(const YamlNode *node)
{
    return yaml_kind(node) == YAML_SCALAR && node->quoted;
}

unsigned yaml_length(const YamlNode *node)
{
    YamlKind kind = yaml_kind(node);
    return kind == YAML_SEQUENCE || kind == YAML_MAPPING ? node->length : 0;
}

const YamlNode *yaml_at(const YamlNode *node, unsigned index)
{
    if (index >= yaml_length(node))
        return NULL;
    return node->kind == YAML_SEQUENCE ? node->items[index] : node->pairs[index].value;
}

static const YamlPair *pair_at(const YamlNode *node, unsigned index)
{
    bool there = yaml_kind(node) == YAML_MAPPING && index < node->length;
    return there ? &node->pairs[index] : NULL;
}

const char *yaml_key_at(const YamlNode *node, unsigned index)
{
    const YamlPair *pair = pair_at(node, index);
    return pair == NULL ? NULL : pair->key;
}

SourcePlace yaml_key_place_at(const YamlNode *node, unsigned index)
{
    const YamlPair *pair = pair_at(node, index);
    return pair == NULL
               ? (SourcePlace){0}
               : (SourcePlace){.file = node->file, .line = pair->key_line, .column = pair->key_column};
}

static const YamlNode *get_linear(const YamlNode *node, const char *key)
{
    for (unsigned i = 0; i < node->length; i++)
        if (strcmp(node->pairs[i].key, key) == 0)
            return node->pairs[i].value;
    return NULL;
}

const YamlNode *yaml_get(const YamlNode *node, const char *key)
{
    if (yaml_kind(node) != YAML_MAPPING)
        return NULL;
    if (node->length <= YAML_LINEAR_KEYS)
        return get_linear(node, key);
    const unsigned *order = (const unsigned *)(node->pairs + node->length);
    unsigned low = 0, high = node->length;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        int comparison = strcmp(key, node->pairs[order[middle]].key);
        if (comparison == 0)
            return node->pairs[order[middle]].value;
        if (comparison < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}
