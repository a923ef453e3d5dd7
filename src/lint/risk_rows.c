/* Rows of risk. Sources: PostgreSQL manual, ALTER TABLE "Notes", CREATE INDEX, 13.3 "Explicit Locking";
 * MariaDB Knowledge Base "InnoDB Online DDL Operations"; MySQL manual "Online DDL Operations"; SQLite "ALTER
 * TABLE". */
#include "lint/lint_risk_internal.h"

enum { PG = LINT_PG, MY = LINT_MY, MARIA = 1 << DIALECT_MARIADB, LITE = LINT_LITE, ALL = LINT_ALL };

enum {
    NOTHING = 0,
    DROPS = 1 << RISK_DROPS,
    REWRITES = 1 << RISK_REWRITES,
    LOCKS = 1 << RISK_LOCKS,
    FOR_GOOD = 1 << RISK_IRREVERSIBLE
};

#define NONE RISK_NAMES_NONE
#define LIST RISK_NAMES_LIST
#define BEHIND_ON RISK_NAMES_ON
#define TABLE RISK_NAMES_TABLE
#define COLUMN RISK_NAMES_COLUMN

#define COPIED "the table is copied while readers and writers wait"
#define COPY_BLOCKS "the table is copied while writers wait"

const RiskRow lint_risk_statements[] = {
    /* ---- What is gone ---- */
    {ALL, "drop table|tables [if] [exists]", NULL, NULL, DROPS | FOR_GOOD, LIST,
     "the table goes with all its rows", NULL},
    {PG, "drop schema [if] [exists]", NULL, NULL, DROPS | FOR_GOOD, LIST,
     "the schema goes; with CASCADE all its tables do", NULL},
    {PG | MY, "drop database|schema [if] [exists]", NULL, NULL, DROPS | FOR_GOOD, LIST,
     "the database goes with all its tables", NULL},
    {MY, "create or replace database|schema", NULL, NULL, DROPS | FOR_GOOD, LIST,
     "a database of this name goes with all its tables", NULL},
    {MY, "create or replace table", NULL, NULL, DROPS | FOR_GOOD, LIST,
     "CREATE OR REPLACE TABLE drops the table that is there with all its rows", "DL05"},
    {PG, "drop materialized view [if] [exists]", NULL, NULL, DROPS, LIST,
     "what the view holds goes; it can be made again from its tables", NULL},
    {PG | MARIA, "drop sequence [if] [exists]", NULL, NULL, DROPS | FOR_GOOD, LIST,
     "the number that the sequence has reached goes", NULL},
    {PG, "drop type|domain|extension [if] [exists]", "cascade", NULL, DROPS | FOR_GOOD, LIST,
     "CASCADE also drops the columns of that type, with what they hold", NULL},
    {PG, "drop owned", NULL, NULL, DROPS | FOR_GOOD, NONE, "everything that the role owns goes", NULL},
    {ALL, "truncate [table] [only]", NULL, NULL, DROPS | FOR_GOOD, LIST, "every row is removed", "DL04"},
    {ALL, "delete from [only]", NULL, "where", DROPS | FOR_GOOD, LIST, "every row is removed", "DL04"},
    {ALL, "delete from [only]", NULL, NULL, DROPS | FOR_GOOD, LIST, "rows are removed", NULL},
    {MY, "delete", NULL, NULL, DROPS | FOR_GOOD, NONE, "rows are removed", NULL},
    {ALL, "with", "delete from", NULL, DROPS | FOR_GOOD, NONE, "rows are removed", NULL},
    {PG, "merge into", "then delete", NULL, DROPS | FOR_GOOD, LIST, "rows are removed", NULL},
    {ALL, "update [only]", NULL, "where;limit", FOR_GOOD, LIST,
     "every row is changed, and what it held is not kept", "DL04"},
    /* ---- What is copied ---- */
    {PG, "cluster [verbose]", NULL, NULL, REWRITES, LIST,
     "CLUSTER copies the table and stops its readers and writers", "LK11"},
    {PG, "vacuum full [freeze] [verbose] [analyze]", NULL, NULL, REWRITES, LIST,
     "VACUUM FULL copies the table and stops its readers and writers", "LK11"},
    {PG, "vacuum (", "full", NULL, REWRITES, NONE,
     "VACUUM FULL copies the table and stops its readers and writers", "LK11"},
    {MY, "optimize [no_write_to_binlog|local] table|tables", NULL, NULL, REWRITES, LIST,
     "OPTIMIZE TABLE rebuilds the table", "LK11"},
    {LITE, "vacuum", NULL, NULL, REWRITES, NONE, "the whole file is copied", NULL},
    {PG, "alter database", "set tablespace", NULL, REWRITES, NONE, "the whole database is copied", NULL},
    /* ---- Who waits ---- */
    {PG, "create [unique] index", NULL, "index concurrently", LOCKS, BEHIND_ON,
     "writers wait while the index is built", NULL},
    {MY, "create|drop [unique|fulltext|spatial] index", "algorithm [=] copy;lock [=] shared|exclusive", NULL,
     LOCKS, BEHIND_ON, "the statement asks for it: writers wait", "LK09"},
    {PG, "drop index [if] [exists]", NULL, "concurrently", LOCKS, LIST,
     "DROP INDEX stops readers and writers of its table while it waits and runs", "LK04"},
    {PG, "reindex [table|index|schema|database|system]", NULL, "concurrently", LOCKS, LIST,
     "REINDEX stops writers, and readers that would use the index, until it is done", "LK04"},
    {PG, "refresh materialized view", NULL, "concurrently", LOCKS, LIST,
     "REFRESH MATERIALIZED VIEW stops its readers until it is done", "LK04"},
    {MY, "create fulltext|spatial index", NULL, NULL, LOCKS, BEHIND_ON,
     "writers wait while the index is built", NULL},
    {PG, "lock [table] [only]", NULL, "access share;row share", LOCKS, LIST,
     "others wait for the lock until the step is over", NULL},
    {0}};

