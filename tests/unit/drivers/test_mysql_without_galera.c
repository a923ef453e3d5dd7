/* A MariaDB server that was built without Galera, and so does not know its variables: a relay before the real
 * one changes their names in what the client asks. */
#include "mysql_fixture.h"

#include <poll.h>

typedef struct Relay {
    int listener;
    int client;
    int server;
    char port[8];
    pthread_t thread;
} Relay;

static int connect_to_server(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((guint16)atoi(fixture.url->port)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return connect(server, (struct sockaddr *)&address, sizeof address) == 0 ? server : -1;
}

static void rename_variables(char *bytes, gsize length)
{
    for (char *at = bytes; (at = memmem(at, length - (gsize)(at - bytes), "wsrep_", 6));)
        memcpy(at, "no_rep", 6);
}

/* False at the end of one side. */
static bool pass_on(int from, int to, bool renames)
{
    char bytes[16384];
    gssize length = read(from, bytes, sizeof bytes);
    if (length > 0 && renames)
        rename_variables(bytes, (gsize)length);
    return length > 0 && write(to, bytes, (gsize)length) == length;
}

static void *relay(void *data)
{
    Relay *self = data;
    self->client = accept(self->listener, NULL, NULL);
    self->server = connect_to_server();
    struct pollfd sides[] = {{.fd = self->client, .events = POLLIN}, {.fd = self->server, .events = POLLIN}};
    bool open = self->client >= 0 && self->server >= 0;
    while (open && poll(sides, 2, -1) > 0) {
        if (sides[0].revents)
            open = pass_on(self->client, self->server, true);
        if (open && sides[1].revents)
            open = pass_on(self->server, self->client, false);
    }
    close(self->server);
    close(self->client);
    return NULL;
}

static void relay_start(Relay *self)
{
    self->listener = silent_socket(self->port);
    cr_assert_eq(pthread_create(&self->thread, NULL, relay, self), 0);
}

static void relay_wait(Relay *self)
{
    pthread_join(self->thread, NULL);
    close(self->listener);
}

static Connection *open_through(const Relay *self, ConnectOptions options)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text =
        g_strdup_printf("mysql://%s:%s@127.0.0.1:%s/%s?sslmode=disable", fixture.url->user,
                        fixture.url->password, self->port, fixture.url->database);
    Connection *connection = open_text(text, options, &error);
    expect_ok(connection != NULL, error, text);
    return connection;
}

TestSuite(mysql_without_galera, .init = use_mysql, .fini = remove_database, .timeout = 60);

Test(mysql_without_galera, is_worked_with)
{
    Relay self = {0};
    relay_start(&self);
    Connection *connection = open_through(&self, (ConnectOptions){.lock_timeout_ms = 7000});
    expect_value(connection, "SELECT @@lock_wait_timeout", "7");
    expect_value(connection, "SELECT DATABASE()", connection->server.database);
    expect_failing(connection, "SELECT @@wsrep_on", DB_ERROR_STATEMENT, "1193");
    connection_close(connection);
    relay_wait(&self);
}

Test(mysql_without_galera, is_previewed_read_only)
{
    Relay self = {0};
    relay_start(&self);
    Connection *connection = open_through(&self, (ConnectOptions){.read_only = true});
    expect_failing(connection, "CREATE TABLE t (a INT)", DB_ERROR_READ_ONLY, "1792");
    connection_close(connection);
    relay_wait(&self);
}
