"""A smoke test as a handler: unittest's own loop for each test."""

import asyncio
import io
import unittest


class SmokeTests(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.queue = asyncio.Queue()

    async def test_queue(self):
        await self.queue.put(1)
        self.assertEqual(await self.queue.get(), 1)

    async def test_sleep(self):
        self.assertEqual(await asyncio.sleep(0.001, 3), 3)


def handler(event, context):
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(SmokeTests)
    result = unittest.TextTestRunner(stream=io.StringIO()).run(suite)
    return [result.testsRun, result.wasSuccessful()]