const RiskRow lint_risk_actions[] = {
    /* ---- What is gone ---- */
    {ALL, "drop|truncate partition", NULL, NULL, DROPS | FOR_GOOD, TABLE,
     "a partition is dropped with all its rows", "DL05"},
    {MY, "drop system versioning", NULL, NULL, DROPS | REWRITES | FOR_GOOD, TABLE,
     "the history of every row goes, and the table is copied", NULL},
    {MY, "discard tablespace|partition", NULL, NULL, DROPS | FOR_GOOD, TABLE, "the table's file goes", NULL},
    {MY, "drop primary key", NULL, NULL, REWRITES, TABLE, COPY_BLOCKS, NULL},
    {PG, "drop constraint", NULL, NULL, NOTHING, NONE, NULL, NULL},
    {MY, "drop constraint|foreign|index|key|check|system|period", NULL, NULL, NOTHING, NONE, NULL, NULL},
    {PG | MY, "drop [column] [if] [exists] *", NULL, NULL, DROPS | FOR_GOOD, COLUMN,
     "goes with what it holds", NULL},
    {LITE, "drop [column] *", NULL, NULL, DROPS | REWRITES | FOR_GOOD, COLUMN,
     "goes with what it holds, and every row is written without it", NULL},
    /* ---- Who waits ---- */
    {PG, "detach partition", NULL, "concurrently;finalize", LOCKS, TABLE,
     "DETACH PARTITION stops readers and writers of the whole partitioned table", "LK04"},
    {PG, "attach partition", NULL, NULL, LOCKS, TABLE,
     "the partition's readers and writers wait while its rows are checked, unless a CHECK says the same",
     NULL},
    {PG, "alter [column] * set not null", NULL, NULL, LOCKS, TABLE,
     "every row is read while readers and writers wait, unless a valid CHECK says the same", NULL},
    {PG | MY, "add foreign key;add constraint * foreign key;add constraint foreign key", NULL, "not valid",
     LOCKS, TABLE, "all rows are checked while writers to both tables wait", NULL},
    {PG, "add unique|primary|exclude;add constraint * unique|primary|exclude", NULL, "using index", LOCKS,
     TABLE, "an index is built while readers and writers wait", NULL},
    {PG | MY, "add check;add constraint * check", NULL, "not valid", LOCKS, TABLE,
     "every row is checked while others wait", NULL},
    {PG, "add not null;add constraint * not null", NULL, "not valid", LOCKS, TABLE,
     "every row is read while readers and writers wait", NULL},
    {MY, "add fulltext|spatial", NULL, NULL, LOCKS, TABLE, "writers wait while the index is built", NULL},
    {MY, "algorithm [=] copy;lock [=] shared|exclusive", NULL, NULL, LOCKS, TABLE,
     "the statement asks for it: writers wait", "LK09"},
    /* ---- What is copied ---- */
    {MY, "add primary;add constraint primary;add constraint * primary", NULL, NULL, REWRITES, TABLE,
     "the table is rebuilt in the order of its key", NULL},
    {MY, "add system versioning", NULL, NULL, REWRITES, TABLE, COPY_BLOCKS, NULL},
    {PG, "add constraint|foreign|unique|primary|exclude|check|not", NULL, NULL, NOTHING, NONE, NULL, NULL},
    {MY, "add constraint|foreign|unique|index|key|check|partition|period", NULL, NULL, NOTHING, NONE, NULL,
     NULL},
    {PG, "alter [column] * [set] [data] type", NULL, NULL, REWRITES, TABLE,
     COPIED ", unless the server can keep its rows as they are", NULL},
    {PG, "alter [column] * set expression", NULL, NULL, REWRITES, TABLE, COPIED, NULL},
    {PG, "set logged|unlogged|tablespace|access", NULL, NULL, REWRITES, TABLE, COPIED, NULL},
    {PG, "add [column] [if] [not] [exists] * serial|bigserial|smallserial|serial2|serial4|serial8", NULL,
     NULL, REWRITES, TABLE, COPIED " to number every row", NULL},
    {PG, "add", "as identity", NULL, REWRITES, TABLE, COPIED " to number every row", NULL},
    {PG, "add", ") stored", NULL, REWRITES, TABLE, COPIED " to fill the generated column", NULL},
    {PG, "add",
     "default [(] random|gen_random_uuid|uuid_generate_v1|uuid_generate_v4|uuidv4|uuidv7|"
     "clock_timestamp|timeofday|nextval",
     NULL, REWRITES, TABLE, COPIED ": the default is another one in each row", NULL},
    {PG, "add", "unique;primary key", NULL, LOCKS, TABLE, "an index is built while readers and writers wait",
     NULL},
    {MY, "modify|change", NULL, NULL, REWRITES, TABLE,
     COPY_BLOCKS ", unless the server can change it in place", NULL},
    {MY, "convert to", NULL, NULL, REWRITES, TABLE, COPY_BLOCKS, NULL},
    {MY, "engine|row_format|key_block_size|force|encryption|encrypted|page_compressed", NULL, NULL, REWRITES,
     TABLE, "the table is rebuilt", NULL},
    {MY, "order by;remove partitioning", NULL, NULL, REWRITES, TABLE, COPY_BLOCKS, NULL},
    {MY, "partition by", NULL, NULL, REWRITES, TABLE,
     "every row is put into its partition while writers wait", NULL},
    {MY, "rebuild|optimize|repair|reorganize|coalesce partition", NULL, NULL, REWRITES, TABLE,
     "partitions are copied while writers wait", NULL},
    {MY, "add", ") stored;) persistent", NULL, REWRITES, TABLE, COPY_BLOCKS " to fill the generated column",
     NULL},
    {MY, "add", "auto_increment", NULL, REWRITES, TABLE, "the table is rebuilt to number every row", NULL},
    {0}};
