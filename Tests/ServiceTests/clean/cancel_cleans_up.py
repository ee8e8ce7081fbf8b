"""A cancelled task still awaits its clean-up, and lets the cancellation go on."""

import asyncio


class Resource:
    def __init__(self):
        self.is_open = True

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await asyncio.sleep(0.002)
        self.is_open = False


async def use(resource):
    async with resource:
        await asyncio.sleep(3600)


async def main():
    resource = Resource()
    using = asyncio.ensure_future(use(resource))
    await asyncio.sleep(0.001)
    using.cancel()
    await asyncio.gather(using, return_exceptions=True)
    return [using.cancelled(), resource.is_open]


def handler(event, context):
    return asyncio.run(main())
