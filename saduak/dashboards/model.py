"""A dashboard in few words, and the JSON that Grafana reads. Pure.

Grafana's JSON says everything and its default too; here stands what differs. Every panel has a
title and a description in both languages, a unit, and its data source by uid.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

Json: TypeAlias = Mapping[str, object]

POSTGRES: Json = {"type": "grafana-postgresql-datasource", "uid": "saduak-postgres"}
PROMETHEUS: Json = {"type": "prometheus", "uid": "saduak-prometheus"}
SCHEMA_VERSION = 41
WIDTH = 24
"""Of Grafana's grid."""


class Look(StrEnum):
    """How a panel shows its numbers: Grafana's panel types that we use."""

    STAT = "stat"
    TABLE = "table"
    TIMESERIES = "timeseries"
    BARCHART = "barchart"


@dataclass(frozen=True, slots=True)
class Text:
    """A text in both languages."""

    th: str
    en: str

    @property
    def line(self) -> str:
        return f"{self.th} · {self.en}"

    @property
    def lines(self) -> str:
        return f"{self.th}\n\n{self.en}"


@dataclass(frozen=True, slots=True)
class Sql:
    """A query to the national database; ``series`` has a column `time`, and may have `metric`."""

    text: str
    series: bool = False

    def json(self, ref: str) -> Json:
        return {
            "refId": ref,
            "datasource": POSTGRES,
            "editorMode": "code",
            "rawQuery": True,
            "rawSql": self.text,
            "format": "time_series" if self.series else "table",
        }


@dataclass(frozen=True, slots=True)
class PromQl:
    """A query to Prometheus: over the time shown, or ``instant`` as it is now."""

    expression: str
    legend: str = ""
    instant: bool = False
    table: bool = False

    def json(self, ref: str) -> Json:
        return {
            "refId": ref,
            "datasource": PROMETHEUS,
            "editorMode": "code",
            "expr": self.expression,
            "legendFormat": self.legend or "__auto",
            "instant": self.instant,
            "range": not self.instant,
            "format": "table" if self.table else "time_series",
        }


@dataclass(frozen=True, slots=True)
class Step:
    """From this value on (None: the lowest), this colour."""

    value: float | None
    colour: str


@dataclass(frozen=True, slots=True)
class Column:
    """How a field of a result is shown where it differs from its panel."""

    field: str
    name: Text | None = None
    unit: str | None = None
    width: int | None = None
    link: str | None = None
    """A relative address."""
    words: Mapping[str, tuple[str, str]] | None = None
    """Of a code: what is shown, and its colour."""
    steps: Sequence[Step] = ()
    hidden: bool = False

    def json(self) -> Json:
        properties: list[Json] = []
        if self.name:
            properties.append({"id": "displayName", "value": self.name.line})
        if self.unit:
            properties.append({"id": "unit", "value": self.unit})
        if self.width:
            properties.append({"id": "custom.width", "value": self.width})
        if self.link:
            link = {"title": "เปิด · Open", "url": self.link}
            properties.append({"id": "links", "value": [link]})
        if self.words:
            properties.append({"id": "mappings", "value": [_mapping(self.words)]})
        if self.steps:
            properties.append({"id": "thresholds", "value": _thresholds(self.steps)})
        if self.words or self.steps:
            cell = {"type": "color-text"}
            properties.append({"id": "custom.cellOptions", "value": cell})
        return {"matcher": {"id": "byName", "options": self.field}, "properties": properties}


def _mapping(words: Mapping[str, tuple[str, str]]) -> Json:
    options = {
        code: {"index": index, "text": shown, "color": colour}
        for index, (code, (shown, colour)) in enumerate(words.items())
    }
    return {"type": "value", "options": options}


