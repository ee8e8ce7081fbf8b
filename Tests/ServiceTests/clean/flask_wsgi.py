# requires: flask
"""Flask, which has no loop; its test client calls it."""

from flask import Flask, jsonify, request

app = Flask(__name__)


@app.route("/hello")
def hello():
    return jsonify(hello=request.args["name"])


def handler(event, context):
    with app.test_client() as client:
        return client.get("/hello?name=there").get_json()
