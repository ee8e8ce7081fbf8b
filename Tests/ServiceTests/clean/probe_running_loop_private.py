"""The other ways to ask: _get_running_loop and current_task, which raises when no loop runs."""

import asyncio


def current():
    if asyncio._get_running_loop() is None:
        return None
    return asyncio.current_task() is not None


def task_or_none():
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None


async def inside():
    return current() and task_or_none() is not None


def handler(event, context):
    return [current(), task_or_none(), asyncio.run(inside())]
