"""Where the run's servers come from: the environment, else containers, else embedded ones."""

import os
from collections.abc import Callable

from tests.brokers import KAFKA, contained_kafka
from tests.containers import FAILURES, docker_answers, service
from tests.databases import POSTGRES, contained_postgres
from tests.servers import Run

KINDS: tuple[tuple[str, str, str, Callable[[Run], object]], ...] = (
    ("PostgreSQL", POSTGRES, "postgres", contained_postgres),
    ("Kafka", KAFKA, "kafka", contained_kafka),
)


def choose(run: Run) -> list[str]:
    """Start the containers of this run, if there are to be any; says of each server what it is.

    A server that the environment names, or whose container does not start, gets none.
    """
    answers = any(variable not in os.environ for _, variable, *_ in KINDS) and docker_answers()
    return [
        f"{what}: {_origin(run, variable, name, start, answers=answers)}"
        for what, variable, name, start in KINDS
    ]


def _origin(
    run: Run, variable: str, name: str, start: Callable[[Run], object], *, answers: bool
) -> str:
    if variable in os.environ:
        return f"the address in {variable}"
    if not answers:
        return "embedded (no Docker answers)"
    image = service(name).image
    print(f"Starting a container of {image} …", flush=True)
    try:
        start(run)
    except FAILURES as error:
        return f"embedded (Docker answers, but no container of {image} runs: {_first_line(error)})"
    return f"container {image}"


def _first_line(error: Exception) -> str:
    said = str(error).strip() or type(error).__name__
    return said.splitlines()[0][:300]
