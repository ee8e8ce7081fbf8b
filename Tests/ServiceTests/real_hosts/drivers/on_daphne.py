"""daphne, as `daphne asgi_app:app` runs it."""

import driving
from daphne.cli import CommandLineInterface


def serve(body, listener):
    CommandLineInterface().run(["--fd", str(listener.fileno()), "--verbosity", "0", "asgi_app:app"])


driving.serve_each(serve)
