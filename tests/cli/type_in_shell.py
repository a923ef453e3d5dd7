#!/usr/bin/env python3
"""Types into a shell on a pseudo terminal and prints what the line became.

Usage: type_in_shell.py bash|zsh TEXT: the shell starts bare and reads the completion that dbfleet prints for it; TEXT is
typed with a Tab behind it, and then a mark that comes back only once the completion is through.
"""
import os
import pty
import re
import select
import sys
import time

START = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
}
# The prompt comes with the terminal already in the line editor's hands: no time has to be waited for it.
SETUP = {
    "bash": "source <(dbfleet completion bash); bind 'set bell-style none'; PS1='rea''dy> '",
    "zsh": "autoload -Uz compinit; compinit -u -D; source <(dbfleet completion zsh); compdef _dbfleet dbfleet; PS1='rea''dy> '",
}
ESCAPES = re.compile(r"\x1b(\[[0-9;?>=]*[A-Za-z]|[()][A-Z0-9]|[=>]|\][^\x07]*\x07)")


def read(terminal, until, seconds=50):
    """What is shown until the text is there; the process ends with an error where it does not come."""
    text, end = "", time.monotonic() + seconds
    while until not in ESCAPES.sub("", text):
        if not select.select([terminal], [], [], max(0, end - time.monotonic()))[0]:
            sys.exit(f"\"{until}\" was not shown, only: {text!r}")
        text += os.read(terminal, 65536).decode("utf-8", "replace")
    return ESCAPES.sub("", text)


def main():
    shell, text = sys.argv[1:]
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TERM="xterm", HISTFILE="")
        os.execvp(START[shell][0], START[shell])
    os.write(terminal, (SETUP[shell] + "\n").encode())
    read(terminal, "ready> ")
    os.write(terminal, (text + "\tMARK").encode())
    shown = read(terminal, "MARK")
    os.write(terminal, b"\x15exit\n")
    print(shown.replace("\r", "\n"))


main()
