"""An executor made for this run and given to the loop, which shuts it down with itself."""

import asyncio
import concurrent.futures


async def main():
    loop = asyncio.get_running_loop()
    loop.set_default_executor(concurrent.futures.ThreadPoolExecutor(2))
    return await asyncio.gather(*(loop.run_in_executor(None, abs, -number) for number in range(4)))


def handler(event, context):
    return asyncio.run(main())
