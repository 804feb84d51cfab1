"""The national scorecard in a terminal, for operators and the demonstration. Suppressed as the
pages are."""

import asyncio
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from libs.events.codes import Language
from libs.service.database import DatabaseUnavailable, connections
from libs.service.formats import date_and_time, local_date
from libs.service.settings import SettingsError, load
from libs.standards import StandardsError
from libs.standards import load as load_standards
from libs.standards.metrics import Metric
from libs.standards.values import Edition
from libs.stream.clock import now
from services.reporting import questions, reading
from services.reporting.disclosure import Published
from services.reporting.measures import Measure, Name
from services.reporting.periods import PeriodFault, range_of
from services.reporting.scorecard import Scorecard, State
from services.reporting.settings import JudgingSettings
from services.reporting.views import NationalView, Row
from services.reporting.wording import Wording

COLUMNS: tuple[tuple[Name, str], ...] = (
    (Measure.VISITS, "visits"),
    (Measure.WAIT_P50, "median wait"),
    (Measure.WAIT_P90, "P90 wait"),
    (Metric.WAIT_WITHIN_TARGET, "within target"),
    (Metric.SERVICE_WITHIN_ANNOUNCED, "service in time"),
    (Metric.SATISFACTION_TOP2, "satisfied"),
    (Metric.RESPONSE_RATE, "answered"),
)
WITHHELD, ABSENT = "<5", "–"
app = typer.Typer()

First = Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First service day.")]
Last = Annotated[
    datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last service day, with it.")
]


@app.command()
def scorecard(first: First, last: Last) -> None:
    """The national scorecard: every office's key figures and its level."""
    try:
        view = asyncio.run(_ask(first, last))
    except (SettingsError, DatabaseUnavailable, StandardsError, PeriodFault) as error:
        Console(stderr=True).print(str(error), style="red", markup=False, highlight=False)
        raise typer.Exit(2) from None
    Console().print(national_table(view))


async def _ask(first: datetime, last: datetime) -> NationalView:
    settings = load(JudgingSettings)
    standards = load_standards(settings.standards)
    today = local_date(now())
    period = range_of(first.date(), last.date(), today)
    async with (
        connections(settings.database, "reporting-scorecard", most=1) as pool,
        reading.snapshot(pool) as connection,
    ):
        return await questions.nation(connection, questions.Asked(standards, period, today))


def national_table(view: NationalView) -> RenderableType:
    """A row a site, the pilots together, all together; and what the level is not."""
    words = Wording(Language.ENGLISH)
    table = Table(title=f"National scorecard, {words.period(view.period)}", title_justify="left")
    table.add_column("office", overflow="fold")
    table.add_column("level", overflow="fold")
    for _, heading in COLUMNS:
        table.add_column(heading, justify="right")
    table.add_column("days complete", justify="right")
    for row in view.rows:
        days = row.completeness.coverage
        table.add_row(
            f"{row.site.code}  {row.site.name_en}",
            _level(row.scorecard, words),
            *_figures(row.figures, words),
            f"{days.complete}/{days.days}",
        )
    table.add_section()
    table.add_row("All pilots", "", *_figures(view.pilots.figures, words), "")
    table.add_row("All offices", "", *_figures(view.nation.figures, words), "")
    return Group(table, *_remarks(view))


def _figures(row: Row, words: Wording) -> list[str]:
    return [_cell(row[name], words) for name, _ in COLUMNS]


def _cell(one: Published, words: Wording) -> str:
    return WITHHELD if one.suppressed else words.figure(one) or ABSENT


def _level(card: Scorecard | None, words: Wording) -> str:
    if card is None:
        return ABSENT
    met = sum(finding.state is State.MET for finding in card.findings)
    reached = words.name(card.level) if card.level else f"below {_lowest(card.edition, words)}"
    return f"{reached}, {card.points}/{card.points_possible} points, {met} criteria met"


def _lowest(edition: Edition, words: Wording) -> str:
    return words.name(edition.levels[0])


def _remarks(view: NationalView) -> list[Text]:
    remarks: list[Text] = []
    if view.edition is None:
        remarks.append(Text("No edition of the standard held then: nothing is judged."))
    elif view.edition.working_model:
        remarks.append(Text(view.edition.notice_th, style="bold yellow"))
        remarks.append(Text(view.edition.notice_en, style="bold yellow"))
    reach = view.completeness.reach
    if reach:
        remarks.append(Text(f"Data until {date_and_time(reach.until, Language.ENGLISH)}."))
    remarks.append(Text(f"{WITHHELD}: about fewer than five people, or would give such away."))
    return remarks