def _thresholds(steps: Sequence[Step]) -> Json:
    return {
        "mode": "absolute",
        "steps": [{"value": step.value, "color": step.colour} for step in steps],
    }


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel. ``unit`` is Grafana's name for what its numbers are."""

    look: Look
    title: Text
    about: Text
    unit: str
    queries: Sequence[Sql | PromQl]
    width: int
    columns: Sequence[Column] = ()
    steps: Sequence[Step] = ()
    words: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    """What is shown in the place of a value, by value."""
    lately: str | None = None
    """A time of its own, such as ``30d``, whatever the dashboard shows."""
    matrix: tuple[str, str, str] | None = None
    """Rows, columns and values: turns a long list into a table."""
    largest: float | None = None
    """The end of the scale."""
    fields: bool = False
    """A statistic shows text, not numbers."""

    def json(self, number: int, x: int, y: int, height: int) -> dict[str, object]:
        source = POSTGRES if isinstance(self.queries[0], Sql) else PROMETHEUS
        made: dict[str, object] = {
            "id": number,
            "type": self.look.value,
            "title": self.title.line,
            "description": self.about.lines,
            "datasource": source,
            "gridPos": {"x": x, "y": y, "w": self.width, "h": height},
            "targets": [
                query.json(ref) for ref, query in zip("ABCDEFGH", self.queries, strict=False)
            ],
            "fieldConfig": {
                "defaults": self._defaults(),
                "overrides": [column.json() for column in self.columns if not column.hidden],
            },
            "options": self._options(),
            "transformations": self._transformations(),
        }
        if self.lately:
            made |= {"timeFrom": self.lately, "hideTimeOverride": False}
        return made

    def _defaults(self) -> Json:
        made: dict[str, object] = {
            "unit": self.unit,
            "noValue": "–",
            "thresholds": _thresholds(self.steps or (Step(None, "text"),)),
            "color": {"mode": "thresholds" if self.steps else "palette-classic"},
        }
        if self.words:
            made["mappings"] = [_mapping(self.words)]
        if self.look is Look.TABLE:
            made["custom"] = {"cellOptions": {"type": "color-text" if self.words else "auto"}}
        if self.largest is not None:
            made |= {"min": 0, "max": self.largest}
        if self.look is Look.TIMESERIES:
            made["custom"] = {
                "drawStyle": "line",
                "lineWidth": 2,
                "fillOpacity": 5,
                "showPoints": "auto",
                "spanNulls": False,
                "axisSoftMin": 0,
            }
        return made

    def _options(self) -> Json:
        match self.look:
            case Look.STAT:
                return {
                    "reduceOptions": {
                        "calcs": ["lastNotNull"],
                        "fields": "/.*/" if self.fields else "",
                        "values": False,
                    },
                    "colorMode": "value",
                    "graphMode": "none",
                    "textMode": "auto",
                    "wideLayout": True,
                }
            case Look.TABLE:
                return {"showHeader": True, "cellHeight": "sm", "footer": {"show": False}}
            case Look.TIMESERIES:
                return {
                    "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
                    "tooltip": {"mode": "multi", "sort": "desc"},
                }
            case Look.BARCHART:
                return {
                    "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
                    "orientation": "auto",
                    "showValue": "auto",
                }

    def _transformations(self) -> list[Json]:
        made: list[Json] = []
        if self.matrix:
            rows, columns, values = self.matrix
            options = {"rowField": rows, "columnField": columns, "valueField": values}
            made.append({"id": "groupingToMatrix", "options": options | {"emptyValue": "null"}})
        if left_out := [column.field for column in self.columns if column.hidden]:
            excluded = {"excludeByName": dict.fromkeys(left_out, True)}
            made.append({"id": "organize", "options": excluded})
        return made


@dataclass(frozen=True, slots=True)
class Variable:
    """A choice at the top of the dashboard. ``query`` gives `__value` and `__text`."""

    name: str
    label: Text
    query: str
    first: Sequence[str]
    """What is chosen at first."""
    several: bool = False

    def json(self) -> Json:
        chosen = list(self.first) if self.several else self.first[0]
        return {
            "type": "query",
            "name": self.name,
            "label": self.label.line,
            "datasource": POSTGRES,
            "query": self.query,
            "definition": self.query,
            "refresh": 1,
            "sort": 0,
            "multi": self.several,
            "includeAll": False,
            "current": {"text": chosen, "value": chosen},
        }


@dataclass(frozen=True, slots=True)
class Address:
    """A variable with the address of pages that are not Grafana's, beside it or elsewhere."""

    name: str
    label: Text
    path: str

    def json(self) -> Json:
        return {
            "type": "textbox",
            "name": self.name,
            "label": self.label.line,
            "query": self.path,
            "current": {"text": self.path, "value": self.path},
            "options": [{"selected": True, "text": self.path, "value": self.path}],
        }


@dataclass(frozen=True, slots=True)
class Shelf:
    """Panels side by side, of one height."""

    height: int
    panels: Sequence[Panel]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A whole dashboard; ``since`` and ``until`` are Grafana's words for its time."""

    uid: str
    title: Text
    about: Text
    shelves: Sequence[Shelf]
    since: str
    until: str
    refresh: str
    variables: Sequence[Variable | Address] = ()

    def json(self) -> Json:
        """What Grafana reads."""
        return {
            "uid": self.uid,
            "title": self.title.line,
            "description": self.about.lines,
            "tags": ["saduak"],
            "schemaVersion": SCHEMA_VERSION,
            "version": 1,
            "editable": False,
            "timezone": "Asia/Bangkok",
            "weekStart": "monday",
            "fiscalYearStartMonth": 9,
            "graphTooltip": 1,
            "time": {"from": self.since, "to": self.until},
            "refresh": self.refresh,
            "templating": {"list": [variable.json() for variable in self.variables]},
            "annotations": {"list": []},
            "links": [
                {
                    "type": "dashboards",
                    "title": "หน้าจออื่น · Other dashboards",
                    "tags": ["saduak"],
                    "asDropdown": True,
                    "includeVars": False,
                    "keepTime": False,
                }
            ],
            "panels": list(self._placed()),
        }

    def _placed(self) -> Iterator[Json]:
        number, y = 1, 0
        for shelf in self.shelves:
            x = 0
            for panel in shelf.panels:
                yield panel.json(number, x, y, shelf.height)
                x += panel.width
                number += 1
            if x > WIDTH:
                raise ValueError(f"{self.uid}: a shelf is {x} wide, the grid {WIDTH}")
            y += shelf.height
