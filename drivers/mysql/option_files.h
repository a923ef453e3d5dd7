/* Option files of MySQL and MariaDB clients (~/.my.cnf and those of the system). Only the files of this
 * folder use it. */
#pragma once

#include <glib.h>

/* What the groups [client], [client-server], [client-mariadb] and [dbfleet] of the usual files say, as name
 * -> value; a later file or line wins. Names have dashes and no "loose-"; a switch without a value is "1",
 * with "skip-" or "disable-" before its name "0". Files that cannot be read, or that anybody may write to,
 * are passed over, as those clients do. Sources: MariaDB Knowledge Base "Configuring MariaDB with Option
 * Files", MySQL manual 4.2.2.2 "Using Option Files". Not to be changed: others may have the same. Caller
 * frees (g_hash_table_unref). */
GHashTable *mysql_option_files_read(void);
/* The next reading looks at the files again, however soon it comes. */
void mysql_option_files_forget(void);

/* True for the ways a switch is turned on; false for NULL. */
gboolean mysql_option_is_on(const char *value);
