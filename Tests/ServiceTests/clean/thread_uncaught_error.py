"""An error that a thread lets out is the thread's business; excepthook has been told."""

import threading


def handler(event, context):
    seen = []
    before, threading.excepthook = threading.excepthook, lambda what: seen.append(str(what.exc_value))
    try:
        thread = threading.Thread(target=int, args=("no number",))
        thread.start()
        thread.join()
    finally:
        threading.excepthook = before
    return len(seen)
