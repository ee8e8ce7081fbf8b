# requires: fastapi mangum
# host: per-invocation
# info: deprecated-api
"""FastAPI on Lambda by way of Mangum, which asks for the current loop and finds the host's."""

from fastapi import FastAPI
from mangum import Mangum

app = FastAPI()


@app.get("/hello")
async def hello(name: str = "nobody"):
    return {"hello": name}


mangum = Mangum(app, lifespan="off")
EVENT = {
    "version": "2.0",
    "routeKey": "$default",
    "rawPath": "/hello",
    "rawQueryString": "name=there",
    "headers": {"host": "there"},
    "requestContext": {"http": {"method": "GET", "path": "/hello", "sourceIp": "127.0.0.1", "protocol": "HTTP/1.1"}},
    "isBase64Encoded": False,
}


def handler(event, context):
    return mangum(EVENT, context)["body"]
