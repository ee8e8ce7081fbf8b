"""A runtime of one's own: AWS Lambda's Runtime API with nothing but the standard library."""

import http.client
import json
import os


def handler(event):
    """What the function does."""
    if event.get("fail"):
        raise ValueError("the event says so")
    return {"greeting": "Hello from Python!", "event": event}


def main():
    """Asks for an invocation and posts what the handler makes of it, again and again over one connection."""
    api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    while True:
        api.request("GET", "/2018-06-01/runtime/invocation/next")
        invocation = api.getresponse()
        event = json.load(invocation)
        path = "/2018-06-01/runtime/invocation/{}/".format(invocation.headers["Lambda-Runtime-Aws-Request-Id"])
        try:
            result, path = handler(event), path + "response"
        except Exception as error:
            result = {"errorMessage": str(error), "errorType": type(error).__name__}
            path += "error"
        api.request("POST", path, json.dumps(result))
        api.getresponse().read()


if __name__ == "__main__":
    main()
