"""The dashboards' files as Grafana reads them, with its macros and variables expanded."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent.parent / "deploy" / "grafana"
FILES = sorted((FOLDER / "dashboards").glob("*.json"))
MACRO = re.compile(r"\$(__[a-zA-Z]+)\(([^)]*)\)")
"""As Grafana's PostgreSQL data source finds them."""


@dataclass(frozen=True, slots=True)
class Query:
    """One query of one panel, or of a variable (``panel`` is then empty)."""

    dashboard: str
    name: str
    panel: Mapping[str, Any]
    target: Mapping[str, Any]

    @property
    def sql(self) -> str | None:
        return self.target.get("rawSql")

    @property
    def promql(self) -> str | None:
        return self.target.get("expr")

    def __str__(self) -> str:
        return f"{self.dashboard}: {self.name} ({self.target.get('refId', 'variable')})"


def dashboards() -> dict[str, dict[str, Any]]:
    """Every dashboard by its file's name."""
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in FILES}


def queries() -> list[Query]:
    """Every query of every panel and variable."""
    found: list[Query] = []
    for dashboard in dashboards().values():
        uid = dashboard["uid"]
        found += [
            Query(uid, variable["name"], {}, {"rawSql": variable["query"]})
            for variable in dashboard["templating"]["list"]
            if variable["type"] == "query"
        ]
        for panel in dashboard["panels"]:
            found += [Query(uid, panel["title"], panel, target) for target in panel["targets"]]
    return found


@dataclass(frozen=True, slots=True)
class Shown:
    """The time and the choices for which a query is run."""

    since: datetime
    until: datetime
    chosen: Mapping[str, tuple[str, ...]]

    def sql(self, text: str) -> str:
        """What PostgreSQL gets."""
        for name, values in self.chosen.items():
            quoted = ",".join("'" + value.replace("'", "''") + "'" for value in values)
            text = text.replace(f"${{{name}:sqlstring}}", quoted)
            text = text.replace(f"${name}", values[0].replace("'", "''"))
        return MACRO.sub(self._macro, text)

    def _macro(self, found: re.Match[str]) -> str:
        name, arguments = found[1], [part.strip() for part in found[2].split(",")]
        since, until = (f"'{_utc(moment)}'" for moment in (self.since, self.until))
        match name:
            case "__timeFilter":
                return f"{arguments[0]} BETWEEN {since} AND {until}"
            case "__timeFrom":
                return since
            case "__timeTo":
                return until
            case "__timeGroup":
                seconds = _seconds(arguments[1].strip("'"))
                return f"floor(extract(epoch from {arguments[0]})/{seconds})*{seconds}"
            case _:
                raise ValueError(f"a macro of Grafana that is not known here: {name}")

    def promql(self, text: str) -> str:
        """What Prometheus gets."""
        text = text.replace("$__rate_interval", "1m").replace("$__interval", "15s")
        for name, values in self.chosen.items():
            text = text.replace(f"${name}", values[0])
        return text


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _seconds(interval: str) -> int:
    unit = {"m": "minutes", "h": "hours", "d": "days"}[interval[-1]]
    return int(timedelta(**{unit: int(interval[:-1])}).total_seconds())
