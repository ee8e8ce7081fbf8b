"""Flask's own server, one thread for each request."""

import driving
import flask
import werkzeug.serving

app = flask.Flask(__name__)


def serve(body, listener):
    body.load()
    if body.is_async:

        @app.get("/")
        async def coroutine():
            return flask.jsonify(await body.await_())

    else:

        @app.get("/")
        def plain():
            return flask.jsonify(body.call())

    werkzeug.serving.make_server("127.0.0.1", 0, app, threaded=True, fd=listener.fileno()).serve_forever()


driving.serve_each(serve)
