"""The standards' folder: its files read, each against its own form."""

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from libs.standards import files
from libs.standards.documents import Document, Location, parse
from libs.standards.faults import Fault, StandardsError

M = TypeVar("M", bound=files.Entry)

PROVINCES = "provinces.yaml"
SITES = "sites.yaml"
SERVICES = "services.yaml"
TARGETS = "targets.yaml"
QUEUE = "queue.yaml"
OFFICE_HOURS = "calendar/office_hours.yaml"
PUBLIC_HOLIDAYS = "calendar/public_holidays.yaml"
CLOSURES = "calendar/closures.yaml"
EDITIONS = "editions/"
ENDINGS = "endings.yaml"

AT_THE_CENTRE = frozenset({ENDINGS})
"""What the centre alone reads. Releases at the sites refuse files and fields that they don't know,
and would work on with old targets: so what was added since they were released stays here. None of
it may change a figure, and none of it is in the version."""

MOST_BYTES = 900_000
"""Of all that goes round to the sites, which is one message of a mebibyte at most."""
_NAME = re.compile(r"[a-z0-9_/-]{1,60}\.ya?ml")
"""What a file may be called that goes round."""

_FIXED = (
    PROVINCES,
    SITES,
    SERVICES,
    TARGETS,
    QUEUE,
    OFFICE_HOURS,
    PUBLIC_HOLIDAYS,
    CLOSURES,
)


@dataclass(frozen=True, slots=True)
class Parsed(Generic[M]):
    """A file that has its form, with the lines of its parts."""

    document: Document
    content: M

    def fault(self, location: Location, what: str, mend: str) -> Fault:
        return self.document.fault(location, what, mend)

    def line(self, location: Location) -> int:
        return self.document.line(location)


@dataclass(frozen=True, slots=True)
class Folder:
    """Every file that has its form, and the faults of those that have not."""

    version: str
    parsed: Mapping[str, Parsed[files.Entry]]
    faults: list[Fault] = field(default_factory=list[Fault])

    def get(self, name: str, form: type[M]) -> Parsed[M] | None:
        """A file by name; None where it has faults of form."""
        found = self.parsed.get(name)
        if found is None or not isinstance(found.content, form):
            return None
        return Parsed(found.document, found.content)

    @property
    def editions(self) -> tuple[Parsed[files.EditionFile], ...]:
        """The editions that have their form, by file name."""
        return tuple(
            edition
            for name in sorted(self.parsed)
            if (edition := self.get(name, files.EditionFile)) is not None
        )


_FORMS: Mapping[str, type[files.Entry]] = {
    PROVINCES: files.ProvincesFile,
    SITES: files.SitesFile,
    SERVICES: files.ServicesFile,
    TARGETS: files.TargetsFile,
    QUEUE: files.QueueFile,
    OFFICE_HOURS: files.OfficeHoursFile,
    PUBLIC_HOLIDAYS: files.PublicHolidaysFile,
    CLOSURES: files.ClosuresFile,
    ENDINGS: files.EndingsFile,
}


def contents_of(root: Path) -> dict[str, bytes]:
    """Every file under ``root`` by its name; raises StandardsError where there is no folder."""
    if not root.is_dir():
        mend = "name the folder that holds sites.yaml, or set SADUAK_STANDARDS"
        raise StandardsError([Fault(".", 1, f"there is no folder {root}", mend)])
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.suffix in {".yaml", ".yml"} and path.is_file()
    }


