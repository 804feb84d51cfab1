"""The national scorecard in a terminal, for operators and the demonstration. Suppressed as the
pages are."""

import asyncio
from datetime import date

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from libs.clock import now
from libs.database.pool import connections
from libs.events.codes import Language
from libs.service.formats import date_and_time, local_date
from libs.service.settings import load
from libs.standards import load as load_standards
from libs.standards.metrics import Metric
from services.reporting.commands.context import mistakes_told
from services.reporting.commands.options import First, Last
from services.reporting.figures.disclosure import Published
from services.reporting.figures.measures import Measure, MeasureUnit, Name
from services.reporting.figures.scorecard import Scorecard, Standing
from services.reporting.figures.views import NationalView, Row
from services.reporting.model.periods import PeriodFault, range_of
from services.reporting.reads import questions, rollup_sums
from services.reporting.settings import JudgingSettings
from services.reporting.web.wording import Wording

COLUMNS: tuple[tuple[Name, str], ...] = (
    (Measure.VISITS, "visits"),
    (Measure.WAIT_P50, "wait\nP50"),
    (Measure.WAIT_P90, "wait\nP90"),
    (Metric.WAIT_WITHIN_TARGET, "in\ntarget"),
    (Metric.SERVICE_WITHIN_ANNOUNCED, "announced"),
    (Metric.SATISFACTION_TOP2, "satisfied"),
    (Metric.RESPONSE_RATE, "replies"),
)
READING = (
    "Waits of served visitors to the first call; in target: waits within the day's target; "
    "announced: services within the announced time; satisfied: ratings of 4 or 5; days: complete "
    "of those due."
)
NARROWEST = 100
"""Characters; in fewer, whole columns would be left out."""
WITHHELD, ABSENT = "<5", "–"
app = typer.Typer()


@app.command()
def scorecard(first: First, last: Last) -> None:
    """The national scorecard: every office's key figures and its points."""
    with mistakes_told(PeriodFault):
        view = asyncio.run(_ask(first, last))
    print_national_table(Console(), view)


async def _ask(first: date, last: date) -> NationalView:
    settings = load(JudgingSettings)
    standards = load_standards(settings.standards)
    today = local_date(now())
    period = range_of(first, last, today)
    async with (
        connections(settings.database, "reporting-scorecard", most=1) as pool,
        rollup_sums.snapshot(pool) as connection,
    ):
        return await questions.nation(connection, questions.Asked(standards, period, today))


def print_national_table(console: Console, view: NationalView) -> None:
    """Print the table, as wide as it must be: a narrower terminal wraps its lines, loses none."""
    wide = Console(
        file=console.file,
        width=max(console.width, NARROWEST),
        force_terminal=console.is_terminal,
    )
    wide.print(national_table(view))


def national_table(view: NationalView) -> RenderableType:
    """A row a site, the pilots together, all together; and what the points are not."""
    words = Wording(Language.ENGLISH)
    title = f"National scorecard, {words.period(view.period)}"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("office", min_width=9)
    table.add_column("standard", min_width=9)
    for _, heading in COLUMNS:
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("days", justify="right", no_wrap=True)
    for row in view.rows:
        days = row.completeness.coverage
        table.add_row(
            f"{row.site.code}  {row.site.name_en}{' (unreadable)' if row.unreadable else ''}",
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
    if one.suppressed:
        return WITHHELD
    if one.value is not None and one.unit is MeasureUnit.MILLISECONDS:
        minutes, seconds = divmod(round(one.value / 1000), 60)
        return f"{minutes}m {seconds:02}s"
    return words.figure(one) or ABSENT


def _level(card: Scorecard | None, words: Wording) -> str:
    if card is None:
        return ABSENT
    points = f"{card.points}/{card.points_possible}"
    match card.standing:
        case Standing.NOT_JUDGED:
            return "not judged"
        case Standing.POINTS:
            return f"{points} points"
        case Standing.LEVEL:
            reached = words.name(card.level) if card.level else f"below {_lowest(card, words)}"
            return f"{reached}, {points}"


def _lowest(card: Scorecard, words: Wording) -> str:
    return words.name(card.edition.levels[0])


def _remarks(view: NationalView) -> list[Text]:
    remarks: list[Text] = []
    if view.edition is None:
        remarks.append(Text("No edition of the standard held then: nothing is judged."))
    elif view.edition.working_model:
        remarks.append(Text(view.edition.notice_th, style="bold yellow"))
        remarks.append(Text(view.edition.notice_en, style="bold yellow"))
    if any(row.scorecard and row.scorecard.standing is Standing.POINTS for row in view.rows):
        remarks.append(Text("No level is named: evidence can't be handed in yet."))
    reach = view.completeness.reach
    if reach:
        remarks.append(Text(f"Data until {date_and_time(reach.until, Language.ENGLISH)}."))
    remarks.append(Text(READING))
    remarks.append(Text(f"{WITHHELD}: about fewer than five people, or would give such away."))
    return remarks
