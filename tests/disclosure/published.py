"""Everything that pages, API and dashboards show of a country, laid out for the attack."""

from collections.abc import Iterator

from services.reporting.figures.disclosure import Published
from services.reporting.figures.formulas import Series
from services.reporting.figures.measures import Measure
from services.reporting.figures.views import PILOTS, RatingRow, Row, SiteView, Total
from tests.disclosure.attack import Cell, Knowledge, Meaning, Where, meaning_of
from tests.disclosure.countries import MONTH, Told
from tests.disclosure.knowledge import points, rated

NOT_BY_SERVICE = (Measure.VISITS, Measure.TOTAL_MEAN)
"""A visit can have several services: older answers give zeros here, which say nothing."""


def of_nation(told: Told) -> tuple[Knowledge, list[Cell]]:
    """The national table: a block an office; totals are over those that they don't leave out."""
    known = Knowledge()
    cells: list[Cell] = []
    for row in told.nation.rows:
        code = row.site.code
        known.add_block(code, visits=True, answers=True)
        cells += _row(code, {code: 1.0}, row.figures)
    every = [row.site.code for row in told.nation.rows]
    pilots = [row.site.code for row in told.nation.rows if row.site.kind in PILOTS]
    cells += _total("pilots", told.nation.pilots, pilots)
    cells += _total("nation", told.nation.nation, every)
    for cell in cells:
        if cell.label == "steps" and cell.shown.suppressed and cell.place in every:
            known.at_least(cell.place, "steps", 1)
    known.read(cells)
    return known, cells


def _total(place: str, total: Total, sites: list[str]) -> Iterator[Cell]:
    for name, shown in total.figures.items():
        left_out = total.left_out.get(name, ())
        where = {site: 1.0 for site in sites if site not in left_out}
        if where:
            yield Cell(place, name, where, meaning_of(shown), shown)


def of_office(told: Told, code: str) -> tuple[Knowledge, list[Cell]]:
    """An office's page: itself, its services, its hours, and the days that its edition judges."""
    view = told.offices[code]
    known = Knowledge()
    known.add_block(code, visits=True, answers=True)
    cells = [*_row(code, {code: 1.0}, view.figures), *_ratings(code, view)]
    cells += _parts(known, view, code)
    cells += _card(known, view, code)
    known.read(cells)
    return known, cells


def _parts(known: Knowledge, view: SiteView, code: str) -> list[Cell]:
    cells: list[Cell] = []
    services = {f"{code} {one.service.code}": one.figures for one in view.services}
    hours = {f"{code} {one.hour:02} h": one.figures for one in view.hours}
    for rows, answers in ((services, True), (hours, False)):
        for block, figures in rows.items():
            known.add_block(block, visits=False, answers=answers)
            kept: Row = {n: one for n, one in figures.items() if n not in NOT_BY_SERVICE}
            cells += _row(block, {block: 1.0}, kept)
            if Measure.STEPS in kept and kept[Measure.STEPS].suppressed:
                known.at_least(block, "steps", 1)
        if rows:
            known.adds_up(list(rows), code)
    return cells


def _card(known: Knowledge, view: SiteView, code: str) -> list[Cell]:
    card = view.scorecard
    if card is None:
        return []
    block = code
    if (card.judged.first, card.judged.last) != (MONTH.first, MONTH.last):
        block = f"{code} judged"
        known.add_block(block, visits=True, answers=True)
        known.nested(block, code)
    shown = [finding.figure for finding in card.findings if finding.figure]
    return [
        Cell(f"{block} scorecard", one.name, {block: 1.0}, meaning_of(one), one) for one in shown
    ]


def _row(place: str, where: Where, figures: Row) -> Iterator[Cell]:
    for name, shown in figures.items():
        yield Cell(place, name, where, meaning_of(shown), shown)


def _ratings(code: str, view: SiteView) -> Iterator[Cell]:
    for one in view.ratings:
        for shown, meaning in _answers(one):
            label = f"{one.series} {one.dimension or 'all'} {shown.name}"
            yield Cell(code, label, {code: 1.0}, meaning, shown)


def _answers(one: RatingRow) -> Iterator[tuple[Published, Meaning]]:
    series = "raw" if one.series is Series.RAW else "cleaned"
    yield one.top2, rated(one.dimension, series)
    yield one.mean, points(one.dimension, series)
    yield one.percent, points(one.dimension, series)
