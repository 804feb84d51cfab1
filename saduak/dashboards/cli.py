"""``saduak dashboards``: Grafana's files, written or checked."""

import json
from pathlib import Path
from typing import Annotated

import typer

from saduak.dashboards.compliance import COMPLIANCE
from saduak.dashboards.national import NATIONAL
from saduak.dashboards.pipeline import PIPELINE
from saduak.dashboards.site import SITE

app = typer.Typer(help="Grafana's dashboards: the files made of their description.")

DASHBOARDS = (NATIONAL, COMPLIANCE, SITE, PIPELINE)
Root = Annotated[Path, typer.Option(help="The project's folder.", file_okay=False)]


def _files(root: Path) -> dict[Path, str]:
    folder = root / "deploy/grafana/dashboards"
    return {
        folder / f"{one.uid}.json": json.dumps(one.json(), ensure_ascii=False, indent=1) + "\n"
        for one in DASHBOARDS
    }


@app.command()
def write(root: Root = Path()) -> None:
    """Write the files that Grafana provisions."""
    for path, text in _files(root).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    typer.echo(f"{len(DASHBOARDS)} dashboards written")


@app.command()
def check(root: Root = Path()) -> None:
    """Status 1 if a file is not up to date."""
    stale = [
        str(path)
        for path, text in _files(root).items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if stale:
        typer.echo("Not up to date (run `saduak dashboards write`): " + ", ".join(stale), err=True)
        raise typer.Exit(1)
    typer.echo("The dashboards' files are up to date")
