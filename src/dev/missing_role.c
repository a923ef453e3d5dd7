/* Missing roles: reads the role's name from the server's message, which is the only place that has it. */
#include "dev/missing_role.h"

#include "dev/dev_servers_internal.h"

#include <string.h>

#define UNDEFINED_OBJECT "42704"
#define DUPLICATE_OBJECT "42710"
#define UNIQUE_VIOLATION "23505" /* what two CREATE ROLE at the same moment end in */

/* role "app" does not exist; NULL: it is about something else. */
static char *missing_role(const GError *error)
{
    const DbErrorDetail *detail = db_error_detail(error);
    const char *before = "role \"", *behind = "\" does not exist";
    if (!detail || g_strcmp0(detail->code, UNDEFINED_OBJECT) != 0)
        return NULL;
    const char *start = strstr(error->message, before);
    const char *end = start ? strstr(start, behind) : NULL;
    return end ? g_strndup(start + strlen(before), (gsize)(end - start) - strlen(before)) : NULL;
}

bool scratch_may_have_roles(const Scratch *scratch)
{
    const ScratchDatabase *self = (const ScratchDatabase *)scratch;
    return self->server->is_private || scratch->servers->project->create_missing_roles;
}

/* Another command made it meanwhile. */
static bool is_there_already(const GError *error)
{
    const DbErrorDetail *detail = error ? db_error_detail(error) : NULL;
    return detail &&
           (g_strcmp0(detail->code, DUPLICATE_OBJECT) == 0 || g_strcmp0(detail->code, UNIQUE_VIOLATION) == 0);
}

bool scratch_make_missing_role(Scratch *scratch, const GError *error)
{
    g_autofree char *name = missing_role(error);
    if (!name || !scratch_may_have_roles(scratch))
        return false;
    DevServers *servers = scratch->servers;
    const DevServer *server = ((const ScratchDatabase *)scratch)->server;
    g_autofree char *ident = sql_quote_ident(scratch->dialect, name);
    g_autofree char *sql = g_strdup_printf("CREATE ROLE %s NOLOGIN", ident);
    g_autoptr(GError) problem = NULL;
    pthread_mutex_lock(&servers->guard);
    bool made = server->admin && connection_run(server->admin, sql, &problem);
    pthread_mutex_unlock(&servers->guard);
    return made || is_there_already(problem);
}
