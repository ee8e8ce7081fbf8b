# requires: httpx
"""httpx's asynchronous client, one for each invocation, closed by its async with."""

import asyncio

import httpx


def answer(request):
    return httpx.Response(200, json={"path": request.url.path})


async def main():
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://there") as client:
        answers = await asyncio.gather(*(client.get("/{}".format(number)) for number in range(3)))
    return [each.json()["path"] for each in answers]


def handler(event, context):
    return asyncio.run(main())
