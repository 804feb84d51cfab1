"""``saduak reporting notify``, ``notices``, ``withdraw``: what the staff of sites are to read."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer
import uuid_utils.compat
from pydantic import ValidationError

from libs.clock import now
from libs.events.codes import Language
from libs.events.inbox import NOTICE_LENGTH, NoticeGiven
from libs.service.formats import date_and_time, local_date
from libs.service.settings import DatabaseSettings, load
from libs.service.text import printable
from libs.standards import Standards
from libs.standards import load as load_standards
from services.reporting.commands.context import mistakes_told, with_pool
from services.reporting.commands.options import a_moment
from services.reporting.settings import JudgingSettings
from services.reporting.sites import notices as notices_kept

app = typer.Typer()


@app.command()
def notify(
    th: Annotated[str, typer.Option("--th", help="The notice in Thai, one line.")],
    en: Annotated[str, typer.Option("--en", help="The same in English.")],
    until: Annotated[
        datetime,
        typer.Option(
            parser=a_moment,
            metavar="'YYYY-MM-DD HH:MM'",
            help="In Bangkok; then it is shown no more.",
        ),
    ],
    site: Annotated[
        list[str] | None, typer.Option(help="A site's code, repeatable; without it all sites.")
    ] = None,
) -> None:
    """Give a notice to the staff of sites. A site that can't be reached gets it later."""
    with mistakes_told():
        settings = load(JudgingSettings)
        sites = _sites(load_standards(settings.standards), site)
        given = _notice(th, en, until)
        with_pool(settings, lambda pool: notices_kept.give(pool, given, sites, now()))
    typer.echo(f"{given.notice}: given to {_counted(len(sites), 'site')}")


def _sites(standards: Standards, wanted: list[str] | None) -> list[str]:
    today = local_date(now())
    active = [site.code for site in standards.sites_on(today)]
    if unknown := sorted(set(wanted or ()) - set(active)):
        raise ValueError(
            f"--site is wrong: {', '.join(map(printable, unknown))} takes no part. See sites.yaml."
        )
    return sorted(set(wanted)) if wanted else active


def _notice(th: str, en: str, until: datetime) -> NoticeGiven:
    if until <= now():
        raise ValueError("--until is wrong: that time is over.")
    try:
        return NoticeGiven(notice=uuid_utils.compat.uuid7(), th=th, en=en, until=until)
    except ValidationError as error:
        wrong = ", ".join(f"--{detail['loc'][0]}" for detail in error.errors())
        raise ValueError(
            f"{wrong} is wrong: it takes one line of 1 to 500 plain characters."
        ) from None


@app.command()
def notices() -> None:
    """The last notices, and how many of their sites' inboxes have them."""
    with mistakes_told():
        found = with_pool(load(DatabaseSettings), notices_kept.newest)
    for one in found:
        sites = f"{_counted(one.sites, 'site')} {'was' if one.sites == 1 else 'were'} told"
        typer.echo(f"{one.id}: {_state(one)}; {one.said} of {sites}")
        typer.echo(
            f"  {printable(one.text_th, NOTICE_LENGTH)}\n  {printable(one.text_en, NOTICE_LENGTH)}"
        )
    typer.echo(_counted(len(found), "notice"))


def _state(notice: notices_kept.Notice) -> str:
    def when(moment: datetime) -> str:
        return date_and_time(moment, Language.ENGLISH)

    given = f"given {when(notice.given_at)}"
    if notice.withdrawn_at is not None:
        return f"{given}, withdrawn {when(notice.withdrawn_at)}"
    held = "holds" if notice.until > now() else "held"
    return f"{given}, {held} until {when(notice.until)}"


@app.command()
def withdraw(notice: Annotated[UUID, typer.Argument(help="As `notices` lists it.")]) -> None:
    """Take a notice back: sites show it no more."""
    with mistakes_told():
        sites = with_pool(
            load(DatabaseSettings), lambda pool: notices_kept.withdraw(pool, notice, now())
        )
    typer.echo(f"withdrawn from {_counted(sites, 'site')}")


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
