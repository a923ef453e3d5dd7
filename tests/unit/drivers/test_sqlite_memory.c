/* What the SQLite library gets for memory, and what a thread keeps of it. */
#include "sqlite_fixture.h"

#ifdef HAVE_SQLITE
#include "drivers/sqlite/sqlite_internal.h"

#include <pthread.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

TestSuite(sqlite_memory, .init = sqlite_library_init, .timeout = 60);

#define BLOCKS 1000

static void fill(unsigned char *bytes, int from, int to)
{
    for (int i = from; i < to; i++)
        bytes[i] = (unsigned char)(i * 7);
}

static bool is_filled(const unsigned char *bytes, int to)
{
    for (int i = 0; i < to; i++)
        if (bytes[i] != (unsigned char)(i * 7))
            return false;
    return true;
}

Test(sqlite_memory, has_room_for_what_was_asked_for)
{
    static const int sizes[] = {1,    8,    15,   16,   17,   1023, 1024,  1025,
                                1536, 1537, 4368, 8191, 8192, 8193, 100000};
    for (int again = 0; again < 2; again++)
        for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
            unsigned char *bytes = sqlite3_malloc(sizes[i]);
            cr_assert_not_null(bytes);
            cr_expect_eq((gsize)bytes % 8, 0);
            cr_expect_geq(sqlite3_msize(bytes), (sqlite3_uint64)sizes[i]);
            fill(bytes, 0, (int)sqlite3_msize(bytes));
            sqlite3_free(bytes);
        }
}

Test(sqlite_memory, a_block_keeps_its_bytes_while_it_grows_and_shrinks)
{
    unsigned char *bytes = NULL;
    int size = 0;
    for (int next = 1; next < 40000; next += 1 + next / 5) {
        bytes = sqlite3_realloc(bytes, next);
        cr_assert(is_filled(bytes, size), "%d to %d bytes", size, next);
        fill(bytes, size, next);
        size = next;
    }
    for (; size > 1; size /= 2) {
        bytes = sqlite3_realloc(bytes, size);
        cr_assert(is_filled(bytes, size), "%d bytes", size);
    }
    sqlite3_free(bytes);
}

static bool is_all(const int *block, int words, int value)
{
    for (int at = 0; at < words; at++)
        if (block[at] != value)
            return false;
    return true;
}

Test(sqlite_memory, no_two_blocks_overlap)
{
    int *blocks[BLOCKS];
    for (int again = 0; again < 3; again++) {
        for (int i = 0; i < BLOCKS; i++) {
            int words = 1 + i * 13 % 1500;
            blocks[i] = sqlite3_malloc(4 * words);
            for (int at = 0; at < words; at++)
                blocks[i][at] = i;
        }
        for (int i = 0; i < BLOCKS; i++) {
            cr_assert(is_all(blocks[i], 1 + i * 13 % 1500, i));
            sqlite3_free(blocks[i]);
        }
    }
}

/* ---- What is kept ---- */

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

/* Bytes that the C library has given out. */
static gsize in_use(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

static void take_blocks(void **blocks, int size)
{
    for (int i = 0; i < BLOCKS; i++)
        blocks[i] = sqlite3_malloc(size);
}

static void give_blocks(void **blocks)
{
    for (int i = 0; i < BLOCKS; i++)
        sqlite3_free(blocks[i]);
}

#define SLACK 16384 /* what the C library keeps for itself */

Test(sqlite_memory, blocks_are_taken_again_without_the_c_library)
{
    void *blocks[BLOCKS];
    take_blocks(blocks, 80);
    gsize used = in_use();
    give_blocks(blocks);
    gsize kept = in_use();
    take_blocks(blocks, 72);
    gsize again = in_use();
    give_blocks(blocks);
    cr_expect_eq(kept, used);
    cr_expect_eq(again, used);
}

Test(sqlite_memory, a_thread_keeps_no_more_than_its_share)
{
    void *blocks[BLOCKS];
    gsize before = in_use();
    take_blocks(blocks, 4368);
    give_blocks(blocks);
    cr_expect_leq(in_use(), before + SQLITE_MEMORY_KEPT + SLACK, "%zu bytes", in_use() - before);
    take_blocks(blocks, 100);
    give_blocks(blocks);
    cr_expect_leq(in_use(), before + SQLITE_MEMORY_KEPT + SLACK, "%zu bytes", in_use() - before);
}

static void *work(void *kept)
{
    void *blocks[BLOCKS];
    take_blocks(blocks, 80);
    give_blocks(blocks);
    *(gsize *)kept = in_use();
    return NULL;
}

Test(sqlite_memory, a_thread_that_ends_gives_all_of_it_back)
{
    pthread_t thread;
    gsize before = in_use(), kept = 0;
    cr_assert_eq(pthread_create(&thread, NULL, work, &kept), 0);
    pthread_join(thread, NULL);
    cr_expect_geq(kept, before + 80 * BLOCKS);
    cr_expect_leq(in_use(), before + SLACK, "%zu bytes", in_use() - before);
}

static void *give(void *blocks)
{
    give_blocks(blocks);
    return NULL;
}

Test(sqlite_memory, a_thread_may_give_back_what_another_asked_for)
{
    void *blocks[BLOCKS];
    pthread_t thread;
    gsize before = in_use();
    take_blocks(blocks, 80);
    cr_assert_eq(pthread_create(&thread, NULL, give, blocks), 0);
    pthread_join(thread, NULL);
    cr_expect_leq(in_use(), before + SLACK, "%zu bytes", in_use() - before);
}

#endif
#endif
