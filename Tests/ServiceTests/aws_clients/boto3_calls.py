"""Calls of a real client, unmodified: takes {"endpoint", "calls": [[operation, arguments]]}, prints what came of each.

Payloads are texts; {"base64": …} stands for a client context. An error is told by its code, message and attempts.
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
    try:
        reply = getattr(client, operation)(**arguments)
    except ClientError as error:
        told = error.response["Error"]
        attempts = error.response["ResponseMetadata"]["RetryAttempts"] + 1
        return {"error": told["Code"], "message": told["Message"], "attempts": attempts, "reason": reason(error)}
    meta = reply.pop("ResponseMetadata")
    if "Payload" in reply:
        reply["Payload"] = reply["Payload"].read().decode()
    if "LogResult" in reply:
        reply["LogResult"] = base64.b64decode(reply["LogResult"]).decode()
    return dict(reply, headers=meta["HTTPHeaders"])


def reason(error):
    return error.response.get("Reason")


if __name__ == "__main__":
    main()
