# requires: httpx
"""The synchronous client, kept at module level, which has no loop at all."""

import httpx

client = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(200, text="synchronous")))


def handler(event, context):
    return client.get("http://there/").text
