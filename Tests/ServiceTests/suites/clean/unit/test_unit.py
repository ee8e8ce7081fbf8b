import asyncio
import unittest


class OrdersTests(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.stop = asyncio.Event()
        self.task = asyncio.create_task(self.serve())
        self.addAsyncCleanup(self.close)

    async def serve(self):
        await self.stop.wait()

    async def close(self):
        self.stop.set()
        await self.task

    async def test_one(self):
        await asyncio.sleep(0)

    async def test_two(self):
        self.assertEqual(await asyncio.gather(asyncio.sleep(0, 1)), [1])

    def test_sync(self):
        pass

    @unittest.skip("later")
    async def test_skipped(self):
        pass

    async def test_sub(self):
        for i in range(2):
            with self.subTest(i=i):
                await asyncio.sleep(0)


class PlainTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.loop = asyncio.new_event_loop()

    @classmethod
    def tearDownClass(cls):
        cls.loop.close()

    def test_one(self):
        self.loop.run_until_complete(asyncio.sleep(0))

    def test_two(self):
        self.loop.run_until_complete(asyncio.sleep(0))
