"""Coroutines driven without any loop, and awaitables of the user's own."""

import types


class Answer:
    def __await__(self):
        yield "question"
        return 42


@types.coroutine
def old_style():
    received = yield "more"
    return received


async def ask():
    return [await Answer(), await old_style()]


def handler(event, context):
    coroutine = ask()
    questions = [coroutine.send(None), coroutine.send(None)]
    try:
        coroutine.send("sent")
    except StopIteration as stop:
        return questions + stop.value
