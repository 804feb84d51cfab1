"""A Prometheus that watches an embedded country, where one is installed.

It has the rules of ``deploy/prometheus`` and scrapes the replicas of reporting as the deployed one
does, and the sites' services too, which a ministry can't reach. Nothing depends on it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import httpx
import yaml

from saduak.local.plan import HOST, PROMETHEUS, Folder, Plan
from saduak.local.processes import Child, Command
from saduak.local.services import Service

DEPLOYED = Path(__file__).parents[2] / "deploy" / "prometheus"
MEMORY = "256MiB"
"""What it aims not to exceed; with seven sites it begins with 60 MB."""
BOUNDS = (
    "--storage.tsdb.retention.time=7d",
    "--storage.tsdb.retention.size=512MB",
    "--query.max-samples=2000000",
    "--query.max-concurrency=4",
)
REPORTING, SITES = "reporting", "sites"
DRAWING = "rickshaw/rickshaw.min.js"
GRAPHS = {
    "visitors who wait": "sum by (site) (saduak_ticketing_waiting_visitors)",
    "events taken in, a second": "sum by (stream) (rate(saduak_ingest_events_total[1m]))",
}
MISSING = (
    "No Prometheus was found, so none watches the country. Put one on the PATH or name it in "
    "SADUAK_PROMETHEUS (on Debian and Ubuntu `make test` unpacks one), and start again."
)


@dataclass(frozen=True, slots=True)
class LocalPrometheus:
    """One server: its ``program``, its settings and data in ``directory``, and its port."""

    program: Path
    directory: Path
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def prepare(self, services: Sequence[Service]) -> None:
        """Write its settings, and whom to scrape."""
        self.directory.mkdir(mode=0o700, exist_ok=True)
        told = yaml.safe_load((DEPLOYED / "prometheus.yml").read_text(encoding="utf-8"))
        told["rule_files"] = [str(DEPLOYED / "rules" / "*.yml")]
        (job,) = told["scrape_configs"]
        del job["static_configs"]
        told["scrape_configs"] = [
            {**job, "job_name": name, "file_sd_configs": [{"files": [str(self._targets(name))]}]}
            for name in (REPORTING, SITES)
        ]
        self._settings.write_text(yaml.safe_dump(told), encoding="utf-8")
        self.scrape(services)

    def scrape(self, services: Sequence[Service]) -> None:
        """From now on these; a running server takes notice by itself."""
        jobs: Mapping[str, list[object]] = {REPORTING: [], SITES: []}
        for one in services:
            labels = {} if one.site is None else {"site": one.site, "service": one.room}
            target = {"targets": [f"{HOST}:{one.operations_port}"], "labels": labels}
            jobs[REPORTING if one.site is None else SITES].append(target)
        for name, targets in jobs.items():
            new = self._targets(name).with_suffix(".new")
            new.write_text(json.dumps(targets, indent=2), encoding="utf-8")
            new.replace(self._targets(name))

    def launch(self) -> Child:
        """Start it, prepared, without waiting for it. Flags that Prometheus 2.42 and 3 know."""
        arguments = [
            str(self.program),
            f"--config.file={self._settings}",
            f"--storage.tsdb.path={self.directory / 'data'}",
            f"--web.listen-address={HOST}:{self.port}",
            "--log.level=warn",
            *BOUNDS,
        ]
        # Debian's has its pages beside it, and looks for them where it would be installed.
        pages = self.program.parent.parent / "share" / "prometheus" / "web"
        if pages.exists():
            arguments.append(f"--web.local-assets={pages}/")
        return Child(Command(arguments, self.log, {"GOMEMLIMIT": MEMORY}))

    def links(self) -> list[tuple[str, str]]:
        """What there is to see, and its address; the server must run.

        Debian's has older pages at other addresses; without Debian's packages of JavaScript
        beside it they draw no graph.
        """
        with httpx.Client(base_url=self.url, timeout=5, trust_env=False) as client:
            classic = client.get("/targets").is_error
            draws = not classic or client.get(f"/classic/static/{DRAWING}").is_success
        place = f"{self.url}/classic" if classic else self.url
        pages = [("what is scraped", f"{place}/targets"), ("alerts", f"{place}/alerts")]
        for what, expression in GRAPHS.items() if draws else ():
            asked = {"g0.expr": expression, "g0.tab": 0, "g0.range_input": "15m"}
            pages.append((what, f"{self.url}/graph?{urlencode(asked)}"))
        return pages

    @property
    def _settings(self) -> Path:
        return self.directory / "prometheus.yml"

    def _targets(self, job: str) -> Path:
        return self.directory / f"{job}.json"


def watcher(folder: Folder, plan: Plan) -> LocalPrometheus | None:
    """The one that the country was planned with."""
    if plan.prometheus is None:
        return None
    place = folder.root / PROMETHEUS
    return LocalPrometheus(plan.prometheus, place, plan.ports[PROMETHEUS], folder.log(PROMETHEUS))
