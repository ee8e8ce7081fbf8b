"""A child process, run and waited for where no loop runs."""

import subprocess
import sys


def handler(event, context):
    done = subprocess.run([sys.executable, "-S", "-c", "print('child')"], stdout=subprocess.PIPE, check=True)
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as cat:
        text, _ = cat.communicate(b"through cat")
    return [done.stdout.decode().strip(), text.decode()]
