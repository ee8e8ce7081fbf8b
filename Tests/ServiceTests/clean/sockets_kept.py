"""A listening socket and a client's connection, both kept at module level."""

import socket

_listener = socket.create_server(("127.0.0.1", 0))
_client = socket.create_connection(_listener.getsockname())
_served, _ = _listener.accept()


def handler(event, context):
    _client.sendall(b"kept")
    return _served.recv(10).decode()
