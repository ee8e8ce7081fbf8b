"""What stands between awslambdaric and the handler.

The client cuts the frames of files of this name off the top of stacks.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from .observer import Observer


def finding(find: Callable[[str], Any], observer: Observer) -> Callable[[str], Any]:
    """As `find`, the client's way to get a handler by its name; tells what comes of it."""

    def find_handler(name: str) -> Any:
        try:
            handler = find(name)
        except Exception as error:
            observer.refused(error)
            raise
        except BaseException as error:
            observer.ends(error)
            raise
        observer.loaded(handler)
        return calling(handler, observer)

    return find_handler


def calling(handler: Callable[[Any, Any], Any], observer: Observer) -> Callable[[Any, Any], Any]:
    """As `handler`; tells when it is over."""

    def call(event: Any, context: Any) -> Any:
        try:
            result = handler(event, context)
        except Exception as error:
            observer.returned(error)
            raise
        except BaseException as error:
            observer.ends(error)
            raise
        observer.close_own(result)
        observer.returned()
        return result

    return call
