/* What kind a statement is. */
#include "split_support.h"

enum {
    PG = 1 << DIALECT_POSTGRES,
    MY = 1 << DIALECT_MYSQL,
    MARIA = 1 << DIALECT_MARIADB,
    LITE = 1 << DIALECT_SQLITE
};
#define MYS (MY | MARIA)
#define ALL (PG | MYS | LITE)

typedef struct KindCase {
    int dialects;
    const char *sql;
    StatementKind kind;
} KindCase;

static const KindCase CASES[] = {
    {ALL, "create table t (a int)", STATEMENT_DDL},
    {ALL, "CREATE TEMPORARY TABLE t (a int)", STATEMENT_DDL},
    {ALL, "alter table t add b int", STATEMENT_DDL},
    {ALL, "drop table t", STATEMENT_DDL},
    {PG | MYS, "truncate t", STATEMENT_DDL},
    {PG | MYS, "grant all on t to u", STATEMENT_DDL},
    {PG | MYS, "revoke all on t from u", STATEMENT_DDL},
    {PG, "comment on table t is 'x'", STATEMENT_DDL},
    {MYS, "rename table a to b", STATEMENT_DDL},
    {PG, "alter type t add value 'x'", STATEMENT_DDL},
    {PG, "refresh materialized view concurrently m", STATEMENT_DDL},
    {PG, "create index i on t (a)", STATEMENT_DDL},
    {PG, "drop index i", STATEMENT_DDL},
    {PG, "reindex table t", STATEMENT_DDL},
    {PG, "reindex (concurrently off) table t", STATEMENT_DDL},
    {PG, "cluster t using i", STATEMENT_DDL},
    {PG, "cluster verbose t", STATEMENT_DDL},
    {PG, "security label on table t is 'x'", STATEMENT_DDL},
    {PG, "import foreign schema s from server f into t", STATEMENT_DDL},
    {PG, "reassign owned by a to b", STATEMENT_DDL},
    {PG, "alter table t detach partition p", STATEMENT_DDL},
    {PG, "alter database d set timezone = 'UTC'", STATEMENT_DDL},
    {LITE, "reindex t", STATEMENT_DDL},
    {MYS, "analyze table t", STATEMENT_DDL},
    {MYS, "analyze local tables t", STATEMENT_DDL},
    {MYS, "optimize table t", STATEMENT_DDL},
    {MYS, "repair table t", STATEMENT_DDL},
    {MYS, "check table t", STATEMENT_DDL},
    {MYS, "flush privileges", STATEMENT_DDL},
    {MYS, "set password = 'x'", STATEMENT_DDL},
    {MYS, "install plugin p soname 'x'", STATEMENT_DDL},
    {MYS, "uninstall plugin p", STATEMENT_DDL},
    {MYS, "start replica", STATEMENT_DDL},
    {MYS, "stop slave", STATEMENT_DDL},
    {MYS, "change master to master_host = 'x'", STATEMENT_DDL},
    {MYS, "reset master", STATEMENT_DDL},
    {MYS, "cache index t in k", STATEMENT_DDL},
    {MYS, "load index into cache t", STATEMENT_DDL},
    {MYS, "import table from 'x'", STATEMENT_DDL},

    {ALL, "insert into t values (1)", STATEMENT_DML},
    {ALL, "Update t set a = 1", STATEMENT_DML},
    {ALL, "delete from t", STATEMENT_DML},
    {MYS | LITE, "replace into t values (1)", STATEMENT_DML},
    {PG, "merge into t using u on true when matched then delete", STATEMENT_DML},
    {MYS, "load data infile 'x' into table t", STATEMENT_DML},
    {MYS, "load xml infile 'x' into table t", STATEMENT_DML},
    {PG, "copy t from '/x'", STATEMENT_DML},
    {ALL, "with x as (select 1) insert into t select * from x", STATEMENT_DML},
    {ALL, "with recursive x (a, b) as (select 1), y as (select ')') update t set a = 1", STATEMENT_DML},
    {PG, "with x as not materialized (select 1) delete from t", STATEMENT_DML},
    {PG, "with x as (delete from t returning *) select * from x", STATEMENT_DML},
    {PG, "with update as (select 1), insert as (select 2) delete from t", STATEMENT_DML},
    {LITE, "with x as (select 1) replace into t select * from x", STATEMENT_DML},
    {PG, "explain analyze delete from t", STATEMENT_DML},
    {PG, "explain analyse verbose with x as (select 1) delete from t", STATEMENT_DML},
    {PG, "explain (verbose, analyze, format json) insert into t values (1)", STATEMENT_DML},
    {PG, "explain (analyze true) explain analyze update t set a = 1", STATEMENT_DML},
    {MYS, "analyze update t set a = 1", STATEMENT_DML},
    {MYS, "analyze format = json delete from t", STATEMENT_DML},
    {MYS, "explain analyze format = tree delete from t", STATEMENT_DML},

    {ALL, "select 1", STATEMENT_SELECT},
    {ALL, "values (1)", STATEMENT_SELECT},
    {ALL, "/* x */ -- y\n select 1", STATEMENT_SELECT},
    {PG | MYS, "((select 1) union select 2)", STATEMENT_SELECT},
    {PG | MYS, "table t", STATEMENT_SELECT},
    {PG | MYS, "show tables", STATEMENT_SELECT},
    {ALL, "with x as (select 1) select * from x", STATEMENT_SELECT},
    {PG, "with update as (select 1) select 1", STATEMENT_SELECT},
    {PG, "with x as (select 1) search depth first by a, insert set o select 1", STATEMENT_SELECT},
    {ALL, "explain delete from t", STATEMENT_SELECT},
    {PG, "explain (costs off, analyze off) delete from t", STATEMENT_SELECT},
    {PG, "explain (verbose) select analyze from t", STATEMENT_SELECT},
    {PG, "explain analyze select 1", STATEMENT_SELECT},
    {LITE, "explain query plan delete from t", STATEMENT_SELECT},
    {MYS, "describe t", STATEMENT_SELECT},
    {MYS, "desc t", STATEMENT_SELECT},
    {MYS, "checksum table t", STATEMENT_SELECT},
    {MYS, "analyze select 1", STATEMENT_SELECT},

    {ALL, "begin", STATEMENT_BEGIN},
    {PG | LITE, "begin transaction", STATEMENT_BEGIN},
    {LITE, "begin immediate", STATEMENT_BEGIN},
    {PG | MYS, "start transaction read only", STATEMENT_BEGIN},
    {MYS, "xa start 'x'", STATEMENT_BEGIN},
    {MYS, "xa begin 'x'", STATEMENT_BEGIN},
    {ALL, "commit", STATEMENT_COMMIT},
    {PG | MYS, "COMMIT AND CHAIN", STATEMENT_COMMIT},
    {PG | LITE, "end", STATEMENT_COMMIT},
    {LITE, "end transaction", STATEMENT_COMMIT},
    {PG, "prepare transaction 'x'", STATEMENT_COMMIT},
    {MYS, "xa prepare 'x'", STATEMENT_COMMIT},
    {MYS, "xa commit 'x'", STATEMENT_COMMIT},
    {ALL, "rollback", STATEMENT_ROLLBACK},
    {ALL, "rollback transaction", STATEMENT_ROLLBACK},
    {PG, "abort", STATEMENT_ROLLBACK},
    {MYS, "xa rollback 'x'", STATEMENT_ROLLBACK},
    {ALL, "rollback to a", STATEMENT_SAVEPOINT},
    {ALL, "rollback transaction to savepoint a", STATEMENT_SAVEPOINT},
    {MYS, "rollback work to savepoint a", STATEMENT_SAVEPOINT},
    {ALL, "savepoint a", STATEMENT_SAVEPOINT},
    {ALL, "release savepoint a", STATEMENT_SAVEPOINT},

    {PG | MYS, "set a = 1", STATEMENT_SET},
    {PG, "reset all", STATEMENT_SET},
    {LITE, "pragma foreign_keys = on", STATEMENT_SET},
    {MYS, "use db", STATEMENT_SET},
    {MYS, "reset persist", STATEMENT_SET},
    {MYS, "get diagnostics @n = number", STATEMENT_SET},

    {MYS, "lock tables t write", STATEMENT_LOCK_TABLES},
    {MYS, "lock table t read", STATEMENT_LOCK_TABLES},
    {MYS, "unlock tables", STATEMENT_LOCK_TABLES},
    {MYS, "flush tables with read lock", STATEMENT_LOCK_TABLES},
    {MYS, "flush local tables a, b with read lock", STATEMENT_LOCK_TABLES},
    {MYS, "flush tables a for export", STATEMENT_LOCK_TABLES},

    {PG | MYS, "call p()", STATEMENT_CALL},
    {PG | MYS, "do 'x'", STATEMENT_CALL},
    {PG | MYS, "execute x", STATEMENT_CALL},
    {MYS, "handler t open", STATEMENT_CALL},
    {MYS, "begin not atomic select 1; end", STATEMENT_CALL},
    {MYS, "if a then select 1; end if", STATEMENT_CALL},
    {MYS, "signal sqlstate '45000'", STATEMENT_CALL},

    {PG, "create index concurrently i on t (a)", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "create unique index /* x */ concurrently i on t (a)", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "drop index concurrently i", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "reindex index concurrently i", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "reindex (verbose) table concurrently t", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "reindex (verbose, concurrently) table t", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "reindex database d", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "reindex schema s", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "create database d", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "drop database d", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "create tablespace s location '/x'", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "drop tablespace s", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "alter system set a = 1", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "alter database \"d\" set tablespace s", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "alter table if exists s.t detach partition p concurrently", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "cluster", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "cluster verbose", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "cluster (verbose)", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "commit prepared 'x'", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "rollback prepared 'x'", STATEMENT_NOT_IN_TRANSACTION},
    {PG, "discard all", STATEMENT_NOT_IN_TRANSACTION},
    {PG | LITE, "vacuum", STATEMENT_NOT_IN_TRANSACTION},
    {LITE, "attach 'x' as y", STATEMENT_NOT_IN_TRANSACTION},
    {LITE, "detach y", STATEMENT_NOT_IN_TRANSACTION},

    {PG | LITE, "analyze t", STATEMENT_OTHER},
    {PG, "lock table t in share mode", STATEMENT_OTHER},
    {PG, "copy t to stdout", STATEMENT_OTHER},
    {PG, "copy (select a from t) to '/x'", STATEMENT_OTHER},
    {PG, "listen x", STATEMENT_OTHER},
    {PG, "prepare x as delete from t", STATEMENT_OTHER},
    {PG, "replace into t values (1)", STATEMENT_OTHER},
    {MYS, "end", STATEMENT_OTHER},
    {MYS, "drop prepare x", STATEMENT_OTHER},
    {ALL, "creates", STATEMENT_OTHER},
    {ALL, "\"create\" x", STATEMENT_OTHER},
    {ALL, "with", STATEMENT_OTHER},
    {ALL, "(", STATEMENT_OTHER},
    {ALL, "zzz", STATEMENT_OTHER},
    {ALL, "a", STATEMENT_OTHER},

    {MYS, "/*!40101 set names utf8 */", STATEMENT_SET},
    {MYS, "/*M!100100 create */ /*! table t (a int) */", STATEMENT_DDL},
    {MYS,
     "/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ /*!50003 TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET "
     "x=1 */",
     STATEMENT_DDL},
    {MYS, "set statement max_statement_time = 1 for alter table t add b int", STATEMENT_DDL},
    {MYS, "set statement a = (select 1), b = 2 for with x as (select 1) select 1", STATEMENT_SELECT},
};

Test(kind, by_the_leading_words)
{
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        for (int dialect = 0; dialect < DIALECT_COUNT; dialect++) {
            g_autofree char *problems = NULL;
            g_autoptr(Script) script = NULL;
            if ((CASES[i].dialects & 1 << dialect) == 0)
                continue;
            script = split_text((Dialect)dialect, CASES[i].sql, &problems);
            cr_assert(script != NULL && script_length(script) == 1, "%s: %s", CASES[i].sql, problems);
            cr_expect_eq(script_at(script, 0)->kind, CASES[i].kind, "%s: %s: kind %d instead of %d",
                         dialect_name((Dialect)dialect), CASES[i].sql, (int)script_at(script, 0)->kind,
                         (int)CASES[i].kind);
        }
    }
}

Test(kind, copy_with_data)
{
    g_autofree char *problems = NULL;
    g_autoptr(Script) script = split_text(DIALECT_POSTGRES, "copy t from stdin;\n\\.\n", &problems);

    cr_expect_eq(script_at(script, 0)->kind, STATEMENT_COPY);
}
