"""A FastAPI application with one route; imported by the server, as an application's module is."""

import driving
from fastapi import FastAPI

driving.body.load()
app = FastAPI()

if driving.body.is_async:

    @app.get("/")
    async def coroutine():
        return await driving.body.await_()

else:

    @app.get("/")
    def plain():
        return driving.body.call()
