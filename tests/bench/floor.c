/* Floor: the least that a client can do for an upgrade: threads that take database after database, open one
 * connection with the bare client library, and send the messages of a folder, one round trip each. No
 * retries, no report, no checks but for errors: what a migration tool adds to this is its own cost.
 *
 *   floor postgres|mysql|sqlite THREADS FOLDER [FIRST] < databases
 *
 * With a folder FIRST its messages go to all databases before those of FOLDER go to any, over connections
 * that stay open. Prints how many rows the last message gave, of all databases together: what scripts/bench
 * checks the others' work with. A line of the input names one database: a libpq connection string, "host port
 * user password database", or a file. */
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

typedef struct Kind {
    const char *name;
    void *(*open)(const char *database); /* NULL: it could not be; said */
    /* *rows: how many rows the message gave. False: it failed; said. */
    bool (*send)(void *connection, const char *message, unsigned long *rows);
    void (*close)(void *connection);
} Kind;

typedef struct Messages {
    char *texts[MAX_MESSAGES];
    size_t count;
} Messages;

typedef struct Database {
    char *line;
    void *connection; /* NULL: not open */
    bool failed;
} Database;

static Messages to_send, to_send_first;
static Database databases[MAX_DATABASES];
static size_t database_count;
static size_t next_database;
static unsigned failures;
static unsigned long all_rows;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- One database ---- */

static void *open_postgres(const char *database)
{
    PGconn *connection = PQconnectdb(database);
    if (PQstatus(connection) == CONNECTION_OK)
        return connection;
    fprintf(stderr, "floor: %s", PQerrorMessage(connection));
    PQfinish(connection);
    return NULL;
}

static bool send_postgres(void *connection, const char *message, unsigned long *rows)
{
    PGresult *result = PQexec(connection, message);
    ExecStatusType status = PQresultStatus(result);
    bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    *rows = (unsigned long)PQntuples(result);
    if (!good)
        fprintf(stderr, "floor: %s", PQerrorMessage(connection));
    PQclear(result);
    return good;
}

static void close_postgres(void *connection)
{
    PQfinish(connection);
}

static void *open_mysql(const char *database)
{
    char host[128], user[128], password[128], name[128];
    unsigned port;
    if (sscanf(database, "%127s %u %127s %127s %127s", host, &port, user, password, name) != 5)
        return NULL;
    MYSQL *connection = mysql_init(NULL);
    if (mysql_real_connect(connection, host, user, password, name, port, NULL, CLIENT_MULTI_STATEMENTS))
        return connection;
    fprintf(stderr, "floor: %s\n", mysql_error(connection));
    mysql_close(connection);
    return NULL;
}

static bool send_mysql(void *connection, const char *message, unsigned long *rows)
{
    int status = mysql_real_query(connection, message, strlen(message));
    while (status == 0) {
        MYSQL_RES *result = mysql_store_result(connection);
        *rows = result ? mysql_num_rows(result) : 0;
        if (result)
            mysql_free_result(result);
        status = mysql_next_result(connection);
    }
    if (status == -1) /* no more results; above 0 is an error */
        return true;
    fprintf(stderr, "floor: %s\n", mysql_error(connection));
    return false;
}

static void close_mysql(void *connection)
{
    mysql_close(connection);
}

static void *open_sqlite(const char *database)
{
    sqlite3 *connection = NULL;
    if (sqlite3_open(database, &connection) == SQLITE_OK)
        return connection;
    fprintf(stderr, "floor: %s: %s\n", database, sqlite3_errmsg(connection));
    sqlite3_close(connection);
    return NULL;
}

static int count_row(void *rows, int columns, char **values, char **names)
{
    (void)columns, (void)values, (void)names;
    ++*(unsigned long *)rows;
    return 0;
}

static bool send_sqlite(void *connection, const char *message, unsigned long *rows)
{
    *rows = 0;
    if (sqlite3_exec(connection, message, count_row, rows, NULL) == SQLITE_OK)
        return true;
    fprintf(stderr, "floor: %s: %s\n", sqlite3_db_filename(connection, NULL), sqlite3_errmsg(connection));
    return false;
}

static void close_sqlite(void *connection)
{
    sqlite3_close(connection);
}

static const Kind kinds[] = {{"postgres", open_postgres, send_postgres, close_postgres},
                             {"mysql", open_mysql, send_mysql, close_mysql},
                             {"sqlite", open_sqlite, send_sqlite, close_sqlite}};
static const Kind *kind;

static bool apply(Database *database, const Messages *messages, unsigned long *rows)
{
    if (!database->connection)
        database->connection = kind->open(database->line);
    bool good = database->connection != NULL;
    for (size_t i = 0; good && i < messages->count; i++)
        good = kind->send(database->connection, messages->texts[i], rows);
    return good;
}

/* ---- All of them ---- */

/* The databases that are left, with these messages; the last ones end their connections. */
static void *work(void *data)
{
    const Messages *messages = data;
    mysql_thread_init();
    for (;;) {
        pthread_mutex_lock(&lock);
        size_t index = next_database++;
        pthread_mutex_unlock(&lock);
        if (index >= database_count)
            break;
        Database *database = &databases[index];
        unsigned long rows = 0;
        bool good = !database->failed && apply(database, messages, &rows);
        if (database->connection && (!good || messages == &to_send)) {
            kind->close(database->connection);
            database->connection = NULL;
        }
        pthread_mutex_lock(&lock);
        failures += !good && !database->failed;
        all_rows += messages == &to_send ? rows : 0;
        pthread_mutex_unlock(&lock);
        database->failed = !good;
    }
    mysql_thread_end();
    return NULL;
}

static void work_on_all(Messages *messages, size_t count)
{
    pthread_t threads[256];
    next_database = 0;
    count = count < 1 ? 1 : count > 256 ? 256 : count;
    for (size_t i = 0; i < count; i++)
        pthread_create(&threads[i], NULL, work, messages);
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
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

static void read_messages(Messages *messages, const char *folder)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_message, alphasort);
    for (int i = 0; i < count && i < MAX_MESSAGES; i++)
        messages->texts[messages->count++] = read_file(folder, entries[i]->d_name);
}

static void read_databases(void)
{
    char line[4096];
    while (database_count < MAX_DATABASES && fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        databases[database_count++].line = strdup(line);
    }
}

int main(int argc, char **argv)
{
    for (size_t i = 0; (argc == 4 || argc == 5) && i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, argv[1]) == 0)
            kind = &kinds[i];
    if (!kind) {
        fputs("usage: floor postgres|mysql|sqlite THREADS FOLDER [FIRST] < databases\n", stderr);
        return 64;
    }
    size_t threads = strtoul(argv[2], NULL, 10);
    mysql_library_init(0, NULL, NULL);
    read_messages(&to_send, argv[3]);
    read_databases();
    if (argc == 5) {
        read_messages(&to_send_first, argv[4]);
        work_on_all(&to_send_first, threads);
    }
    work_on_all(&to_send, threads);
    printf("%lu\n", all_rows);
    return failures > 0;
}
