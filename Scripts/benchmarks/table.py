"""The figures for people: at most 120 columns."""

from .rows import COUNT, MEMORY, RATE, RATIO, TIME

UNITS = {unit.name: unit for unit in (TIME, MEMORY, RATE, COUNT, RATIO)}
WIDTH = 120
TITLE = 42  # columns, as in the two lines below
LINE = "{:42} {:>9} {:>18}  {:>5} {:>13}  {}"
GOALS = "{:42} {:>9} {:>18}  {}"
HEADS = ("", "median", "least, greatest", "ratio", "least, greatest", "goal, stretch")
NOTE = """\
A figure, and below it what it was measured beside in the same turns: | a floor, which nothing can beat, and how many
times that it is; > a peer, and how many times better than it. Goals of figures are those of the development machine
(facts on CPython {}); goals of ratios hold anywhere. "met" and "not met" are told and never failed."""


def heading(version):
    return NOTE.format("3.13" if version >= (3, 13) else "3.11")


def ending(document):
    """What the figures depend on."""
    line = "CPython {python}, {cpus} CPUs ({cpu}), Linux {kernel}, load {load:.1f} at the start"
    yield line.format(**document["machine"])
    is_static = document["program"]["isStatic"]
    yield "loopwarden linked {}".format("wholly statically" if is_static else "with the system's libraries")
    if document["isQuick"]:
        yield "Quick: so little was done that the figures say nothing."


def table(subject):
    """The lines of one subject, from its document."""
    yield "{}: {}".format(subject["name"], subject["summary"])
    yield LINE.format(*HEADS).rstrip()
    for row in subject["rows"]:
        yield from lines(row)
    yield "  rounds: {}; measurements behind each figure of a round: {:,}; {:.0f} s".format(
        subject["rounds"], subject["repetitions"], subject["seconds"]
    )


def lines(row):
    unit = UNITS[row["unit"]]
    if row["median"] is None:
        yield missing("  " + row["title"], row)
        return
    goals = ", ".join(verdicts(row, unit.text, ("goal ", "stretch "), "not met"))
    yield GOALS.format("  " + row["title"], unit.text(row["median"]), spread(row, unit), goals).rstrip()
    for other in row["beside"]:
        title = "   {} {}".format("|" if other["kind"] == "floor" else ">", other["title"])
        if other["median"] is None:
            yield missing(title, other)
            continue
        ratio = other["ratio"]
        yield LINE.format(
            title,
            unit.text(other["median"]),
            spread(other, unit),
            times(ratio["median"]),
            "{}, {}".format(plain(ratio["low"]), plain(ratio["high"])),
            ", ".join(verdicts(other, times, ("", ""), "no")),
        ).rstrip()


def missing(title, figures):
    line = "{:42} not available: {}".format(title, figures["unavailable"])
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"  # the JSON has all of it


def spread(figures, unit):
    return "{}, {}".format(unit.text(figures["low"]), unit.text(figures["high"]))


def plain(ratio):
    return "{:.{}f}".format(ratio, 0 if ratio >= 99.5 else 1 if ratio >= 9.95 else 2)


def times(ratio):
    return plain(ratio) + "x"


def verdicts(figures, text, names, missed):
    """Such as `goal 80 µs met` and `stretch 45 µs not met`."""
    for name, goal in zip(names, (figures["goal"], figures["stretch"])):
        if goal is not None:
            met = {True: "met", False: missed, None: "?"}[goal["isMet"]]
            yield "{}{} {}".format(name, text(goal["limit"]), met)
