"""Django with one view: under its own server (`runserver`), or with REAL_HOST_SERVER=asgi under uvicorn."""

import json
import os
import socketserver

import django
import driving
import uvicorn
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.servers.basehttp import ServerHandler, WSGIRequestHandler, WSGIServer
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

assert ServerHandler
settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="none", MIDDLEWARE=[])
django.setup(set_prefix=False)


def plain(request):
    return HttpResponse(json.dumps(driving.body.call()))


async def coroutine(request):
    return HttpResponse(json.dumps(await driving.body.await_()))


urlpatterns = []


class Server(socketserver.ThreadingMixIn, WSGIServer):
    """What `runserver` makes."""

    daemon_threads = True

    def server_bind(self):
        self.server_name, self.server_port = self.socket.getsockname()
        self.setup_environ()


def serve(body, listener):
    body.load()
    urlpatterns.append(path("", coroutine if body.is_async else plain))
    if os.environ.get("REAL_HOST_SERVER") == "asgi":
        uvicorn.Server(uvicorn.Config(get_asgi_application(), loop="asyncio", log_level="warning")).run(
            sockets=[listener]
        )
        return
    server = Server(listener.getsockname(), WSGIRequestHandler, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.server_bind()
    server.set_app(get_wsgi_application())
    server.serve_forever()


driving.serve_each(serve)
