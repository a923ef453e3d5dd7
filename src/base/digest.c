/* Digests: SHA-256 by libcrypto's plain functions. Its newer ones first load configuration and providers,
 * which takes a millisecond that every command would pay. Where it is not there GLib does it. */
#define OPENSSL_API_COMPAT 10101
#include "base/digest.h"
#include "base/libcrypto_late.h"

struct Digest {
    GChecksum *slow; /* NULL: by libcrypto */
    SHA256_CTX context;
};

Digest *digest_new(void)
{
    Digest *self = g_new0(Digest, 1);
    if (late_library_load(&libcrypto_library, NULL))
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
