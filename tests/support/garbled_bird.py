#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Stands in the place of BIRD, and shows its neighbours in a form that nobody knows.

To be called by the name "bird", by which a routing daemon is known. It routes nothing.
"""
import os
import socketserver
import sys

GARBLED = "1024-aronet_babel:\n two neighbours\n0000 \n"
ANSWERS = {"configure check": "0020 Configuration OK\n", "configure": "0003 Reconfigured\n"}


class Client(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode())

    def handle(self):
        self.say("0001 BIRD 2.17.6 ready.\n")
        for line in self.rfile:
            command = line.decode().split('"')[0].strip()
            if command.startswith("show babel neighbors"):
                self.say(GARBLED)
            else:
                self.say(ANSWERS.get(command, "0000 \n"))


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


if "--version" in sys.argv:
    print("BIRD version 2.17.6")
    sys.exit()
path = sys.argv[sys.argv.index("-s") + 1]
if os.path.exists(path):
    os.unlink(path)
Server(path, Client).serve_forever()
