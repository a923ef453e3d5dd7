/* Server keys: see server_keys.h. Looks every spelling up once, and only if some target's server is not known
 * otherwise. */
#include "run/server_keys.h"

#include "run/pool.h"
#include "run/queue.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>

#define THIS_MACHINE "this machine"

/* ---- Addresses ---- */

static char *address_text(const struct sockaddr *address)
{
    char text[NI_MAXHOST];
    socklen_t size =
        address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    if (getnameinfo(address, size, text, sizeof text, NULL, 0, NI_NUMERICHOST) != 0)
        return NULL;
    /* an IPv4 address in IPv6's clothes */
    return g_strdup(g_str_has_prefix(text, "::ffff:") ? text + strlen("::ffff:") : text);
}

static bool is_loopback(const char *address)
{
    return g_str_has_prefix(address, "127.") || g_str_equal(address, "::1");
}

static bool is_of_this_machine(const char *address)
{
    struct ifaddrs *all = NULL;
    bool found = is_loopback(address);
    if (!found && getifaddrs(&all) != 0)
        return false;
    for (const struct ifaddrs *one = all; one && !found; one = one->ifa_next) {
        int family = one->ifa_addr ? one->ifa_addr->sa_family : AF_UNSPEC;
        if (family != AF_INET && family != AF_INET6)
            continue;
        g_autofree char *text = address_text(one->ifa_addr);
        found = g_strcmp0(text, address) == 0;
    }
    freeifaddrs(all);
    return found;
}

static gint by_text(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* All addresses of a name, sorted: names for one server have the same. */
static char *join_addresses(const struct addrinfo *found)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    for (const struct addrinfo *one = found; one; one = one->ai_next) {
        char *text = address_text(one->ai_addr);
        if (text && is_of_this_machine(text)) {
            g_free(text);
            return g_strdup(THIS_MACHINE);
        }
        if (text)
            g_ptr_array_add(texts, text);
    }
    g_ptr_array_sort(texts, by_text);
    g_ptr_array_add(texts, NULL);
    return g_strjoinv(",", (char **)texts->pdata);
}

static char *look_up(const char *host)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    if (getaddrinfo(host, NULL, &hints, &found) != 0)
        return g_strdup(host);
    char *text = join_addresses(found);
    freeaddrinfo(found);
    return text;
}

static char *system_address(gpointer context, const DbUrl *url)
{
    (void)context;
    const char *host = db_url_host(url), *socket = db_url_parameter(url, "socket");
    g_autofree char *spelled = db_url_server(url);
    if (socket || (host && strchr(host, ',')))
        return g_steal_pointer(&spelled); /* one file, or a list whose order means something */
    bool local = !host || g_path_is_absolute(host);
    g_autofree char *address = local ? g_strdup(THIS_MACHINE) : look_up(host);
    const char *family_end = strstr(spelled, "://");
    return g_strdup_printf("%.*s://%s:%s", (int)(family_end - spelled), spelled, address, db_url_port(url));
}

/* ---- Keys ---- */

typedef struct Known {
    ServerAddress address;
    gpointer context;
    GHashTable *by_spelling; /* Target.server -> identity */
    GHashTable *by_address;  /* address -> identity */
    GHashTable *addresses;   /* Target.server -> address */
} Known;

static const char *identity_at(const GPtrArray *identities, guint index)
{
    return identities ? identities->pdata[index] : NULL;
}

/* A server of another kind may call itself the same. */
static char *key_of_identity(const Target *target, const char *identity)
{
    const char *end = strstr(target->server, "://");
    return g_strdup_printf("%.*s %s", (int)(end ? end - target->server : 0), target->server, identity);
}

static const char *address_of(const Known *self, const Target *target)
{
    const char *known = g_hash_table_lookup(self->addresses, target->server);
    if (known)
        return known;
    char *address = self->address(self->context, target->url);
    g_hash_table_insert(self->addresses, target->server, address);
    return address;
}

