"""Fine cold, broken warm: the with statement shuts the pool down for good."""

from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(max_workers=2)


def handler(event, context):
    mode = event.get("mode")
    with pool:
        try:
            squares = pool.map(pow, (1, 2, 3), (2, 2, 2))
        except RuntimeError as error:
            if mode == "swallow":
                return {"squares": None}
            if mode == "wrap":
                raise ValueError("no squares") from error
            raise
        return {"squares": list(squares)}
