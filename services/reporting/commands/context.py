"""What an operator's commands share: a connection, and mistakes said in one red line."""

from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import TypeVar

import typer
import uvloop
from rich.console import Console

from libs.database.pool import DatabaseUnavailable, connections
from libs.database.types import Pool
from libs.service.settings import DatabaseSettings, SettingsError
from libs.standards import StandardsError
from services.reporting.garbage_collection import expect_many_objects

MISTAKES = (SettingsError, DatabaseUnavailable, StandardsError, ValueError)
R = TypeVar("R")


@contextmanager
def mistakes_told(*others: type[Exception]) -> Generator[None]:
    """End with status 2 and the error's own words, where an operator can mend it."""
    try:
        yield
    except (*MISTAKES, *others) as error:
        Console(stderr=True).print(str(error), style="red", markup=False, highlight=False)
        raise typer.Exit(2) from None


def with_pool(settings: DatabaseSettings, work: Callable[[Pool], Awaitable[R]]) -> R:
    """Do ``work`` on the national database, however long it takes: a person waits for it, who can
    interrupt it."""
    expect_many_objects()

    async def connected() -> R:
        async with connections(
            settings.database, "reporting-operator", most=2, long_work=True
        ) as pool:
            return await work(pool)

    return uvloop.run(connected())
