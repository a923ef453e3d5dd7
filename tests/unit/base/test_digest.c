/* Digests: SHA-256 of one part and of several. Known answers: FIPS 180-4, examples. */
#include "base/digest.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(digest);

#define LITTLE 0
#define MUCH (1024 * 1024) /* worth libcrypto */

static void expect_digest(gsize length, const char *const *parts, const char *wanted)
{
    char hex[65];
    Digest *digest = digest_new(length);

    for (; *parts; parts++)
        digest_add(digest, *parts, strlen(*parts));
    digest_end(digest, hex);
    cr_expect_str_eq(hex, wanted);
}

Test(digest, known_answers_whole_and_in_parts)
{
    const char *const nothing[] = {NULL}, *const whole[] = {"abc", NULL},
                      *const parts[] = {"a", "", "bc", NULL};
    const char *abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    for (gsize length = LITTLE; length <= MUCH; length += MUCH) {
        expect_digest(length, nothing, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        expect_digest(length, whole, abc);
        expect_digest(length, parts, abc);
    }
}

Test(digest, is_what_glib_says_of_a_long_text)
{
    char hex[65];
    g_autofree char *text = g_strnfill(100000, 'x');
    g_autofree char *wanted = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
    Digest *digest = digest_new(MUCH);

    for (gsize done = 0; done < 100000; done += 777)
        digest_add(digest, text + done, MIN(777, 100000 - done));
    digest_end(digest, hex);
    cr_expect_str_eq(hex, wanted);
}
