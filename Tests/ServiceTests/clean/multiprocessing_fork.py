"""A forked process with a loop of its own, joined."""

import asyncio
import multiprocessing

context_of_processes = multiprocessing.get_context("fork")


def work(answers, number):
    answers.put(asyncio.run(asyncio.sleep(0.001, number * 2)))


def handler(event, context):
    answers = context_of_processes.SimpleQueue()
    process = context_of_processes.Process(target=work, args=(answers, 21))
    process.start()
    answer = answers.get()
    process.join()
    answers.close() if hasattr(answers, "close") else None
    return [answer, process.exitcode]
