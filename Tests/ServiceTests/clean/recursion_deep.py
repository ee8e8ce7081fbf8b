"""Recursion up to the limit, caught, with loops made and closed at a depth."""

import asyncio


def dive(depth):
    if depth:
        return dive(depth - 1)
    return asyncio.run(asyncio.sleep(0, "bottom"))


def endless(depth):
    return endless(depth + 1)


def handler(event, context):
    try:
        endless(0)
    except RecursionError:
        return dive(200)
