#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a command on a terminal of its own and answers what it asks: terminal.py COMMAND...

Passphrases get PASSPHRASE (default: one of four words), questions with [y/N] get y. What the
command prints goes to standard output; its exit status is ours. Background jobs that it leaves
behind go on without the terminal.
"""
import os
import pty
import re
import select
import signal
import sys
import time

ANSWERS = [
    (re.compile(rb"[Pp]assphrase[^\n]*: ?$"),
     os.environ.get("PASSPHRASE", "correct horse battery staple").encode() + b"\n"),
    (re.compile(rb"\[y/N\]:? ?$"), b"y\n"),
]
TIMEOUT_SEC = 60


def main():
    pid, terminal = pty.fork()
    if pid == 0:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # for jobs that outlive the terminal
        os.execvp(sys.argv[1], sys.argv[1:])
    deadline = time.monotonic() + TIMEOUT_SEC
    unanswered = b""
    status = None
    while True:
        ready, _, _ = select.select([terminal], [], [], 0.05)
        if ready:
            try:
                output = os.read(terminal, 65536)
            except OSError:  # everybody has closed it
                output = b""
            if not output and status is not None:
                break
            os.write(1, output.replace(b"\r\n", b"\n"))
            unanswered += output
            for pattern, answer in ANSWERS:
                if pattern.search(unanswered):
                    os.write(terminal, answer)
                    unanswered = b""
        elif status is not None:
            break
        if status is None:
            ended, waited = os.waitpid(pid, os.WNOHANG)
            if ended:
                status = os.waitstatus_to_exitcode(waited)
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            print("# no end after", TIMEOUT_SEC, "s")
            return 124
    return status if status >= 0 else 128 - status


sys.exit(main())
