"""The library's loop is the library's."""

import minidb


def handler(event, context):
    return minidb.query("how many?")
