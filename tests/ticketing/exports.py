"""A small export of a queue system of our own making, and its profile."""

from datetime import date
from pathlib import Path

from services.ticketing.imports.files import Reading, read
from services.ticketing.imports.parsing import RowReader
from services.ticketing.imports.profile import Profile, load
from services.ticketing.office import Office

PROFILE = """\
name: clerk-desk
time_zone: Asia/Bangkok
date: {column: day, format: "%d/%m/%Y"}
clock: {format: "%H:%M", unset: "-"}
service: {column: desk, codes: {info: INF, law: ADV}}
visitor_class: {column: fast, codes: {"no": normal, "yes": priority}}
channel: counter
counter: {column: room, unknown: [""]}
moments:
  arrival: {clock: came}
  called: {clock: called}
  started: {after: called}
  ended: {clock: went}
  left: {clock: went}
rows:
  column: result
  rules:
  - {value: done, outcome: served}
  - {value: gone, outcome: left}
  - {value: absent, outcome: no_show}
  - {value: test, skip: test-ticket}
"""
HEADER = "day,desk,fast,came,called,went,room,result\n"
ROWS = (
    "02/12/2021,info,no,09:00,09:05,09:12,7,done\n",
    "02/12/2021,law,yes,09:01,09:03,09:33,East,done\n",
    "02/12/2021,info,no,08:59,-,09:20,,gone\n",
    "02/12/2021,info,no,10:00,10:10,10:12,7,absent\n",
    "02/12/2021,info,no,10:00,-,-,,test\n",
    "03/12/2021,info,no,23:50,23:58,00:10,7,done\n",
)
FIRST = date(2021, 12, 2)
SECOND = date(2021, 12, 3)


def profile_in(folder: Path, text: str = PROFILE) -> Profile:
    """The profile ``text``, loaded from a file."""
    path = folder / "profile.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def export(folder: Path, *rows: str, name: str = "export.csv") -> Path:
    """A file of ``rows`` below the header."""
    path = folder / name
    path.write_text(HEADER + "".join(rows), encoding="utf-8")
    return path


def reading(office: Office, profile: Profile, *paths: Path) -> Reading:
    """What ``paths`` hold, read for ``office``."""
    return read(profile, RowReader(profile, frozenset(office.standards.services), None), paths)
