"""A WSGI application without a framework; imported by the server, as an application's module is."""

import json

import driving

driving.body.load()


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(driving.body.call()).encode()]
