#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""One TCP transfer, whole and unharmed, over a path that may lose most of it.

  tcp_transfer.py serve ADDRESS PORT           answers each connection with the digest of what it sent
  tcp_transfer.py send ADDRESS PORT BYTES S    sends that many, on as many connections as it takes

A path that loses half of all round trips may keep one connection waiting for minutes, because TCP
doubles its pauses. Another one need not wait, so each has TRY_SECONDS, and all together have S.
"""
import hashlib
import os
import socket
import sys
import threading
import time

TRY_SECONDS = 20


def answer(connection):
    digest = hashlib.sha256()
    try:
        with connection:
            connection.settimeout(2 * TRY_SECONDS)
            while data := connection.recv(65536):
                digest.update(data)
            connection.sendall(digest.digest())
    except OSError:
        pass  # given up by the other side


def serve(address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, port), family=family) as listener:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=answer, args=(connection,), daemon=True).start()


def send_once(address, port, data):
    with socket.create_connection((address, port), timeout=TRY_SECONDS) as connection:
        deadline = time.monotonic() + TRY_SECONDS
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        digest = b""
        while len(digest) < hashlib.sha256().digest_size:
            connection.settimeout(max(0.001, deadline - time.monotonic()))
            part = connection.recv(64)
            if not part:
                raise OSError("closed before the digest came")
            digest += part
        if digest != hashlib.sha256(data).digest():
            sys.exit("what arrived is not what was sent")


def send(address, port, size, seconds):
    data = os.urandom(size)
    start = time.monotonic()
    tries = 0
    while time.monotonic() - start < seconds:
        tries += 1
        try:
            send_once(address, port, data)
        except OSError as error:
            print(f"try {tries}: {error}")
            time.sleep(0.5)
        else:
            print(f"{size} bytes in {time.monotonic() - start:.1f} s, {tries} connections")
            return
    sys.exit(f"{tries} connections failed in {seconds} s")


if sys.argv[1] == "serve":
    serve(sys.argv[2], int(sys.argv[3]))
else:
    send(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
