# requires: grpc
# timeout: 60
"""A gRPC server and client in the loop, both closed; gRPC's own polling thread stays."""

import asyncio

import grpc


async def shout(request, context):
    return request.upper()


async def main():
    server = grpc.aio.server()
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler("Voice", {"Shout": grpc.unary_unary_rpc_method_handler(shout)})]
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel("127.0.0.1:{}".format(port)) as channel:
            return (await channel.unary_unary("/Voice/Shout")(b"hello")).decode()
    finally:
        await server.stop(None)


def handler(event, context):
    return asyncio.run(main())
