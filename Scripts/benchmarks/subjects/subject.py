"""What a subject is."""


class Subject:
    """A kind of measurement: its rows, and a turn that measures all of them once, each beside its floors and peers."""

    name = ""
    summary = ""
    most_rounds = 1000
    repetitions = 1  # requests, starts and so on behind one figure of a turn

    def __init__(self, bench):
        self.bench = bench
        self.missing = {}  # why there is no figure of a key

    def rows(self):
        """The rows, in the order in which they are shown."""
        raise NotImplementedError

    def prepare(self, stack):
        """Starts what all turns need; `stack` ends it afterwards."""

    def turn(self):
        """Yields pairs of a key and a figure."""
        raise NotImplementedError

    def miss(self, reason, *keys):
        """Says why these have no figure."""
        self.missing.update(dict.fromkeys(keys, str(reason)))
