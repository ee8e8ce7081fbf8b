"""A Starlette application with one route; imported by the server, as an application's module is."""

import driving
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

driving.body.load()


def plain(request):
    return JSONResponse(driving.body.call())


async def coroutine(request):
    return JSONResponse(await driving.body.await_())


app = Starlette(routes=[Route("/", coroutine if driving.body.is_async else plain)])
