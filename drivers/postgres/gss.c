/* Kerberos credentials: whether the user has any.
 *
 * libpq looks for them in each connection that GSSAPI might encrypt (gssencmode, which is "prefer" where
 * nobody says another), reading Kerberos' files each time: more work than all else of a connection without a
 * password. A fleet is connected to at once, so the answer holds for a second here. Reads files, by the
 * library that libpq asks; any thread may call. */
#include "drivers/postgres/postgres_internal.h"

#ifdef HAVE_GSSAPI

#include "drivers/gssapi_late.h"

#define KEPT_US G_USEC_PER_SEC

static struct {
    pthread_mutex_t mutex;
    gint64 looked_at; /* g_get_monotonic_time(); 0: never */
    bool found;
} kept = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* The question that libpq would ask. */
static bool find_credentials(void)
{
    OM_uint32 ignored;
    gss_cred_id_t credentials = GSS_C_NO_CREDENTIAL;
    OM_uint32 status = gss_acquire_cred(&ignored, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE,
                                        &credentials, NULL, NULL);
    if (credentials != GSS_C_NO_CREDENTIAL)
        gss_release_cred(&ignored, &credentials);
    return status == GSS_S_COMPLETE;
}

static bool has_credentials(void)
{
    if (!late_library_load(&gssapi_library, NULL))
        return true; /* not known: libpq is to find out */
    pthread_mutex_lock(&kept.mutex);
    if (!kept.looked_at || g_get_monotonic_time() - kept.looked_at > KEPT_US) {
        /* It may wait for a server of Kerberos: the answer is as old as its end. */
        kept.found = find_credentials();
        kept.looked_at = g_get_monotonic_time();
    }
    bool found = kept.found;
    pthread_mutex_unlock(&kept.mutex);
    return found;
}

#else

static bool has_credentials(void)
{
    return true;
}

#endif

/* A service file or the environment may say gssencmode, which a keyword of ours would override. */
const char *postgres_gssencmode(const DbUrl *url)
{
    bool is_said = db_url_parameter(url, "gssencmode") || db_url_parameter(url, "service") ||
                   g_getenv("PGGSSENCMODE") || g_getenv("PGSERVICE");
    return is_said || has_credentials() ? NULL : "disable";
}
