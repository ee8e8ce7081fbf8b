import asyncio

import boto3

CLIENT = boto3.client("s3", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")


async def main(event):
    await asyncio.sleep(0)
    return event


def handler(event, context):
    return asyncio.run(main(event))
