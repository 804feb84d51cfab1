"""The papers say what the code does."""

from pathlib import Path

from libs.service.language import Catalogue
from libs.standards.metrics import METRICS
from services.reporting.figures.measures import MEASURES
from services.reporting.web import wording
from services.reporting.web.routes import HERE

METRICS_PAPER = Path(__file__).parent.parent.parent / "docs" / "metrics.md"


def test_every_formula_stands_in_the_paper() -> None:
    paper = METRICS_PAPER.read_text(encoding="utf-8")
    for name, one in (*METRICS.items(), *MEASURES.items()):
        assert f"| `{name}` | {one.name_th} · {one.name_en} | {one.unit} | `{one.formula}`" in paper


def test_every_word_of_the_pages_is_said_in_thai() -> None:
    english = Catalogue([])
    thai = Catalogue([HERE / "locale"])
    said = (
        text
        for table in vars(wording).values()
        if isinstance(table, dict)
        for text in table.values()
        if isinstance(text, wording.Said)
    )
    for text in said:
        both = thai.both(text)
        assert both["th"] != both["en"] == english.both(text)["en"], text
