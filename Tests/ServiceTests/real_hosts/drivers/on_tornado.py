"""A Tornado server with one request handler, as its own guide starts it."""

import asyncio
import json

import driving
import tornado.httpserver
import tornado.web


class Plain(tornado.web.RequestHandler):
    def get(self):
        self.write(json.dumps(driving.body.call()))


class Coroutine(tornado.web.RequestHandler):
    async def get(self):
        self.write(json.dumps(await driving.body.await_()))


def serve(body, listener):
    body.load()

    async def main():
        application = tornado.web.Application([("/", Coroutine if body.is_async else Plain)])
        server = tornado.httpserver.HTTPServer(application)
        listener.setblocking(False)
        server.add_sockets([listener])
        await asyncio.Event().wait()

    asyncio.run(main())


driving.serve_each(serve)
