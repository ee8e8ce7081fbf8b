# payloads: [{"size": 1}, {"size": 2}, {"size": 3}, {"size": 4}, {"size": 4}, {"size": 4}, {"size": 4}, {"size": 4}]
"""A pool of connections that grows over the invocations, up to its limit and no further."""

import socket

LIMIT = 4
_pool = []


def handler(event, context):
    while len(_pool) < min(event["size"], LIMIT):
        _pool.append(socket.socketpair())
    for left, right in _pool:
        left.sendall(b"x")
        right.recv(1)
    return len(_pool)
