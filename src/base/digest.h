/* Digests: SHA-256 in parts, by libcrypto, which uses what the processor has for it: GLib's takes ten times
 * as long, which shows in the plan file of thousands of paths. For texts that are at hand in one piece and
 * small, g_compute_checksum_for_string() does as well. One thread at a time. */
#pragma once

#include <glib.h>

typedef struct Digest Digest;
/* Of so many bytes in all, by which the way is chosen. */
Digest *digest_new(gsize length);
void digest_add(Digest *self, const void *data, gsize length);
/* Frees it; its 64 hexadecimal digits and a NUL go to `hex`. */
void digest_end(Digest *self, char hex[65]);
