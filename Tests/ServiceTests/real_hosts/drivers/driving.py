"""What the drivers share: a process for each body, three invocations in each, and what came of them.

A driver imports its host's package, which takes long, and forks for each body named on its command line, before there
is any loop or thread: what one body does to its process, no other meets. It prints {body: [outcome, outcome, outcome]};
an outcome is ["ok", result] or ["error", type, message].
"""

import contextlib
import gc
import http.client
import importlib
import json
import os
import pathlib
import shutil
import signal
import socket
import sys
import tempfile
import time
import traceback

BODIES = pathlib.Path(__file__).resolve().parent.parent / "bodies"
#: After an invocation: long enough for the thread of a pool to be idle again; and for what a body leaves on a loop that
#: goes on running. REAL_HOST_PATIENCE multiplies them.
PAUSE_SECONDS, LEAVING_SECONDS = 0.01, 0.05
PATIENCE = float(os.environ.get("REAL_HOST_PATIENCE", "1"))
PATIENCE_SECONDS = 20
INVOCATIONS = 3

#: All temporary files of a driver and its hosts lie here.
tempfile.tempdir = tempfile.mkdtemp(prefix="lw-")


class Body:
    """One of the common handlers; its module is imported when the host says so."""

    def __init__(self, name):
        self.name = name
        self.is_async = name.endswith("_async")
        self._handler = None

    def load(self):
        self._handler = importlib.import_module(self.name).handler

    def call(self, event=None, context=None):
        try:
            return ["ok", self._handler(event, context)]
        except Exception as error:
            return ["error", type(error).__name__, str(error)]

    async def await_(self, event=None, context=None):
        try:
            return ["ok", await self._handler(event, context)]
        except Exception as error:
            return ["error", type(error).__name__, str(error)]

    @property
    def pause_seconds(self):
        return PATIENCE * (LEAVING_SECONDS if "leave" in self.name else PAUSE_SECONDS)

    def pause(self):
        time.sleep(self.pause_seconds)


#: In a child: that which this process is for.
body = None


def call_each(call):
    """For a host that is called: `call(body)` yields the outcomes."""
    _each(lambda child, _: child.results(), lambda _: list(call(body)))


def serve_each(serve):
    """For a server: `serve(body, listener)` serves HTTP on that socket until it is killed."""
    _each(lambda child, listener: ask(listener.getsockname()), lambda listener: serve(body, listener))


def talk_to_each(serve, talk):
    """For any other server: what `talk(body, listener)` returns, while `serve(body, listener)` runs beside it."""
    _each(lambda child, listener: talk(child.body, listener), lambda listener: serve(body, listener))


class _Child:
    def __init__(self, name, work, listener):
        global body
        self.body = body = Body(name)
        self.log = tempfile.TemporaryFile()
        self._results, results = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            os.dup2(self.log.fileno(), 1)
            os.dup2(self.log.fileno(), 2)
            os.close(self._results)
            status = 1
            try:
                sys.path.insert(0, str(BODIES))
                document = json.dumps(work(listener)).encode()
                while document:
                    document = document[os.write(results, document) :]
                status = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(status)
        os.close(results)

    def results(self):
        with open(self._results, "rb", closefd=False) as file:
            return json.loads(file.read())

    def end(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)  # with the workers of a server that has some
        os.waitpid(self.pid, 0)
        os.close(self._results)


def _each(answers, work):
    gc.freeze()
    try:
        _print_each(answers, work)
    finally:
        shutil.rmtree(tempfile.tempdir, ignore_errors=True)  # the children do not come here


def _print_each(answers, work):
    json.dump(
        {name: _once(name, answers, work) or _once(name, answers, work, is_last=True) for name in sys.argv[1:]},
        sys.stdout,
    )


def _once(name, answers, work, is_last=False):
    """The outcomes of one body; None when the host fails, as it may once on a machine that is busy."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        child = _Child(name, work, listener)
        try:
            return answers(child, listener)
        except Exception as error:
            if is_last:
                child.log.seek(0)
                sys.exit("{}: {!r}\n{}".format(name, error, child.log.read().decode(errors="replace")))
            return None
        finally:
            child.end()


def ask(address, headers=()):
    """Sends the requests to a server, and returns what it answers."""
    outcomes = []
    for _ in range(INVOCATIONS):
        connection = http.client.HTTPConnection(*address, timeout=PATIENCE_SECONDS)
        connection.request("GET", "/", headers={"Connection": "close", **dict(headers)})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status != 200:
            raise RuntimeError("status {}: {}".format(answer.status, text.decode(errors="replace")))
        outcomes.append(json.loads(text))
        body.pause()
    return outcomes
