"""``saduak reporting streams``: what is stopped and what is missing, and what a person gives up."""

from typing import Annotated, NamedTuple

import typer

from libs.clock import now
from libs.database.statements import statements
from libs.database.types import Pool
from libs.events.codes import Stream
from libs.events.topics import StreamName
from libs.service.settings import DatabaseSettings, load
from services.reporting.commands.context import mistakes_told, with_pool
from services.reporting.ingest import stops, vacancies
from services.reporting.ingest.messages import StreamKey
from services.reporting.ingest.quarantine import Finding, printable

SQL = statements("services.reporting", "sql/streams.sql")

app = typer.Typer()


class Found(NamedTuple):
    """What a person is told of the streams."""

    lines: list[str]
    waiting: int
    """How many streams are stopped or lack numbers."""


@app.callback(invoke_without_command=True)
def streams(context: typer.Context) -> None:
    """Streams that are stopped, and numbers that are missing; status 1 if there are any."""
    if context.invoked_subcommand is not None:
        return
    with mistakes_told():
        settings = load(DatabaseSettings)
        found = with_pool(settings, _found)
    for line in found.lines:
        typer.echo(line)
    typer.echo(f"{found.waiting} streams stopped or with numbers missing")
    if found.waiting:
        typer.echo("What to do: docs/runbooks/stream-stopped.md, gap-open.md", err=True)
        raise typer.Exit(1)


@app.command("accept-loss")
def accept_loss(
    site: Annotated[str, typer.Argument(help="The site's code.")],
    stream: Annotated[Stream, typer.Argument(help="ticketing or feedback.")],
    because: Annotated[str, typer.Option(help="What was found, in one line.")],
) -> None:
    """Give up the missing numbers of a stream as lost, and read it on. An event that comes all
    the same is taken in."""
    with mistakes_told():
        finding = Finding(because, now())
        key = StreamKey(site, stream.value)
        settings = load(DatabaseSettings)
        done = with_pool(settings, lambda pool: vacancies.accept_loss(pool, key, finding))
    typer.echo(
        f"{site} {stream.value}: {done.numbers} numbers in {done.gaps} gaps are accepted as lost; "
        "the stream is read on"
    )


async def _found(pool: Pool) -> Found:
    stopped = await stops.stopped(pool)
    missing = await pool.fetch(SQL.gaps_by_stream)
    vacant = await pool.fetch(SQL.vacancies_by_stream)
    lines = [
        f"{stop.topic} is stopped since {stop.since:%Y-%m-%d %H:%M:%S} UTC: "
        f"{stop.cause.value}, {printable(stop.detail)}"
        for stop in stopped
    ]
    lines += [
        f"{_topic(row['site'], row['stream'])} lacks {row['numbers']} numbers in {row['gaps']} "
        f"gaps, the first noticed {row['since']:%Y-%m-%d %H:%M:%S} UTC"
        for row in missing
    ]
    lines += [
        f"{_topic(row['site'], row['stream'])} has {row['numbers']} numbers without an event: "
        f"{row['reason']}"
        for row in vacant
    ]
    waiting = {_topic(row["site"], row["stream"]) for row in missing}
    return Found(lines, len(waiting | {stop.topic for stop in stopped}))


def _topic(site: str, stream: str) -> str:
    return StreamName(site, Stream(stream)).topic
