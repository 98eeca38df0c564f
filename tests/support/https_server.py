#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""An https server for tests, well-behaved and hostile: https_server.py ADDRESS PORT CERT KEY DIRECTORY

Serves the files of DIRECTORY with ETag and 304. Paths below /hostile/ do what no server should; see
HOSTILE. Prints "ready PORT" when it listens, and each request to standard error. PORT 0: any.
"""
import gzip
import hashlib
import http.server
import os
import socket
import ssl
import sys
import time

MIB = 1 << 20


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        hostile = HOSTILE.get(self.path)
        if hostile:
            hostile(self)
        else:
            self.serve_file()

    def serve_file(self):
        path = os.path.join(self.server.directory, os.path.basename(self.path))
        try:
            with open(path, "rb") as file:
                body = file.read()
        except OSError:
            self.answer(404, b"<html>not here</html>")
            return
        etag = '"%s"' % hashlib.sha256(body).hexdigest()[:16]
        if self.headers.get("If-None-Match") == etag:
            self.answer(304, None, ETag=etag)
        else:
            self.answer(200, body, ETag=etag)

    def answer(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if body is not None:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if body:
            self.wfile.write(body)

    def stream(self, chunks):
        """A body without a length; the connection ends it."""
        self.close_connection = True
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        for chunk in chunks:
            self.wfile.write(chunk)

    def endless(self):
        def zeros():
            while True:
                yield bytes(65536)
        self.stream(zeros())

    def slow(self):
        def drops():
            while True:
                yield b"x"
                time.sleep(1)
        self.stream(drops())

    def truncated(self):
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"only this")

    def bomb(self):
        body = gzip.compress(bytes(64 * MIB))
        self.answer(200, body, Content_Encoding="gzip")

    def damaged(self):
        self.answer(200, b"this is not gzip at all", Content_Encoding="gzip")

    def compressed(self):
        self.answer(200, gzip.compress(b"a registry\n"), Content_Encoding="gzip", ETag='"z"')

    def long_etag(self):
        self.answer(200, b"a registry\n", ETag='"' + 1000 * "e" + '"')

    def split_etag(self):
        self.answer(200, b"a registry\n", ETag='"a b"')

    def to_http(self):
        self.answer(302, b"", Location="http://127.0.0.1:1/registry.json")

    def to_file(self):
        self.answer(302, b"", Location="file:///etc/passwd")

    def once(self):
        self.answer(302, b"", Location="/hostile/compressed")

    def loop(self):
        self.answer(302, b"", Location="/hostile/loop")

    def nothing(self):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def empty(self):
        self.answer(200, b"")

    def log_request(self, code="-", size="-"):
        sys.stderr.write("%s %s %d\n" % (self.path, self.headers.get("User-Agent"), code))
        sys.stderr.flush()

    def log_message(self, *arguments):
        pass


HOSTILE = {
    "/hostile/%s" % name.replace("_", "-"): getattr(Handler, name)
    for name in ("endless", "slow", "truncated", "bomb", "damaged", "compressed", "long_etag",
                 "split_etag", "to_http", "to_file", "once", "loop", "nothing", "empty")
}


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # a client that has had enough


def main():
    address, port, certificate, key, directory = sys.argv[1:6]
    if ":" in address:
        Server.address_family = socket.AF_INET6
    server = Server((address, int(port)), Handler)
    server.directory = directory
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True,
                                        do_handshake_on_connect=False)
    print("ready", server.server_address[1], flush=True)
    server.serve_forever()


main()
