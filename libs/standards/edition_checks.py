"""What must hold inside an edition: its criteria, bindings and levels."""

from collections.abc import Iterator
from itertools import pairwise

from libs.standards import files
from libs.standards.documents import Location
from libs.standards.faults import Fault
from libs.standards.folder import Parsed
from libs.standards.metrics import METRICS, Unit
from libs.standards.values import CriterionKind, Level, Part, SourceMark

WORKING_CRITERIA = (
    *(f"P{number}" for number in range(1, 9)),
    *(f"Q{number}" for number in range(1, 9)),
    "R1",
)
"""The codes that a working model must hold, all of them."""

_LETTERS = {Part.PHYSICAL: "P", Part.QUALITY: "Q", Part.RESULTS: "R"}
_HIGHEST = {Unit.SHARE: 1.0, Unit.LEVEL: 5.0}

ParsedEdition = Parsed[files.EditionFile]


def check_edition(edition: ParsedEdition) -> Iterator[Fault]:
    """Every fault inside one edition."""
    yield from _honesty(edition)
    yield from _codes(edition)
    for index, criterion in enumerate(edition.content.criteria):
        yield from _criterion(edition, ("criteria", index), criterion)
    yield from _levels(edition)


def _honesty(edition: ParsedEdition) -> Iterator[Fault]:
    official = edition.content.source.mark is SourceMark.OFFICIAL
    if official == edition.content.working_model:
        yield edition.fault(
            ("working_model",),
            "an edition is either a working model or has an official source",
            "write `working_model: false` only with `source: {mark: official, …}`",
        )


def _codes(edition: ParsedEdition) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for index, criterion in enumerate(edition.content.criteria):
        at: Location = ("criteria", index, "code")
        if criterion.code in first:
            line = edition.line(("criteria", first[criterion.code]))
            what = f"criterion {criterion.code} is already on line {line}"
            yield edition.fault(at, what, "give each criterion its own code")
        first.setdefault(criterion.code, index)
        if criterion.code[0] != _LETTERS[criterion.part]:
            what = f"criterion {criterion.code} is not of the part {criterion.part}"
            yield edition.fault(
                at, what, f"codes of this part begin with {_LETTERS[criterion.part]}"
            )
    missing = [code for code in WORKING_CRITERIA if code not in first]
    if edition.content.working_model and missing:
        what = f"the working model lacks {', '.join(missing)}"
        yield edition.fault(("criteria",), what, "add the missing criteria")


def _criterion(
    edition: ParsedEdition, at: Location, criterion: files.CriterionEntry
) -> Iterator[Fault]:
    code, kind = criterion.code, criterion.kind
    if (kind is CriterionKind.MEASURED) == (criterion.evidence is not None):
        mend = (
            "remove `evidence`, or make it `kind: both`"
            if criterion.evidence
            else "add `evidence:`, or make it `kind: measured`"
        )
        yield edition.fault(
            (*at, "evidence"), f"{code} is {kind} and its evidence does not fit that", mend
        )
    if kind is CriterionKind.ATTESTED and criterion.metric is not None:
        what = f"{code} is attested and is bound to a metric"
        yield edition.fault((*at, "metric"), what, "remove `metric`, or make it `kind: both`")
    bound = criterion.metric is not None
    for field in ("direction", "threshold"):
        if (getattr(criterion, field) is not None) != bound:
            what = f"{code}: `metric` and `{field}` belong together"
            mend = f"add `{field}:`" if bound else f"remove `{field}`, or add `metric:`"
            yield edition.fault((*at, field), what, mend)
    yield from _threshold(edition, at, criterion)


def _threshold(
    edition: ParsedEdition, at: Location, criterion: files.CriterionEntry
) -> Iterator[Fault]:
    definition = METRICS[criterion.metric] if criterion.metric else None
    if definition and criterion.threshold is not None:
        highest = _HIGHEST.get(definition.unit)
        if highest is not None and criterion.threshold > highest:
            what = f"{criterion.code}: {criterion.metric} never exceeds {highest:g}"
            mend = "write a share from 0 to 1: 0.8 for 80 %"
            if definition.unit is Unit.LEVEL:
                mend = "write a level from 1 to 5"
            yield edition.fault((*at, "threshold"), what, mend)
    if criterion.minimum_response_rate is not None and not (definition and definition.from_answers):
        yield edition.fault(
            (*at, "minimum_response_rate"),
            f"{criterion.code} does not rest on visitors' answers",
            "remove `minimum_response_rate`, or bind a metric of answers",
        )


def _levels(edition: ParsedEdition) -> Iterator[Fault]:
    levels = edition.content.levels
    if tuple(rule.level for rule in levels) != tuple(Level):
        order = ", ".join(Level)
        what = "the levels are not the three of the standard, lowest first"
        yield edition.fault(("levels",), what, f"write each once, in this order: {order}")
    codes = {criterion.code for criterion in edition.content.criteria}
    for index, rule in enumerate(levels):
        for place, code in enumerate(rule.mandatory):
            if code not in codes:
                yield edition.fault(
                    ("levels", index, "mandatory", place),
                    f"there is no criterion {code} in this edition",
                    "write a code of `criteria`",
                )
    for index, (lower, higher) in enumerate(pairwise(levels), start=1):
        if higher.score_at_least < lower.score_at_least:
            what = f"{higher.level} asks for a lower score than {lower.level}"
            yield edition.fault(
                ("levels", index, "score_at_least"), what, "a higher level asks for no less"
            )
        if dropped := sorted(set(lower.mandatory) - set(higher.mandatory)):
            what = f"{higher.level} does not ask for {', '.join(dropped)}, {lower.level} does"
            yield edition.fault(("levels", index), what, "list them under the higher level too")
