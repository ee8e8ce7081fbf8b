"""Calls of a real client, unmodified: takes {"endpoint", "calls": [[operation, arguments]]}, prints what came of each.

Payloads are texts; {"base64": …} stands for a client context. An error is told by its code, message, status and
attempts. "Headers" among the arguments are added to the request.
"""

import base64
import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError


def main():
    order = json.load(sys.stdin)
    client = boto3.client(
        "lambda",
        endpoint_url=order["endpoint"],
        region_name="us-east-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",
        config=Config(retries={"max_attempts": 2, "mode": "standard"}, parameter_validation=False),
    )
    json.dump([call(client, *each) for each in order["calls"]], sys.stdout)


def call(client, operation, arguments):
    if "ClientContext" in arguments:
        arguments["ClientContext"] = base64.b64encode(arguments["ClientContext"].encode()).decode()
    more = arguments.pop("Headers", {})
    client.meta.events.register("before-call", lambda params, **_: params["headers"].update(more), unique_id="more")
    try:
        return answer(client, operation, arguments)
    finally:
        client.meta.events.unregister("before-call", unique_id="more")


def answer(client, operation, arguments):
    try:
        reply = getattr(client, operation)(**arguments)
    except ClientError as error:
        told = error.response["Error"]
        meta = error.response["ResponseMetadata"]
        return {
            "error": told["Code"],
            "message": told["Message"],
            "status": meta["HTTPStatusCode"],
            "attempts": meta["RetryAttempts"] + 1,
            "reason": error.response.get("Reason"),
            "type": error.response.get("Type"),
            "headers": meta["HTTPHeaders"],
        }
    meta = reply.pop("ResponseMetadata")
    if "EventStream" in reply:
        reply["EventStream"] = list(map(event, reply["EventStream"]))
    if "Payload" in reply:
        reply["Payload"] = reply["Payload"].read().decode()
    if "LogResult" in reply:
        reply["LogResult"] = base64.b64decode(reply["LogResult"]).decode()
    return dict(reply, headers=meta["HTTPHeaders"])


def event(each):
    """An event of a stream, with its bytes as text."""
    if "PayloadChunk" in each:
        return {"PayloadChunk": each["PayloadChunk"]["Payload"].decode()}
    return each


if __name__ == "__main__":
    main()
