"""The connection is opened, used and closed by one asyncio.run."""

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


async def ask():
    reader, writer = await asyncio.open_connection(*server.server_address)
    try:
        writer.write(b"ready?\n")
        return (await reader.readline()).decode()
    finally:
        writer.close()
        await writer.wait_closed()


def handler(event, context):
    return asyncio.run(ask())
