"""Connects once, so that invocations need not. The connection belongs to a loop that ended with the import."""

import asyncio
import socketserver
import threading


class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line)


server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()


async def connect():
    return await asyncio.open_connection(*server.server_address)


reader, writer = asyncio.run(connect())


async def ask():
    writer.write(b"ready?\n")
    await writer.drain()
    return (await reader.readline()).decode()


def handler(event, context):
    try:
        return asyncio.run(ask())
    except RuntimeError:
        if event.get("swallow"):
            return None
        raise
