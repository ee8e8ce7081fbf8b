"""Tidies up what is not its own: the library's loop."""

import minidb


def handler(event, context):
    try:
        return minidb.query("how many?")
    finally:
        minidb.loop.close()
