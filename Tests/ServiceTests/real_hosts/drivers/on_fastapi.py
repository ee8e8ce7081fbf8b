"""FastAPI under uvicorn."""

import driving
import fastapi  # before the processes are forked
import uvicorn

assert fastapi


def serve(body, listener):
    uvicorn.Server(uvicorn.Config("fastapi_app:app", loop="asyncio", log_level="warning")).run(sockets=[listener])


driving.serve_each(serve)
