/* Floor: the least that a client can do for an upgrade: threads that take database after database, open one
 * connection with the bare client library, and send the messages of a folder, one round trip each. No
 * retries, no report, no checks but for errors: what a migration tool adds to this is its own cost.
 *
 *   floor postgres|mysql|sqlite THREADS FOLDER < databases
 *
 * Prints how many rows the last message gave, of all databases together: what scripts/bench checks the
 * others' work with. A line of the input names one database: a libpq connection string, "host port user
 * password database", or a file. */
#include <dirent.h>
#include <errno.h>
#include <libpq-fe.h>
#include <mysql.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_MESSAGES 8192
#define MAX_DATABASES 100000

/* *rows: how many rows the last message gave. */
typedef bool (*Apply)(const char *database, unsigned long *rows);

static char *messages[MAX_MESSAGES];
static size_t message_count;
static char *databases[MAX_DATABASES];
static size_t database_count;
static size_t next_database;
static unsigned failures;
static unsigned long all_rows;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- One database ---- */

static bool apply_postgres(const char *database, unsigned long *rows)
{
    PGconn *connection = PQconnectdb(database);
    bool good = PQstatus(connection) == CONNECTION_OK;
    for (size_t i = 0; good && i < message_count; i++) {
        PGresult *result = PQexec(connection, messages[i]);
        ExecStatusType status = PQresultStatus(result);
        good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
        *rows = (unsigned long)PQntuples(result);
        PQclear(result);
    }
    if (!good)
        fprintf(stderr, "floor: %s", PQerrorMessage(connection));
    PQfinish(connection);
    return good;
}

static bool run_packet(MYSQL *connection, const char *message, unsigned long *rows)
{
    int status = mysql_real_query(connection, message, strlen(message));
    while (status == 0) {
        MYSQL_RES *result = mysql_store_result(connection);
        *rows = result ? mysql_num_rows(result) : 0;
        if (result)
            mysql_free_result(result);
        status = mysql_next_result(connection);
    }
    return status == -1; /* no more results; above 0 is an error */
}

static bool apply_mysql(const char *database, unsigned long *rows)
{
    char host[128], user[128], password[128], name[128];
    unsigned port;
    if (sscanf(database, "%127s %u %127s %127s %127s", host, &port, user, password, name) != 5)
        return false;
    MYSQL *connection = mysql_init(NULL);
    bool good =
        mysql_real_connect(connection, host, user, password, name, port, NULL, CLIENT_MULTI_STATEMENTS);
    for (size_t i = 0; good && i < message_count; i++)
        good = run_packet(connection, messages[i], rows);
    if (!good)
        fprintf(stderr, "floor: %s\n", mysql_error(connection));
    mysql_close(connection);
    return good;
}

static int count_row(void *rows, int columns, char **values, char **names)
{
    (void)columns, (void)values, (void)names;
    ++*(unsigned long *)rows;
    return 0;
}

static bool apply_sqlite(const char *database, unsigned long *rows)
{
    sqlite3 *connection = NULL;
    bool good = sqlite3_open(database, &connection) == SQLITE_OK;
    for (size_t i = 0; good && i < message_count; i++) {
        *rows = 0;
        good = sqlite3_exec(connection, messages[i], count_row, rows, NULL) == SQLITE_OK;
    }
    if (!good)
        fprintf(stderr, "floor: %s: %s\n", database, sqlite3_errmsg(connection));
    sqlite3_close(connection);
    return good;
}

/* ---- All of them ---- */

static void *work(void *data)
{
    Apply apply = *(Apply *)data;
    mysql_thread_init();
    for (;;) {
        pthread_mutex_lock(&lock);
        size_t index = next_database++;
        pthread_mutex_unlock(&lock);
        if (index >= database_count)
            break;
        unsigned long rows = 0;
        bool good = apply(databases[index], &rows);
        pthread_mutex_lock(&lock);
        failures += !good;
        all_rows += rows;
        pthread_mutex_unlock(&lock);
    }
    mysql_thread_end();
    return NULL;
}

static int is_message(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static char *read_file(const char *folder, const char *name)
{
    char path[4096];
    size_t length = 0, room = 1 << 16;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    char *text = malloc(room);
    for (size_t got; file && text && (got = fread(text + length, 1, room - length - 1, file)) > 0;) {
        length += got;
        if (length + 1 == room)
            text = realloc(text, room *= 2);
    }
    if (!file || !text) {
        fprintf(stderr, "floor: %s: %s\n", path, strerror(errno));
        exit(1);
    }
    fclose(file);
    text[length] = '\0';
    return text;
}

static void read_messages(const char *folder)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_message, alphasort);
    for (int i = 0; i < count && i < MAX_MESSAGES; i++)
        messages[message_count++] = read_file(folder, entries[i]->d_name);
}

static void read_databases(void)
{
    char line[4096];
    while (database_count < MAX_DATABASES && fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        databases[database_count++] = strdup(line);
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        Apply apply;
    } kinds[] = {{"postgres", apply_postgres}, {"mysql", apply_mysql}, {"sqlite", apply_sqlite}};
    Apply apply = NULL;
    for (size_t i = 0; argc == 4 && i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, argv[1]) == 0)
            apply = kinds[i].apply;
    if (!apply) {
        fputs("usage: floor postgres|mysql|sqlite THREADS FOLDER < databases\n", stderr);
        return 64;
    }
    size_t count = strtoul(argv[2], NULL, 10);
    pthread_t threads[256];
    mysql_library_init(0, NULL, NULL);
    read_messages(argv[3]);
    read_databases();
    count = count < 1 ? 1 : count > 256 ? 256 : count;
    for (size_t i = 0; i < count; i++)
        pthread_create(&threads[i], NULL, work, &apply);
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    printf("%lu\n", all_rows);
    return failures > 0;
}
