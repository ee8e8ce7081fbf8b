"""The servers of floors/echo.py: the least that can be between a client and a handler."""

import os
import subprocess

from .context import DEFECT, EVENT, HERE, fail


class Echo:
    """A context manager: `workers` servers, each with a socket, that do `kind` for each message."""

    def __init__(self, bench, kind, workers=1):
        self.bench = bench
        self.sockets = [bench.path("echo-{}-{}".format(kind, index)) for index in range(workers)]
        self.command = [bench.python, "-B", os.path.join(HERE, "floors", "echo.py"), kind]
        self.processes = []

    def __enter__(self):
        for socket in self.sockets:
            self.processes.append(subprocess.Popen([*self.command, socket], stdout=subprocess.PIPE))
        for process in self.processes:
            if not process.stdout.readline():
                fail(DEFECT, "{} did not start".format(self.command[-2]))
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.kill()
            process.wait()
            process.stdout.close()

    def load(self, count, connections=1, warm_up=100, is_on_one_cpu=False):
        """With `is_on_one_cpu` client and server share one, so that no other has to be woken."""
        if is_on_one_cpu:
            return self.on_one_cpu(count, warm_up)
        sockets = [flag for socket in self.sockets[:connections] for flag in ("--socket", socket)]
        arguments = ["--count", count, "--connections", connections, "--warm-up", warm_up, "--message", EVENT]
        return self.bench.tool("echo", *arguments, *sockets)

    def on_one_cpu(self, count, warm_up):
        everywhere = os.sched_getaffinity(0)
        places = [0, *(process.pid for process in self.processes)]
        try:
            for process in places:  # what is started from here inherits it
                os.sched_setaffinity(process, {max(everywhere)})
            return self.load(count, warm_up=warm_up)
        finally:
            for process in places:
                os.sched_setaffinity(process, everywhere)
