"""A table of orders, which here is kept in memory so that the project runs without an AWS account."""

import asyncio
import os

LATENCY = 0.005  # seconds


class Table:
    """Items by their key, each a request away."""

    def __init__(self, name=None):
        self.name = name or os.environ["ORDERS_TABLE"]
        self._items = {}

    async def put(self, key, item):
        await asyncio.sleep(LATENCY)
        self._items[key] = item

    async def update(self, key, **fields):
        await asyncio.sleep(LATENCY)
        self._items.setdefault(key, {"id": key}).update(fields)

    async def items(self):
        await asyncio.sleep(LATENCY)
        return list(self._items.values())
