/* Private kinds: what the servers are called, where they are found and what they are told. Rows only. */
#include "dev/private_server_internal.h"

#include <signal.h>
#include <stddef.h>

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Nothing is kept, so nothing waits for a disk. Deadlocks and locks of many tables are of interest. */
const PrivateKind private_postgres = {
    .name = "postgresql",
    .product = "PostgreSQL",
    .package = "postgresql",
    .users = LIST("postgres", "nobody"),
    .programs = LIST("postgres"),
    .installer = "initdb",
    .folders = LIST("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin"),
    .marker = "(PostgreSQL) ",
    .make = LIST("-D", "{folder}/data", "-U", "postgres", "--auth=trust", "--encoding=UTF8",
                 "--locale=C.UTF-8", "--no-sync", "--wal-segsize=1"),
    .run = LIST("-D", "{folder}/data", "-k", "{folder}", "-c", "listen_addresses=", "-c",
                "unix_socket_permissions=0700", "-c", "fsync=off", "-c", "full_page_writes=off", "-c",
                "synchronous_commit=off", "-c", "autovacuum=off", "-c", "wal_level=minimal", "-c",
                "max_wal_senders=0", "-c", "shared_buffers=32MB", "-c", "max_locks_per_transaction=1024",
                "-c", "max_prepared_transactions=10", "-c", "jit=off", "-c", "lc_messages=C", "-c",
                "logging_collector=off", "-c", "log_destination=stderr"),
    .url = "postgresql://postgres@/postgres?host={folder}",
    .stop_signal = SIGQUIT,
};

#define MARIADB_RUN                                                                                          \
    "--no-defaults", "--datadir={folder}/data", "--socket={folder}/socket", "--pid-file={folder}/pid",       \
        "--tmpdir={folder}", "--skip-networking", "--skip-log-bin", "--skip-name-resolve",                   \
        "--event-scheduler=OFF", "--character-set-server=utf8mb4", "--innodb-flush-log-at-trx-commit=0",     \
        "--innodb-doublewrite=0", "--innodb-use-native-aio=0", "--innodb-buffer-pool-size=64M",              \
        "--max-connections=200"

const PrivateKind private_mariadb = {
    .name = "mariadb",
    .product = "MariaDB",
    .package = "mariadb-server",
    .users = LIST("mysql", "nobody"),
    .programs = LIST("mariadbd", "mysqld"),
    .installer = "mariadb-install-db",
    .folders = LIST("/usr/sbin", "/usr/local/sbin", "/usr/libexec", "/usr/local/mysql/bin"),
    .marker = "MariaDB",
    .make = LIST("--no-defaults", "--datadir={folder}/data", "--tmpdir={folder}",
                 "--auth-root-authentication-method=normal", "--skip-test-db", "--innodb-log-file-size=8M"),
    .run = LIST(MARIADB_RUN, "--innodb-log-file-size=8M"),
    .url = "mysql://root@localhost/information_schema?socket={folder}/socket&defaults=off",
    .stop_signal = SIGKILL,
};

const PrivateKind private_mysql = {
    .name = "mysql",
    .product = "MySQL",
    .package = "mysql-server",
    .users = LIST("mysql", "nobody"),
    .programs = LIST("mysqld"),
    .folders = LIST("/usr/sbin", "/usr/local/sbin", "/usr/libexec", "/usr/local/mysql/bin"),
    .marker = "Ver ",
    .not_marker = "MariaDB",
    .make = LIST("--no-defaults", "--initialize-insecure", "--datadir={folder}/data", "--tmpdir={folder}"),
    .run = LIST(MARIADB_RUN, "--mysqlx=OFF"),
    .url = "mysql://root@localhost/information_schema?socket={folder}/socket&defaults=off",
    .stop_signal = SIGKILL,
};
