"""Charts, drawn on the server to SVG. Each stands beside a table that says the same."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import fontpkg_sarabun
import vl_convert

from libs.events.codes import Language
from services.reporting.figures.disclosure import Published
from services.reporting.figures.measures import Measure
from services.reporting.figures.views import HourRow

MINUTE_MS = 60_000
HIDDEN = "*"
"""Stands where an hour's waits are withheld; the legend beside the chart explains it."""
FONT = "Sarabun"
INK, QUIET, RULE = "#1d2a38", "#4a5a6a", "#d5dce4"
MEDIAN, P90 = "#1f5b92", "#b4491f"
"""Each at least 4.5 to 1 on white; told apart by shape too."""

vl_convert.register_font_directory(str(Path(fontpkg_sarabun.__file__).parent / "files"))


@dataclass(frozen=True, slots=True)
class HourMark:
    """One hour of the chart, in minutes; None where nothing may be shown, or is there."""

    hour: int
    median: float | None
    p90: float | None
    suppressed: bool


@dataclass(frozen=True, slots=True)
class Words:
    """A chart's words in one language."""

    hour: str
    minutes: str


WORDS = {
    Language.THAI: Words("ชั่วโมงที่รับบัตรคิว (น.)", "นาที"),
    Language.ENGLISH: Words("Hour in which the ticket was taken", "Minutes"),
}


def waits_by_hour(rows: tuple[HourRow, ...], language: Language, width: int) -> str:
    """An SVG of ``width`` pixels: the median wait as a bar and P90 as a dot, hour by hour.

    Takes tens of milliseconds, the first one a second: call it from a thread.
    """
    return _drawn(tuple(_mark(row) for row in rows), language, width)


def _mark(row: HourRow) -> HourMark:
    median, p90 = row.figures.get(Measure.WAIT_P50), row.figures.get(Measure.WAIT_P90)
    hidden = median is None or median.suppressed
    return HourMark(row.hour, _minutes(median), _minutes(p90), hidden)


def _minutes(one: Published | None) -> float | None:
    return None if one is None or one.value is None else round(one.value / MINUTE_MS, 2)


@lru_cache(maxsize=256)
def _drawn(marks: tuple[HourMark, ...], language: Language, width: int) -> str:
    return vl_convert.vegalite_to_svg(_specification(marks, WORDS[language], width))


def _specification(marks: tuple[HourMark, ...], words: Words, width: int) -> dict[str, object]:
    """The chart in Vega-Lite's words."""
    shown = [{"hour": f"{mark.hour:02d}", "median": mark.median, "p90": mark.p90} for mark in marks]
    hidden = [{"hour": f"{mark.hour:02d}", "text": HIDDEN} for mark in marks if mark.suppressed]
    hour: dict[str, object] = {
        "field": "hour",
        "type": "ordinal",
        "title": words.hour,
        "axis": {"labelAngle": 0, "grid": False},
        "scale": {"domain": [row["hour"] for row in shown]},
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": width,
        "height": 240,
        "autosize": {"type": "fit", "contains": "padding"},
        "background": None,
        "data": {"values": shown},
        "encoding": {"x": hour},
        "layer": [
            {
                "mark": {
                    "type": "bar",
                    "color": MEDIAN,
                    "cornerRadiusEnd": 2,
                    "width": {"band": 0.62},
                },
                "encoding": {"y": _height("median", words.minutes)},
            },
            {
                "mark": {"type": "rule", "color": P90, "strokeWidth": 1.5},
                "encoding": {"y": _height("median", words.minutes), "y2": {"field": "p90"}},
            },
            {
                "mark": {
                    "type": "point",
                    "color": P90,
                    "filled": True,
                    "size": 60,
                    "opacity": 1,
                },
                "encoding": {"y": _height("p90", words.minutes)},
            },
            {
                "data": {"values": hidden},
                "mark": {"type": "text", "baseline": "bottom", "dy": -3, "color": QUIET},
                "encoding": {"text": {"field": "text"}, "y": {"datum": 0}},
            },
        ],
        "config": _style(),
    }


def _height(name: str, title: str) -> dict[str, object]:
    return {
        "field": name,
        "type": "quantitative",
        "title": title,
        "axis": {"tickCount": 5},
        "scale": {"nice": 5},
    }


def _style() -> dict[str, object]:
    return {
        "font": FONT,
        "view": {"stroke": None},
        "text": {"fontSize": 13},
        "axis": {
            "labelFontSize": 13,
            "titleFontSize": 13,
            "titleFontWeight": "normal",
            "labelColor": INK,
            "titleColor": INK,
            "gridColor": RULE,
            "domainColor": QUIET,
            "tickColor": QUIET,
        },
    }
