"""Ships what is in the queue, and says which messages shall come again."""

import asyncio
import json

from orders_common import runner
from orders_common.table import Table

table = Table()


async def ship(record):
    order = json.loads(record["body"])
    await table.update(order["id"], shipped=True)


async def ship_all(records):
    return await asyncio.gather(*map(ship, records), return_exceptions=True)


def lambda_handler(event, context):
    records = event["Records"]
    outcomes = runner.run(ship_all(records))
    failed = [record for record, outcome in zip(records, outcomes) if isinstance(outcome, Exception)]
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in failed]}
