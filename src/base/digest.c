/* Digests: SHA-256 by libcrypto's plain functions; its newer ones first load configuration and providers.
 * Loading libcrypto itself takes a millisecond, in which GLib does some 250 kB: so much is left to GLib, and
 * all where libcrypto is not there. */
#define OPENSSL_API_COMPAT 10101
#include "base/digest.h"
#include "base/libcrypto_late.h"

#include <stdatomic.h>

#define WORTH_LOADING_BYTES (256 * 1024)

static atomic_size_t all_lengths; /* of the digests of this process */

struct Digest {
    GChecksum *slow; /* NULL: by libcrypto */
    SHA256_CTX context;
};

Digest *digest_new(gsize length)
{
    Digest *self = g_new0(Digest, 1);
    bool is_worth_it = atomic_fetch_add(&all_lengths, length) + length > WORTH_LOADING_BYTES;
    if (is_worth_it && late_library_load(&libcrypto_library, NULL))
        SHA256_Init(&self->context);
    else
        self->slow = g_checksum_new(G_CHECKSUM_SHA256);
    return self;
}

void digest_add(Digest *self, const void *data, gsize length)
{
    if (self->slow)
        g_checksum_update(self->slow, data, (gssize)length);
    else
        SHA256_Update(&self->context, data, length);
}

void digest_end(Digest *self, char hex[65])
{
    unsigned char sum[SHA256_DIGEST_LENGTH];
    gsize length = sizeof sum;
    if (self->slow)
        g_checksum_get_digest(self->slow, sum, &length);
    else
        SHA256_Final(sum, &self->context);
    for (gsize i = 0; i < sizeof sum; i++)
        g_snprintf(hex + 2 * i, 3, "%02x", sum[i]);
    g_clear_pointer(&self->slow, g_checksum_free);
    g_free(self);
}
