# requires: greenback
"""Greenback: synchronous code awaits, in the middle of the loop's own stack."""

import asyncio

import greenback


def synchronous(number):
    return greenback.await_(asyncio.sleep(0.001, number)) + 1


async def main():
    await greenback.ensure_portal()
    return [synchronous(1), synchronous(2)]


def handler(event, context):
    return asyncio.run(main())
