"""Ordinary generators left half-way, closed, and thrown into."""


def numbers():
    try:
        yield from range(100)
    except ValueError:
        yield -1


def handler(event, context):
    left, closed, thrown = numbers(), numbers(), numbers()
    values = [next(left), next(closed), next(thrown), thrown.throw(ValueError("x"))]
    closed.close()
    return values
