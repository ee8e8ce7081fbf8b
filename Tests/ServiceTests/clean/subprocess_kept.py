"""A helper process that is started once and kept: every invocation asks it."""

import subprocess

_helper = None


def helper():
    global _helper
    if _helper is None or _helper.poll() is not None:
        _helper = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    return _helper


def handler(event, context):
    helper().stdin.write(b"line\n")
    helper().stdin.flush()
    return helper().stdout.readline().decode().strip()
