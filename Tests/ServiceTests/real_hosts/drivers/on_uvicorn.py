"""uvicorn, as `uvicorn asgi_app:app` runs it; REAL_HOST_LOOP names its kind of loop."""

import os

import driving
import uvicorn


def serve(body, listener):
    kind = os.environ.get("REAL_HOST_LOOP", "asyncio")
    uvicorn.Server(uvicorn.Config("asgi_app:app", loop=kind, log_level="warning")).run(sockets=[listener])


driving.serve_each(serve)
