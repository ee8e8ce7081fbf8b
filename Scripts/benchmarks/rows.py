"""What a subject measures and how it is judged: a figure, the floors and peers beside it, and its goals."""

import statistics


class Unit:
    """How figures are written; those measured are in the smallest of the steps."""

    def __init__(self, name, *steps):
        self.name = name  # in the JSON
        self.steps = steps or ((1, ""),)

    def text(self, value):
        size, name = next(((size, name) for size, name in reversed(self.steps) if abs(value) >= size), self.steps[0])
        value /= size
        digits = 0 if abs(value) >= 99.95 or value == int(value) else 1 if abs(value) >= 9.995 else 2
        return "{:,.{}f} {}".format(value, digits, name).strip()


TIME = Unit("ns", (1, "ns"), (1e3, "µs"), (1e6, "ms"), (1e9, "s"))
MEMORY = Unit("bytes", (1, "B"), (2**10, "KiB"), (2**20, "MiB"))
RATE = Unit("per second", (1, "/s"), (1e3, "k/s"))
COUNT = Unit("count", (1, ""))
RATIO = Unit("ratio", (1, "x"))

MICROSECONDS, MILLISECONDS, MIB = 1e3, 1e6, 2**20


class Beside:
    """A floor, which nothing can beat, or a peer, which does the same in another way.

    The ratio to a floor is how many times the floor it is (1 is the floor), to a peer how many times better than it;
    goals are ratios of the same kind.
    """

    def __init__(self, kind, key, title, goal=None, stretch=None):
        self.kind, self.key, self.title, self.goal, self.stretch = kind, key, title, goal, stretch


def floor(key, title, goal=None, stretch=None):
    return Beside("floor", key, title, goal, stretch)


def peer(key, title, goal=None, stretch=None):
    return Beside("peer", key, title, goal, stretch)


class Row:
    """One figure. Goals are those of the development machine, in the figure's unit; each may be None."""

    def __init__(self, key, title, unit, *beside, goal=None, stretch=None, is_more_better=False):
        self.key, self.title, self.unit, self.beside = key, title, unit, beside
        self.goal, self.stretch, self.is_more_better = goal, stretch, is_more_better

    def measured(self, rounds, missing):
        """The document of this row; `rounds` are what the turns measured by key, `missing` why a key is not there."""
        figures = [each[self.key] for each in rounds if self.key in each]
        return {
            "key": self.key,
            "title": self.title,
            "unit": self.unit.name,
            "better": "more" if self.is_more_better else "less",
            **spread(figures),
            "unavailable": None if figures else missing.get(self.key, "not measured"),
            "goal": verdict(self.goal, figures, self.is_more_better),
            "stretch": verdict(self.stretch, figures, self.is_more_better),
            "beside": [self.compared(each, rounds, missing) for each in self.beside],
        }

    def compared(self, other, rounds, missing):
        both = [each for each in rounds if self.key in each and each.get(other.key)]
        # To a floor: floor/figure where more is better. To a peer: the other way round.
        is_figure_above = self.is_more_better == (other.kind == "peer")
        ratios = [quotient(each[self.key], each[other.key], is_figure_above) for each in both]
        is_more_better = other.kind == "peer"
        return {
            "kind": other.kind,
            "key": other.key,
            "title": other.title,
            **spread([each[other.key] for each in both]),
            "unavailable": None if both else missing.get(other.key, "not measured"),
            "ratio": spread(ratios),
            "goal": verdict(other.goal, ratios, is_more_better),
            "stretch": verdict(other.stretch, ratios, is_more_better),
        }


def quotient(figure, other, is_figure_above):
    return figure / other if is_figure_above else other / figure if figure else 0.0


def spread(figures):
    """Median, least and greatest over the rounds, nulls when there is none; and each round's figure."""
    if not figures:
        return {"median": None, "low": None, "high": None, "rounds": []}
    return {"median": statistics.median(figures), "low": min(figures), "high": max(figures), "rounds": figures}


def verdict(limit, figures, is_more_better):
    """A goal, and whether the median meets it; None when there is no goal."""
    if limit is None:
        return None
    if not figures:
        return {"limit": limit, "isMet": None}
    median = statistics.median(figures)
    return {"limit": limit, "isMet": median >= limit if is_more_better else median <= limit}
