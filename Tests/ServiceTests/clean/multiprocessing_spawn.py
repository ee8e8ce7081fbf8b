# timeout: 60
# payloads: [{}, {}]
"""A process started afresh, joined; the resource tracker that comes with it stays, once for the environment."""

import multiprocessing
import operator


def handler(event, context):
    context_of_processes = multiprocessing.get_context("spawn")
    process = context_of_processes.Process(target=operator.add, args=(1, 2))
    process.start()
    process.join()
    return process.exitcode