def for_sites(contents: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files that go round to the sites: those that every release there can read."""
    return {name: content for name, content in contents.items() if name not in AT_THE_CENTRE}


def read(contents: Mapping[str, bytes]) -> Folder:
    """Each file against its own form."""
    faults = list(_misplaced(contents))
    parsed: dict[str, Parsed[files.Entry]] = {}
    for name in sorted(contents):
        form = _form_of(name)
        if form is None:
            continue
        document, found = parse(name, contents[name])
        if not found:
            content, found = _conform(document, form)
            if content is not None:
                parsed[name] = Parsed(document, content)
        faults += found
    return Folder(_version(for_sites(contents)), parsed, faults)


def _form_of(name: str) -> type[files.Entry] | None:
    folder, _, file = name.rpartition("/")
    if f"{folder}/" == EDITIONS and file.endswith(".yaml"):
        return files.EditionFile
    return _FORMS.get(name)


def _misplaced(contents: Mapping[str, bytes]) -> Iterable[Fault]:
    whole = sum(map(len, for_sites(contents).values()))
    if whole > MOST_BYTES:
        what = f"the files have {whole} bytes together; {MOST_BYTES} are allowed"
        yield Fault(".", 1, what, "restore the last good version")
    for name in contents:
        if not _NAME.fullmatch(name):
            mend = "use small letters, digits, hyphens and underscores, at most 60"
            yield Fault(name, 1, "a file of this name can't go round to the sites", mend)
        elif _form_of(name) is None:
            known = ", ".join((*_FIXED, ENDINGS, f"{EDITIONS}*.yaml"))
            yield Fault(name, 1, "no file of the standards has this name", f"known are: {known}")
    for name in _FIXED:
        if name not in contents:
            yield Fault(name, 1, "the file is missing", "restore it from the last good version")
    if not any(_form_of(name) is files.EditionFile for name in contents):
        yield Fault(EDITIONS, 1, "there is no edition", "put at least one edition in this folder")


def _version(contents: Mapping[str, bytes]) -> str:
    """One digest of names and contents, in the order of the names."""
    digest = sha256()
    for name in sorted(contents):
        for part in (name.encode(), contents[name]):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return digest.hexdigest()


def _conform(document: Document, form: type[M]) -> tuple[M | None, list[Fault]]:
    """The document in its form. Read as strict JSON, in which a date is text and no number."""
    try:
        return form.model_validate_json(json.dumps(document.data)), []
    except ValidationError as error:
        details = error.errors(include_url=False)
        return None, [_fault(document, one) for one in details if not _follows(one, details)]


def _follows(detail: ErrorDetails, details: list[ErrorDetails]) -> bool:
    """Whether a list is too short only because its items are at fault."""
    location = detail["loc"]
    return detail["type"] == "too_short" and any(
        other["loc"][: len(location)] == location for other in details if other is not detail
    )


def _fault(document: Document, detail: ErrorDetails) -> Fault:
    location = detail["loc"]
    name = next((str(part) for part in reversed(location) if isinstance(part, str)), "the file")
    context = detail.get("ctx", {})
    given = _shown(detail["input"])
    match detail["type"]:
        case "refused":
            what, mend = f"`{name}`: {detail['msg']}", str(context["mend"])
        case "missing":
            what, mend = f"`{name}` is missing", f"add `{name}:` to this entry"
        case "extra_forbidden":
            what, mend = f"`{name}` is no field of this entry", _spelling(name)
        case "enum" | "literal_error":
            what, mend = f"`{name}` can't be {given}", f"write {context['expected']}"
        case _:
            what, mend = f"`{name}` can't be {given}", _in_words(detail["msg"])
    return document.fault(location, what, mend)


def _in_words(reason: str) -> str:
    """The library's reason in the words of the files."""
    for theirs, ours in (
        ("Input should be", "it should be"),
        ("a valid array", "a list"),
        ("a valid string", "text, in quotes if it is a number or a lone word like true"),
        ("a valid boolean", "true or false"),
        ("a valid ", "a "),
        ("a integer", "a whole number"),
        ("Tuple should", "it should"),
        (" after validation, not 0", ""),
    ):
        reason = reason.replace(theirs, ours)
    return reason


def _shown(value: object) -> str:
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if isinstance(value, dict):
        return "a group of fields"
    return "empty" if value is None else repr(value)[:60]


def _spelling(name: str) -> str:
    fields = {
        info.alias or field_name
        for form in _entries(files.Entry)
        for field_name, info in form.model_fields.items()
    }
    close = difflib.get_close_matches(name[:40], fields, n=1)
    return f"did you mean `{close[0]}`?" if close else "take it out"


def _entries(form: type[files.Entry]) -> Iterable[type[files.Entry]]:
    for entry in form.__subclasses__():
        yield entry
        yield from _entries(entry)
