# requires: boto3
# timeout: 60
"""boto3 from a coroutine, by way of the executor, against a local endpoint; its connections are kept."""

import asyncio
import http.server
import threading

import boto3


class Endpoint(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b'{"TableNames": ["orders"]}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


_server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
_server.daemon_threads = True
threading.Thread(target=_server.serve_forever, daemon=True).start()
client = boto3.client(
    "dynamodb",
    region_name="eu-west-1",
    endpoint_url="http://127.0.0.1:{}".format(_server.server_port),
    aws_access_key_id="none",
    aws_secret_access_key="none",
)


async def main():
    loop = asyncio.get_running_loop()
    answers = await asyncio.gather(*(loop.run_in_executor(None, client.list_tables) for _ in range(3)))
    return [each["TableNames"][0] for each in answers]


def handler(event, context):
    return asyncio.run(main())
