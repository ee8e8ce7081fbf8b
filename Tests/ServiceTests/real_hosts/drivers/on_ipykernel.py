"""A Jupyter kernel: each invocation is a cell, and so is the import of the body."""

import ast
import os
import tempfile

import driving
from ipykernel.kernelapp import IPKernelApp
from jupyter_client import BlockingKernelClient
from jupyter_client.connect import write_connection_file

CELLS = {
    False: "outcome = driving.body.call()",
    True: "outcome = await driving.body.await_()",
}
path = os.path.join(tempfile.mkdtemp(prefix="lw-"), "kernel.json")


def serve(body, listener):
    os.environ["IPYTHONDIR"] = os.path.dirname(path)
    kernel = IPKernelApp.instance(connection_file=path)
    kernel.initialize([])
    kernel.start()


def talk(body, listener):
    client = BlockingKernelClient(connection_file=path)
    client.load_connection_file()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=driving.PATIENCE_SECONDS)
        ask(client, "import driving; outcome = driving.body.load()")
        for _ in range(driving.INVOCATIONS):
            yield ask(client, CELLS[body.is_async])
            body.pause()
    finally:
        client.stop_channels()


def ask(client, cell):
    reply = client.execute(cell, user_expressions={"outcome": "outcome"}, reply=True, timeout=driving.PATIENCE_SECONDS)[
        "content"
    ]
    if reply["status"] != "ok":
        raise RuntimeError(reply)
    return ast.literal_eval(reply["user_expressions"]["outcome"]["data"]["text/plain"])


write_connection_file(path)
driving.talk_to_each(serve, lambda *them: list(talk(*them)))
