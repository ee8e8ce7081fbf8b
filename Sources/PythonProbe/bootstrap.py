"""Starts a worker, or with the argument `zygote` the process that workers are forked from, or with `ric` awslambdaric.

The daemon runs this file with the interpreter of the plugin.
"""

import os
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
if FOLDER not in sys.path:  # as with `python -P`
    sys.path.insert(0, FOLDER)

if sys.argv[1:2] == ["zygote"]:
    from loopwarden_worker.zygote import main
elif sys.argv[1:2] == ["ric"]:
    from loopwarden_worker.ric.observer import main
else:
    from loopwarden_worker.worker import main

# What is imported later is found through the packages' own paths: the handler must not be able to import our files.
sys.path[:] = [path for path in sys.path if os.path.abspath(path or os.curdir) != FOLDER]

if __name__ == "__main__":
    main()
