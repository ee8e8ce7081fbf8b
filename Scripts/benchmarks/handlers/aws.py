import asyncio

import boto3  # noqa: F401


async def main(event):
    await asyncio.sleep(0)
    return event


def handler(event, context):
    return asyncio.run(main(event))
