# requires: redis
"""The synchronous client of redis, kept with its connection, and its server in a thread that serves for ever."""

import socketserver
import threading

import redis


class Serve(socketserver.StreamRequestHandler):
    def handle(self):
        while True:
            head = self.rfile.readline()
            if not head:
                return
            words = []
            for _ in range(int(head[1:])):
                self.rfile.readline()
                words.append(self.rfile.readline().strip())
            answers = {b"INCRBY": b":1\r\n", b"HELLO": b"%1\r\n+proto\r\n:3\r\n"}
            self.wfile.write(answers.get(words[0], b"+OK\r\n"))


_server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Serve)
_server.daemon_threads = True
threading.Thread(target=_server.serve_forever, daemon=True).start()
_client = redis.Redis(port=_server.server_address[1])


def handler(event, context):
    return _client.incr("visits")
