"""What it costs at least to watch a loop's life, and what asyncio's debug mode costs.

Prints nanoseconds that are added to an empty `asyncio.run`, least to least, for `noted`, where a loop's class notes its
making, its runs and its end in a list, and for `debug`. All three take turns in one interpreter.
"""

import asyncio
import json
import sys
import time
import warnings

clock = time.perf_counter_ns
notes = []


class Noted(asyncio.SelectorEventLoop):
    def __init__(self, *more):
        super().__init__(*more)
        notes.append((clock(), "created", self))

    def run_until_complete(self, future):
        notes.append((clock(), "begun", self))
        try:
            return super().run_until_complete(future)
        finally:
            notes.append((clock(), "ended", self))

    def close(self):
        super().close()
        notes.append((clock(), "closed", self))


class Policy(asyncio.DefaultEventLoopPolicy):
    _loop_factory = Noted


async def nothing():
    pass


def turn(policy, is_debug, count):
    asyncio.set_event_loop_policy(policy)
    times = []
    for _ in range(count):
        begun = clock()
        asyncio.run(nothing(), debug=is_debug)
        del notes[:]
        times.append(clock() - begun)
    return times


def main(turns, count=50):
    plain = asyncio.DefaultEventLoopPolicy()
    kinds = {"plain": (plain, False), "noted": (Policy(), False), "debug": (plain, True)}
    times = {kind: [] for kind in kinds}
    for number in range(int(turns) + 1):
        for kind, (policy, is_debug) in kinds.items():
            taken = turn(policy, is_debug, count)
            times[kind] += taken if number else []  # the first warms up
    least = {kind: min(taken) for kind, taken in times.items()}
    print(json.dumps({kind: least[kind] - least["plain"] for kind in ("noted", "debug")}))


warnings.simplefilter("ignore")  # policies are on their way out, and still what all versions have
main(*sys.argv[1:])
