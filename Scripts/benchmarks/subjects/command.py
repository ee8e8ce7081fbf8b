"""One command, from its start to its end."""

import shutil

from ..context import EVENT, process_times
from ..daemon import Daemon
from ..rows import MILLISECONDS, TIME, Row, floor, peer
from .subject import Subject


class Command(Subject):
    name = "command"
    summary = "`loopwarden invoke` of a warm function, the whole process"

    def rows(self):
        goals = {"goal": 2.5 * MILLISECONDS, "stretch": 1.3 * MILLISECONDS}
        # The floor of baselines.md is a C program that does the same: 0.72 ms, where `true` takes 0.69.
        for kind, title, own in (("sync", "sync handler", goals), ("async", "async handler", goals)):
            yield Row(
                "invoke." + kind,
                "loopwarden invoke, " + title,
                TIME,
                floor("true", "true", 2.5 / 0.69, 1.3 / 0.69),
                peer("curl." + kind, "curl, to the same socket"),
                peer("pass", "the interpreter's start, -c pass"),
                **own,
            )
        yield Row("history", "loopwarden history", TIME, floor("true", "true"))

    def prepare(self, stack):
        functions = {
            "sync": {"file": "sync.py", "host": "bare"},
            "async": {"file": "coroutine.py", "host": "per-invocation"},
        }
        self.daemon = stack.enter_context(Daemon(self.bench, "command", functions))
        for function in functions:
            self.daemon.load(function, self.bench.some(100, 5))

    def turn(self):
        count = self.repetitions = self.bench.some(30, 3)
        program, socket = self.bench.program("loopwarden"), self.daemon.socket
        yield "true", process_times([shutil.which("true")], count)
        yield "pass", process_times([self.bench.python, "-c", "pass"], count)
        curl = shutil.which("curl")
        for kind in ("sync", "async"):
            if curl:
                address = "http://loopwarden/v1/functions/{}/invocations".format(kind)
                command = [curl, "--silent", "--fail", "--unix-socket", socket, address, "--data", EVENT]
                yield "curl." + kind, process_times(command, count)
            else:
                self.miss("curl is not on this machine", "curl." + kind)
            command = [program, "invoke", kind, "--socket", socket, "--payload", EVENT]
            yield "invoke." + kind, process_times(command, count)
        yield "history", process_times([program, "history", "--socket", socket, "--limit", "10"], count)
