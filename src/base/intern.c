/* Interned texts: a set, whose texts lie one behind the other, behind one lock. */
#include "base/intern.h"
#include <glib.h>
#include <pthread.h>

#define CHUNK_BYTES 4096

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static GHashTable *known; /* texts in `chunk` */
static GStringChunk *chunk;

static const char *add(const char *text)
{
    if (!known) {
        known = g_hash_table_new(g_str_hash, g_str_equal);
        chunk = g_string_chunk_new(CHUNK_BYTES);
    }
    char *copy = g_hash_table_lookup(known, text);
    if (!copy) {
        copy = g_string_chunk_insert(chunk, text);
        g_hash_table_add(known, copy);
    }
    return copy;
}

const char *intern_text(const char *text)
{
    if (!text)
        return NULL;
    pthread_mutex_lock(&mutex);
    const char *copy = add(text);
    pthread_mutex_unlock(&mutex);
    return copy;
}
