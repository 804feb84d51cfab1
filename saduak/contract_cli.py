"""``saduak contract``: the files generated from the event types, written or checked."""

from pathlib import Path
from typing import Annotated

import typer

from libs.events.asyncapi import document
from libs.events.generate import Incompatible, check_released, reference, schemas

app = typer.Typer(help="The contract's generated files: JSON Schemas and the reference of events.")

Root = Annotated[Path, typer.Option(help="The project's folder.", file_okay=False)]


def _files(root: Path) -> dict[Path, str]:
    folder = root / "libs/events/schemas"
    return {folder / name: text for name, text in schemas().items()} | {
        root / "docs/events.md": reference(),
        root / "docs/asyncapi.json": document(),
    }


def _check_released(root: Path) -> None:
    committed = {
        path.name: path.read_text(encoding="utf-8")
        for path in (root / "libs/events/schemas").glob("*.json")
    }
    try:
        check_released(committed)
    except Incompatible as error:
        typer.echo(f"A released version changed. Add a new version instead:\n{error}", err=True)
        raise typer.Exit(1) from None


@app.command()
def write(root: Root = Path()) -> None:
    """Write the schemas and docs/events.md; refuses a change to a released version."""
    _check_released(root)
    for path, text in _files(root).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    typer.echo(f"{len(schemas())} schemas, docs/events.md and docs/asyncapi.json written")


@app.command()
def check(root: Root = Path()) -> None:
    """Status 1 if a released version changed, or a generated file is not up to date."""
    _check_released(root)
    stale = [
        str(path)
        for path, text in _files(root).items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if stale:
        typer.echo("Not up to date (run `saduak contract write`): " + ", ".join(stale), err=True)
        raise typer.Exit(1)
    typer.echo("The contract's files are up to date")
