#!/usr/bin/env bats
# libpq looks for Kerberos credentials in each connection. dbfleet looks once a second, and leaves it to libpq where there are some.

PREFIX=krb
load lib

setup_file() {
  use_servers
  drop_databases
  make_postgres krb_{1..8}
}

teardown_file() {
  use_servers
  drop_databases
}

setup() {
  use_servers
  new_project
  table_chain 1
  echo "targets: [{name: \"k{1..8}\", url: \"$POSTGRES_URL/krb_{1..8}?sslmode=disable\", $POSTGRES_LOGIN}]" >inventory.yaml
  printf '[libdefaults]\ndefault_realm = EXAMPLE.ORG\n' >krb5.conf
  export KRB5_CONFIG=$PWD/krb5.conf KRB5CCNAME=FILE:$PWD/credentials
}

teardown() {
  [ -z "${writer:-}" ] || kill "$writer" 2>/dev/null || true
}

# traced CALLS: status of all, with these calls in ../trace
traced() {
  strace -f -qq -s 64 -e trace="$1" -e signal=none -o ../trace "$DBFLEET" status >../out 2>&1
  expect 0 status --format json
}

# A credentials cache (file format 4 of MIT Kerberos) with a ticket that nobody made: it names its owner and ends in 2106.
make_credentials() {
  python3 - "$PWD/credentials" <<'END'
import struct, sys
def data(text): return struct.pack(">I", len(text)) + text
def principal(*names): return struct.pack(">II", 1, len(names)) + data(b"EXAMPLE.ORG") + b"".join(map(data, names))
me, tgs = principal(b"tester"), principal(b"krbtgt", b"EXAMPLE.ORG")
ticket = (me + tgs + struct.pack(">H", 18) + data(b"k" * 32) + struct.pack(">IIII", 1, 1, 0xF0000000, 0) + b"\0"
          + struct.pack(">I", 0) + struct.pack(">II", 0, 0) + data(b"no ticket") + data(b""))
open(sys.argv[1], "wb").write(struct.pack(">HH", 0x0504, 0) + me + ticket)
END
}

@test "without credentials the files are looked at once for many targets" {
  traced openat,newfstatat
  echo "krb5.conf: $(grep -c krb5.conf ../trace), credentials: $(grep -c '/credentials"' ../trace)"
  [ "$(grep -c '/credentials"' ../trace)" -ge 1 ]
  [ "$(grep -c '/credentials"' ../trace)" -le 4 ]
}

# Whoever opens the pipe waits for its next writer.
@test "a search that takes longer than its answer holds is not made for each target" {
  mkfifo credentials
  while sleep 1.2; do : >credentials; done 3>&- &
  writer=$!
  traced openat
  grep -c '/credentials"' ../trace
  [ "$(grep -c '/credentials"' ../trace)" -le 6 ]
}

# 80877104, the packet that asks for GSSAPI encryption.
@test "with credentials each connection asks the server for encryption by GSSAPI" {
  make_credentials
  traced sendto,write
  grep -F '\0\0\0\10\4\322\0260' ../trace | head -3
  [ "$(grep -cF '\0\0\0\10\4\322\0260' ../trace)" -ge 8 ]
}

@test "what URL or environment say of GSSAPI is left to libpq" {
  sed -i 's/sslmode=disable/&\&gssencmode=require/' inventory.yaml
  run "$DBFLEET" status
  [[ $output == *GSS* ]] || { echo "$output"; false; }
  sed -i 's/&gssencmode=require//' inventory.yaml
  PGGSSENCMODE=require run "$DBFLEET" status
  [[ $output == *GSS* ]] || { echo "$output"; false; }
}
