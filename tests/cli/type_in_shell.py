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
SETUP = {
    "bash": "source <(dbfleet completion bash); PS1='> '; bind 'set bell-style none'",
    "zsh": "autoload -Uz compinit; compinit -u -D; source <(dbfleet completion zsh); compdef _dbfleet dbfleet; PS1='> '",
}


def read(terminal, until, seconds):
    text, end = "", time.monotonic() + seconds
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                text += os.read(terminal, 65536).decode("utf-8", "replace")
            except OSError:
                break
        plain = re.sub(r"\x1b(\[[0-9;?>=]*[A-Za-z]|[()][A-Z0-9]|[=>]|\][^\x07]*\x07)", "", text)
        if re.search(until, plain):
            return plain
    return re.sub(r"\x1b(\[[0-9;?>=]*[A-Za-z]|[()][A-Z0-9]|[=>]|\][^\x07]*\x07)", "", text)


def main():
    shell, text = sys.argv[1:]
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TERM="xterm", HISTFILE="")
        os.execvp(START[shell][0], START[shell])
    os.write(terminal, (SETUP[shell] + "; echo rea''dy\n").encode())
    read(terminal, r"(?m)^ready", 20)
    time.sleep(0.2)
    os.write(terminal, (text + "\t").encode())
    time.sleep(1)
    os.write(terminal, b"MARK")
    shown = read(terminal, "MARK", 20)
    os.write(terminal, b"\x15exit\n")
    print(shown.replace("\r", "\n"))


main()
