# requires: grpc
# timeout: 60
"""A synchronous gRPC server with a thread pool, and a channel to it, both kept at module level."""

import concurrent.futures

import grpc

_server = grpc.server(concurrent.futures.ThreadPoolExecutor(2))
_server.add_generic_rpc_handlers(
    [
        grpc.method_handlers_generic_handler(
            "Voice", {"Shout": grpc.unary_unary_rpc_method_handler(lambda request, context: request.upper())}
        )
    ]
)
_port = _server.add_insecure_port("127.0.0.1:0")
_server.start()
_channel = grpc.insecure_channel("127.0.0.1:{}".format(_port))


def handler(event, context):
    return _channel.unary_unary("/Voice/Shout")(b"hello", timeout=30).decode()
