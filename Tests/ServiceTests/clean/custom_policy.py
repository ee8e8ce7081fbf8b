# info: deprecated-api
"""A policy of the user's own, with loops of the user's own class."""

import asyncio


class Loop(asyncio.SelectorEventLoop):
    pass


class Policy(asyncio.DefaultEventLoopPolicy):
    def new_event_loop(self):
        return Loop()


asyncio.set_event_loop_policy(Policy())


async def name_of_loop():
    return type(asyncio.get_running_loop()).__name__


def handler(event, context):
    return asyncio.run(name_of_loop())
