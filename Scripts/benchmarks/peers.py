"""AWS's own client, awslambdaric, on loopwarden-bench's stand-in for the Runtime API."""

import json
import os
import subprocess
import time

from .context import EVENT, PATIENCE, Unavailable


class Ric:
    """A context manager: `workers` processes of awslambdaric, each with a handler, and what they were measured at.

    In `figures`: those of the stand-in, and `cold`, nanoseconds from the start of the processes to the first answer.
    The processes stay until the end, so that they can be looked at.
    """

    def __init__(self, bench, handler, count, warm_up=0, workers=1):
        if "awslambdaric" in bench.packages.missing:
            raise Unavailable(bench.packages.missing["awslambdaric"])
        arguments = ["runtime-api", "--count", count, "--warm-up", warm_up * workers, "--payload", EVENT]
        self.command = [bench.program("loopwarden-bench"), *map(str, arguments)]
        self.worker = [bench.python, "-m", "awslambdaric", handler + ".handler"]
        self.workers, self.handlers = workers, bench.handlers
        self.processes = []
        self.log = open(bench.path("ric.log"), "w+")

    def __enter__(self):
        server = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            port = json.loads(server.stdout.readline() or "{}").get("port")
            environment = dict(os.environ, AWS_LAMBDA_RUNTIME_API="127.0.0.1:{}".format(port), _HANDLER="handler")
            environment.update(
                PYTHONDONTWRITEBYTECODE="", LAMBDA_TASK_ROOT=self.handlers, AWS_DEFAULT_REGION="us-east-1"
            )
            begun = time.monotonic_ns()
            for _ in range(self.workers):
                self.processes.append(
                    subprocess.Popen(self.worker, cwd=self.handlers, env=environment, stdout=self.log, stderr=self.log)
                )
            output, errors = server.communicate(timeout=PATIENCE)
            if server.returncode != 0:
                self.log.seek(0)
                said = (self.log.read() + errors).strip().splitlines() or ["it ended"]
                raise Unavailable("awslambdaric: {}".format(said[-1][:200]))
            self.figures = json.loads(output)
            self.figures["cold"] = self.figures["firstAnswerAt"] - begun
        except BaseException:
            server.kill()
            server.wait()
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()
        self.log.close()


def ric(bench, handler, count, **more):
    """The figures alone."""
    with Ric(bench, handler, count, **more) as running:
        return running.figures
