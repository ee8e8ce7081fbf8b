"""hypercorn, as `hypercorn asgi_app:app` runs its worker."""

import os

import driving
from hypercorn.asyncio.run import asyncio_worker, uvloop_worker
from hypercorn.config import Config


def serve(body, listener):
    config = Config()
    config.application_path = "asgi_app:app"
    config.bind = ["fd://{}".format(listener.fileno())]
    worker = uvloop_worker if os.environ.get("REAL_HOST_LOOP") == "uvloop" else asyncio_worker
    worker(config)


driving.serve_each(serve)
