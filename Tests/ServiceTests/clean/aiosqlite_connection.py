# requires: aiosqlite
"""aiosqlite's connection and cursor, closed by their async with; its thread ends with it."""

import asyncio

import aiosqlite


async def main():
    async with aiosqlite.connect(":memory:") as database:
        await database.execute("CREATE TABLE word (text TEXT)")
        await database.executemany("INSERT INTO word VALUES (?)", [("one",), ("two",)])
        async with database.execute("SELECT text FROM word ORDER BY text") as cursor:
            return [row[0] async for row in cursor]


def handler(event, context):
    return asyncio.run(main())
