"""Starlette under uvicorn."""

import driving
import starlette  # before the processes are forked
import uvicorn

assert starlette


def serve(body, listener):
    uvicorn.Server(uvicorn.Config("starlette_app:app", loop="asyncio", log_level="warning")).run(sockets=[listener])


driving.serve_each(serve)