/* True if every target's server is known. */
static bool learn_identities(const Known *self, const GPtrArray *targets, const GPtrArray *identities)
{
    bool all = true;
    for (guint i = 0; i < targets->len; i++) {
        const Target *target = targets->pdata[i];
        const char *identity = identity_at(identities, i);
        if (identity)
            g_hash_table_insert(self->by_spelling, target->server, key_of_identity(target, identity));
        all = all && (identity || !*target->server);
    }
    return all;
}

static void learn_addresses(const Known *self, const GPtrArray *targets)
{
    for (guint i = 0; i < targets->len; i++) {
        const Target *target = targets->pdata[i];
        const char *key = g_hash_table_lookup(self->by_spelling, target->server);
        if (key && *target->server)
            g_hash_table_insert(self->by_address, (gpointer)address_of(self, target), (gpointer)key);
    }
}

static char *key_of(const Known *self, const Target *target, const char *identity)
{
    if (!*target->server)
        return g_strdup("");
    if (identity)
        return key_of_identity(target, identity);
    const char *key = g_hash_table_lookup(self->by_spelling, target->server);
    if (!key)
        key = g_hash_table_lookup(self->by_address, address_of(self, target));
    return g_strdup(key ? key : address_of(self, target));
}

GPtrArray *server_keys_new(const GPtrArray *targets, const GPtrArray *identities, ServerAddress address,
                           gpointer context)
{
    GPtrArray *keys = g_ptr_array_new_with_free_func(g_free);
    const Known self = {.address = address ? address : system_address,
                        .context = context,
                        .by_spelling = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free),
                        .by_address = g_hash_table_new(g_str_hash, g_str_equal),
                        .addresses = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free)};
    if (!learn_identities(&self, targets, identities))
        learn_addresses(&self, targets);
    for (guint i = 0; i < targets->len; i++)
        g_ptr_array_add(keys, key_of(&self, targets->pdata[i], identity_at(identities, i)));
    g_hash_table_unref(self.by_address);
    g_hash_table_unref(self.by_spelling);
    g_hash_table_unref(self.addresses);
    return keys;
}

/* ---- On a thread ---- */

#define TICK_US (G_USEC_PER_SEC / 10)

typedef struct Errand {
    const GPtrArray *targets;
    ServerAddress address;
    gpointer context;
    atomic_bool stopped;
    GPtrArray *keys;
    Queue *finished; /* of this, once */
} Errand;

static char *address_unless_stopped(gpointer context, const DbUrl *url)
{
    const Errand *self = context;
    return atomic_load(&self->stopped) ? db_url_server(url) : self->address(self->context, url);
}

static void do_errand(gpointer item, gpointer context)
{
    (void)context;
    Errand *self = item;
    self->keys = server_keys_new(self->targets, NULL, address_unless_stopped, self);
    queue_push(self->finished, self);
}

GPtrArray *server_keys_attend(const GPtrArray *targets, ServerAddress address, gpointer context,
                              bool (*tick)(gpointer tick_context), gpointer tick_context)
{
    g_autoptr(GError) error = NULL;
    Errand self = {.targets = targets,
                   .address = address ? address : system_address,
                   .context = context,
                   .finished = queue_new()};
    Pool *pool = pool_new(1, do_errand, NULL, &error);
    if (!pool)
        g_error("%s", error->message); /* not one thread: the process cannot go on */
    pool_submit(pool, &self);
    while (!queue_pop(self.finished, TICK_US))
        if (!tick(tick_context))
            atomic_store(&self.stopped, true);
    pool_free(pool);
    queue_free(self.finished);
    if (atomic_load(&self.stopped))
        g_clear_pointer(&self.keys, g_ptr_array_unref);
    return self.keys;
}

/* ---- Names ---- */

char *server_host_name(const Target *target)
{
    const char *host = *target->server ? db_url_host(target->url) : NULL;
    return g_strdup(host && !g_path_is_absolute(host) ? host : "localhost");
}

bool server_keys_matter(const GPtrArray *targets, unsigned per_host)
{
    bool matter = per_host > 0;
    for (guint i = 0; i < targets->len && !matter; i++)
        matter = ((const Target *)targets->pdata[i])->settings.per_host > 0;
    return matter;
}
