/* The memory of the SQLite library: blocks that a thread gave back are kept for what it asks for next.
 *
 * The library asks for hundreds of small blocks to compile one statement, gives all of them back, and asks
 * for as many of the same sizes again. Its own answer to that (lookaside memory) is left out of what
 * distributions build. Owns lists of free blocks of each thread, one for each size: taking one needs no lock
 * and no search. Refuses to keep more than KEPT_BYTES for a thread: what is beyond that, and blocks larger
 * than LARGEST, are the C library's. Any thread; a block may be given back by another one than asked for it.
 */
#include "drivers/sqlite/sqlite_internal.h"

#include <stdlib.h>
#include <string.h>

#define GRAIN 16     /* bytes between two sizes of small blocks */
#define SMALL 1024   /* bytes; the largest of them */
#define STRIDE 512   /* bytes between two sizes of those above */
#define LARGEST 8192 /* bytes; most pages of files are smaller */
#define SIZES (SMALL / GRAIN + (LARGEST - SMALL) / STRIDE)

/* AddressSanitizer sees the use of a block that was given back only if none is kept. */
#ifdef __SANITIZE_ADDRESS__
#define KEPT_BYTES ((gsize)0)
#else
#define KEPT_BYTES ((gsize)SQLITE_MEMORY_KEPT)
#endif

/* What the library gets begins behind the size, and is so aligned to the 8 bytes that it asks for. */
typedef struct Block {
    gsize size;         /* of what the library gets, in bytes, rounded */
    struct Block *next; /* while it is free */
} Block;

#define HEADER offsetof(Block, next)

/* A thread's blocks that are free. */
typedef struct FreeBlocks {
    Block *of_size[SIZES];
    gsize room; /* bytes that may be kept besides; 0 also where none ever were */
    bool begun;
} FreeBlocks;

static _Thread_local FreeBlocks mine;
static pthread_key_t thread_end;

/* ---- Sizes ---- */

static gsize round_up(gsize size, gsize to)
{
    return (size + to - 1) / to * to;
}

static int rounded_size(int size)
{
    if (size <= SMALL)
        return (int)round_up((gsize)MAX(size, 1), GRAIN);
    if (size <= LARGEST)
        return (int)round_up((gsize)size, STRIDE);
    return (int)round_up((gsize)size, GRAIN);
}

/* Which list: of a size that is rounded and not above LARGEST. */
static gsize place_of(gsize size)
{
    return size <= SMALL ? size / GRAIN - 1 : SMALL / GRAIN + (size - SMALL) / STRIDE - 1;
}

static Block *block_of(void *bytes)
{
    return (Block *)((char *)bytes - HEADER);
}

static int size_of(void *bytes)
{
    return bytes ? (int)block_of(bytes)->size : 0;
}

/* ---- Blocks ---- */

static void give_all_back(void *data)
{
    FreeBlocks *blocks = data;
    for (gsize i = 0; i < SIZES; i++)
        for (Block *block; (block = blocks->of_size[i]);) {
            blocks->of_size[i] = block->next;
            free(block);
        }
    blocks->room = 0;
    blocks->begun = false;
}

/* What is seldom called stands apart, so that what is called some ten thousand times for a file stays short.
 * `block` is one to be changed, or NULL. */
static G_GNUC_NO_INLINE void *from_c_library(Block *block, gsize size)
{
    block = realloc(block, HEADER + size);
    if (!block)
        return NULL;
    block->size = size;
    return &block->next;
}

static void *take(int size)
{
    gsize rounded = (gsize)rounded_size(size);
    Block **place = rounded <= LARGEST ? &mine.of_size[place_of(rounded)] : NULL;
    if (!place || !*place)
        return from_c_library(NULL, rounded);
    Block *block = *place;
    *place = block->next;
    mine.room += rounded;
    return &block->next;
}

static void give_back(void *bytes);

/* The first of a thread, or one that there is no room for. */
static G_GNUC_NO_INLINE void to_c_library(Block *block)
{
    if (mine.begun || pthread_setspecific(thread_end, &mine) != 0) {
        free(block);
        return;
    }
    mine.begun = true;
    mine.room = KEPT_BYTES;
    give_back(&block->next);
}

static void give_back(void *bytes)
{
    if (!bytes)
        return;
    Block *block = block_of(bytes);
    if (block->size > LARGEST || block->size > mine.room) {
        to_c_library(block);
        return;
    }
    Block **place = &mine.of_size[place_of(block->size)];
    block->next = *place;
    *place = block;
    mine.room -= block->size;
}

static void *change(void *bytes, int size)
{
    gsize before = (gsize)size_of(bytes), rounded = (gsize)rounded_size(size);
    if (before > LARGEST && rounded > LARGEST)
        return from_c_library(block_of(bytes), rounded);
    void *changed = take(size);
    if (changed) {
        memcpy(changed, bytes, MIN(before, rounded));
        give_back(bytes);
    }
    return changed;
}

/* ---- What the library calls ---- */

static int begin(void *data)
{
    (void)data;
    return SQLITE_OK;
}

static void end(void *data)
{
    (void)data;
}

void sqlite_memory_init(void)
{
    static const sqlite3_mem_methods methods = {
        .xMalloc = take,
        .xFree = give_back,
        .xRealloc = change,
        .xSize = size_of,
        .xRoundup = rounded_size,
        .xInit = begin,
        .xShutdown = end,
    };
    if (pthread_key_create(&thread_end, give_all_back) == 0)
        sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}
