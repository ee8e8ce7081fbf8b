"""What an interpreter holds that has imported some modules and a handler and has run it 50 times.

    memory.py MODULES HANDLER FOLDER COUNT [fork]

Prints the PSS in bytes, the median of COUNT such processes at once: fresh interpreters, or with `fork` forks of one
that has imported the modules.
"""

import asyncio
import gc
import importlib
import json
import os
import subprocess
import sys

EVENT = {"id": 7, "kind": "order", "items": [1, 2, 3], "note": "seventy bytes"}
RUNS = 50


async def nothing():
    pass


def pss(process):
    with open("/proc/{}/smaps_rollup".format(process)) as file:
        return sum(int(line.split()[1]) << 10 for line in file if line.startswith("Pss:"))


def work(name, folder):
    sys.path.insert(0, folder)
    handler = importlib.import_module(name).handler
    for _ in range(RUNS):
        handler(EVENT, None)
    sys.stdout.write("r")
    sys.stdout.flush()
    sys.stdin.read()  # until the measuring process closes it


def fork(name, folder):
    hold, release = os.pipe()
    ready, tell = os.pipe()
    process = os.fork()
    if process == 0:
        os.dup2(hold, 0)
        os.dup2(tell, 1)
        os.close(release)
        work(name, folder)
        os._exit(0)
    os.close(tell)
    os.read(ready, 1)
    return process


def spawn(modules, name, folder):
    command = [sys.executable, "-B", os.path.abspath(__file__), modules, name, folder, "0"]
    started = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    started.stdout.read(1)
    return started


def main(modules, name, folder, count, mode="spawn"):
    for module in filter(None, modules.split(",")):
        importlib.import_module(module)
    if int(count) == 0:
        work(name, folder)
        return
    if mode == "fork":
        asyncio.run(nothing())
        gc.collect()
        gc.freeze()
        started = [fork(name, folder) for _ in range(int(count))]
        figures = sorted(map(pss, started))
        for process in started:
            os.kill(process, 9)
            os.waitpid(process, 0)
    else:
        processes = [spawn(modules, name, folder) for _ in range(int(count))]
        figures = sorted(pss(process.pid) for process in processes)
        for process in processes:
            process.kill()
            process.wait()
    print(json.dumps({"pss": figures[len(figures) // 2]}))


main(*sys.argv[1:])
