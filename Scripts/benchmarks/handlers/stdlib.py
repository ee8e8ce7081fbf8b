import asyncio
import json
import sqlite3  # noqa: F401
import ssl  # noqa: F401


async def main(event):
    await asyncio.sleep(0)
    return json.loads(json.dumps(event))


def handler(event, context):
    return asyncio.run(main(event))
