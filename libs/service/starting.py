"""How a service's process begins and ends."""

import gc
import sys
from collections.abc import Callable, Coroutine
from typing import NoReturn, TypeVar

import uvloop

from libs.database.pool import DatabaseUnavailable
from libs.service import logs
from libs.service.http import ListenError
from libs.service.settings import ServiceSettings, SettingsError, load
from libs.standards import StandardsError

S = TypeVar("S", bound=ServiceSettings)
CANNOT_START = (SettingsError, DatabaseUnavailable, ListenError, StandardsError)
"""What an operator can mend; said in a few plain lines, without a traceback."""


def start(
    service: str, kind: type[S], serve: Callable[[S], Coroutine[object, object, bool]]
) -> NoReturn:
    """Read the settings, serve, and end the process.

    Status 0 when it was told to stop; 1 when it could not start, or a task that it can't do
    without failed.
    """
    try:
        settings = load(kind)
        logs.configure(service, getattr(settings, "site", None))
        done = uvloop.run(serve(settings))
    except CANNOT_START as error:
        sys.exit(f"{service} cannot start: {error}")
    # Nothing is left to collect, and looking for it takes most of the time of stopping.
    gc.freeze()
    sys.exit(0 if done else 1)
