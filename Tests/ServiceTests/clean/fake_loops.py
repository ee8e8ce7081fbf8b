"""Classes that only look like loops: a fake for tests, and a loop of another trade."""

import asyncio


class FakeLoop(asyncio.AbstractEventLoop):
    def __init__(self):
        self.closed = False

    def close(self):
        self.closed = True

    def is_closed(self):
        return self.closed

    def get_debug(self):
        return False


class FeedbackLoop:
    def __init__(self):
        self.is_running = True

    def close(self):
        self.is_running = False

    def run_forever(self):
        return "Event loop is closed"


def handler(event, context):
    fake, feedback = FakeLoop(), FeedbackLoop()
    fake.close()
    feedback.close()
    return [fake.is_closed(), feedback.run_forever()]
