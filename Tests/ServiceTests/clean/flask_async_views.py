# requires: flask asgiref
"""Flask with async views: asgiref runs a loop for each call, in a thread where need be."""

import asyncio

from flask import Flask

app = Flask(__name__)


@app.route("/")
async def hello():
    first, second = await asyncio.gather(asyncio.sleep(0.001, "one"), asyncio.sleep(0.001, "two"))
    return first + second


def handler(event, context):
    return app.test_client().get("/").get_data(as_text=True)
