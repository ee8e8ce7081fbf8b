"""A real server in a thread, asked with a blocking client where no loop runs, and shut down."""

import http.server
import threading
import urllib.request


class Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_):
        pass


def handler(event, context):
    with http.server.HTTPServer(("127.0.0.1", 0), Hello) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            with urllib.request.urlopen("http://127.0.0.1:{}/".format(server.server_port), timeout=5) as answer:
                return answer.read().decode()
        finally:
            server.shutdown()
            thread.join()
