"""Azure Functions' runtime library, with an application of one timer function; what the host sends it is made up."""

import asyncio
import pathlib
import sys
import tempfile
import types
from unittest import mock

import azure.functions
import azure_functions_runtime as runtime
import driving

assert azure.functions
APPLICATION = """
import azure.functions
import driving

driving.body.load()
app = azure.functions.FunctionApp()
outcomes = []


@app.function_name("function")
@app.timer_trigger(arg_name="timer", schedule="0 0 * * * *")
{}def function(timer: azure.functions.TimerRequest = None):
    outcomes.append({})
"""


def call(body):
    folder = tempfile.mkdtemp(prefix="lw-")
    shape = ("async ", "await driving.body.await_()") if body.is_async else ("", "driving.body.call()")
    pathlib.Path(folder, "function_app.py").write_text(APPLICATION.format(*shape))
    sys.path.insert(0, folder)
    runtime.start_threadpool_executor()
    return asyncio.run(answer(folder))


async def answer(folder):
    protos = mock.MagicMock()
    init = types.SimpleNamespace(capabilities={}, function_app_directory=folder)
    request = mock.MagicMock(properties={"host": "127.0.0.1", "protos": protos})
    request.request.worker_init_request = init
    await runtime.worker_init_request(request)
    failure = protos.StatusResult.call_args_list[-1]
    assert "exception" not in failure.kwargs, failure
    metadata = protos.RpcFunctionMetadata.call_args
    request.request.invocation_request = invocation = mock.MagicMock(input_data=[])
    invocation.function_id = metadata.kwargs["function_id"]
    application = sys.modules["function_app"]
    for number in range(driving.INVOCATIONS):
        await asyncio.ensure_future(runtime.invocation_request(request))  # as the worker does with each message
        assert len(application.outcomes) == number + 1, protos.StatusResult.call_args_list[-1]
        await asyncio.sleep(driving.body.pause_seconds)
    return application.outcomes


driving.call_each(call)
