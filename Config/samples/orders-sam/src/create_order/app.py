"""POST /orders: checks an order, and stores and announces it at the same time."""

import asyncio
import json
import os

from orders_common.table import Table

table = Table()


async def announce(order):
    """Stands for a message to the queue."""
    await asyncio.sleep(0.005)
    return {"queue": os.environ["QUEUE_URL"], "id": order["id"]}


async def create(order):
    await asyncio.gather(table.put(order["id"], order), announce(order))


def lambda_handler(event, context):
    order = json.loads(event["body"])
    if not order.get("id"):
        return {"statusCode": 400, "body": json.dumps({"error": "an order needs an id"})}
    asyncio.run(create(order))
    return {"statusCode": 201, "body": json.dumps({"id": order["id"], "stage": os.environ["STAGE"]})}
