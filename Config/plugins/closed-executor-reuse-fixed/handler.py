"""Makes the pool where it is used, and shuts it down there."""

from concurrent.futures import ThreadPoolExecutor


def handler(event, context):
    with ThreadPoolExecutor(max_workers=2) as pool:
        return {"squares": list(pool.map(pow, (1, 2, 3), (2, 2, 2)))}
