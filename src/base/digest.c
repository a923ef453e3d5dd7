/* Digests: SHA-256 by libcrypto's plain functions. Its newer ones first load configuration and providers,
 * which takes a millisecond that every command would pay. */
#define OPENSSL_API_COMPAT 10101
#include "base/digest.h"

#include <openssl/sha.h>

struct Digest {
    SHA256_CTX context;
};

Digest *digest_new(void)
{
    Digest *self = g_new(Digest, 1);
    SHA256_Init(&self->context);
    return self;
}

void digest_add(Digest *self, const void *data, gsize length)
{
    SHA256_Update(&self->context, data, length);
}

void digest_end(Digest *self, char hex[65])
{
    unsigned char sum[SHA256_DIGEST_LENGTH];
    SHA256_Final(sum, &self->context);
    for (gsize i = 0; i < sizeof sum; i++)
        g_snprintf(hex + 2 * i, 3, "%02x", sum[i]);
    g_free(self);
}
