#!/usr/bin/env bats
# The pager: long listings on a terminal go through it; nothing else does.

setup() {
  cd "$BATS_TEST_TMPDIR"
  unset PAGER DBFLEET_PAGER LESS DBFLEET_NO_PAGER
  printf '%s\n' 'version: 1' 'inventory: inventory.yaml' >dbfleet.yaml
  printf 'targets: [{name: "t{001..100}", url: "sqlite:t{001..100}.db"}]\n' >inventory.yaml
}

# on_terminal ARG...: what a terminal of 24 rows is shown; the exit code is dbfleet's.
on_terminal() {
  run env TERM=xterm python3 - "$DBFLEET" "$@" <<'PYTHON'
import fcntl, os, pty, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.execv(sys.argv[1], sys.argv[1:])
text = b""
try:
    while data := os.read(terminal, 65536):
        text += data
except OSError:
    pass
sys.stdout.write(text.decode().replace("\r\n", "\n"))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PYTHON
}

@test "a long listing goes through the pager, with the options that git gives it" {
  export PAGER='echo "pager, LESS=$LESS"; wc -l'
  on_terminal inventory list
  [ "$status" = 0 ]
  [ "${lines[0]}" = 'pager, LESS=FRX' ]
  [[ ${lines[1]} == *101 ]]
  export DBFLEET_PAGER='echo mine; cat >/dev/null'
  on_terminal inventory list
  [ "$output" = mine ]
  on_terminal inventory --help
  [ "$output" = mine ]
}

@test "what fits, --no-pager, an empty PAGER, cat, and what is no terminal need none" {
  export PAGER='echo paged; cat'
  on_terminal inventory graph
  [[ $output != *paged* ]]
  on_terminal --no-pager inventory list
  [[ $output != *paged* && $output == *t100* ]]
  DBFLEET_NO_PAGER=1 on_terminal inventory list
  [[ $output != *paged* && $output == *t100* ]]
  run "$DBFLEET" inventory list
  [[ $output != *paged* && $output == *t100* ]]
  DBFLEET_PAGER='' on_terminal inventory list
  [[ $output != *paged* && $output == *t100* ]]
  PAGER=cat on_terminal inventory list
  [[ $output == *t100* ]]
}

@test "a pager that cannot be started leaves the text on the terminal" {
  PAGER=/nowhere/pager on_terminal inventory list
  [ "$status" = 0 ]
  [[ $output == *t001* && $output == *t100* ]]
}

@test "a pager that is left early, or fails, changes no exit code" {
  mkdir versions
  PAGER='head -n 1' on_terminal inventory list
  [ "$status" = 0 ]
  PAGER='cat >/dev/null; exit 3' on_terminal status
  [ "$status" = 4 ] # no file is there
  PAGER='exit 3' on_terminal inventory list
  [ "$status" = 0 ]
}
