#!/usr/bin/env bats
# The house: what each room may include. The table is docs/architecture.md's.

setup() {
  cd "$DBFLEET_SOURCE"
}

# allowed ROOM "files" "pattern of what may be included besides its own room and system headers"
allowed() {
  local room=$1 pattern=$2 bad
  bad=$(git ls-files "$room/*.c" "$room/*.h" | xargs grep -nE '^#include "' |
    grep -vE "#include \"($pattern)" || true)
  [ -z "$bad" ] || { echo "$room includes what it may not:"; echo "$bad"; return 1; }
}

libraries() {
  local room=$1 forbidden=$2 bad
  bad=$(git ls-files "$room/*.c" "$room/*.h" | xargs grep -nE "^#include <($forbidden)" || true)
  [ -z "$bad" ] || { echo "$room includes a library it may not:"; echo "$bad"; return 1; }
}

@test "base uses nothing of ours" { allowed src/base 'base/'; }
@test "sql uses base" { allowed src/sql 'base/|sql/'; }
@test "drivers use base and sql" { allowed drivers 'base/|sql/|drivers/'; }
@test "net uses base" { allowed src/net 'base/|net/'; }
@test "inventory uses base" { allowed inventory 'base/|inventory/'; }
@test "plans use base, sql and the fleet's plain types" { allowed plans 'base/|sql/|plans/|inventory/(fleet|rollout)\.h'; }
@test "schema uses base, sql and the driver interface" { allowed src/schema 'base/|sql/|schema/|drivers/driver\.h'; }
@test "run uses base, sql, plans, inventory, drivers, schema and net" { allowed src/run 'base/|net/|sql/|plans/|inventory/|drivers/(driver|version_store)\.h|schema/|run/'; }

# within ROOM "FOLDER" "pattern of what of src/run's folders its files may include besides what lies in src/run itself"
within() {
  local folder=$1 pattern=$2 bad
  bad=$(git ls-files "src/run/$folder/*.c" "src/run/$folder/*.h" | xargs grep -nE '^#include "run/[a-z]+/' |
    grep -vE "#include \"run/($pattern)/" || true)
  [ -z "$bad" ] || { echo "src/run/$folder includes what it may not:"; echo "$bad"; return 1; }
}

@test "within run, a step knows of no job, and a job of no gate; the ledger and doctor stand beside them" {
  within step step
  within job 'job|step'
  within ledger ledger
  within gates 'gates|step'
  within doctor 'doctor|job|ledger'
}
@test "dev uses base, sql, drivers, schema, lint, inventory, plans and run" { allowed src/dev 'base/|sql/|drivers/driver\.h|schema/|lint/|inventory/|plans/|run/|dev/'; }
@test "lint uses base, sql and schema" { allowed src/lint 'base/|sql/|schema/|lint/'; }
@test "report uses base, plans and what others found" { allowed src/report 'base/|plans/|report/|run/(results|doctor/checkup|doctor/explanation)\.h|schema/(model|diff)\.h|dev/[a-z_]*_result\.h|lint/lint_result\.h'; }
@test "cli uses base" { allowed src/cli 'base/|cli/'; }

@test "no room includes another's internal header" {
  bad=$(git ls-files '*.c' '*.h' | grep -v '^tests/' | while read -r file; do
    grep -HnoE '#include "[a-z/_]*_internal\.h"' "$file" | while IFS=: read -r path line text; do
      header=${text#*\"}
      header=${header%\"}
      room=$(dirname "$header")
      case "$(dirname "$path")" in
        *"$room" | *"$room"/*) ;;
        *) echo "$path:$line: $text" ;;
      esac
    done
  done)
  [ -z "$bad" ] || { echo "$bad"; return 1; }
}

@test "each client library stays in its driver's folder" {
  bad=$(git ls-files 'src/*.c' 'src/*.h' 'inventory/*.c' 'inventory/*.h' 'plans/*.c' 'plans/*.h' 'drivers/*.c' 'drivers/*.h' |
    xargs grep -nE '^#include <(libpq|libpq-fe|mysql|mariadb|sqlite3|errmsg|mysqld_error)' |
    grep -vE '^drivers/(postgres/.*libpq|mysql/.*(mysql|mariadb|errmsg)|sqlite/.*sqlite3)' || true)
  [ -z "$bad" ] || { echo "$bad"; return 1; }
}

@test "libyaml, jansson and libcrypto stay in base" {
  bad=$(git ls-files '*.c' '*.h' | grep -vE '^(src/base|tests)/' | xargs grep -nE '^#include <(yaml\.h|jansson\.h|openssl/)' || true)
  [ -z "$bad" ] || { echo "$bad"; return 1; }
}

@test "libcurl and libmicrohttpd stay in net" {
  bad=$(git ls-files '*.c' '*.h' | grep -vE '^(src/net|tests)/' | xargs grep -nE '^#include <(curl/|microhttpd)' || true)
  [ -z "$bad" ] || { echo "$bad"; return 1; }
}

@test "only commands print" {
  bad=$(git ls-files '*.c' | grep -vE '^(src/commands|src/cli|tests)/' | xargs grep -nE '\b(printf|puts|fputs|g_print|g_printerr)\(' || true)
  [ -z "$bad" ] || { echo "$bad"; return 1; }
}

@test "threads and locks are POSIX ones" {
  bad=$(git ls-files '*.c' '*.h' | xargs grep -nE '\b(GMutex|GThread|GCond|g_mutex_|g_thread_new|g_async_queue)' || true)
  [ -z "$bad" ] || { echo "$bad"; return 1; }
}

@test "nothing in the project refers to what lies outside it" {
  bad=$(git grep -nE '\.\./shared' -- . ':!tests' ':!.ci' || true)
  [ -z "$bad" ] || { echo "$bad"; return 1; }
}
