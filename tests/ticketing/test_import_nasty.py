"""What an export, a profile or an operator's command may hold never ends in a traceback."""

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path
from unittest.mock import patch

import pytest
import typer.testing
from hypothesis import given
from hypothesis import strategies as st

from libs.service.text import odd_character
from libs.standards import Standards
from services.ticketing.cli import app as ticketing
from services.ticketing.imports.files import Reading, read
from services.ticketing.imports.parsing import RowReader
from services.ticketing.imports.profile import Profile, ProfileError, load
from tests import nasty
from tests.ticketing.exports import HEADER, PROFILE, ROWS, export, profile_in
from tests.ticketing.offices import SITE
from tests.ticketing.test_cli import STANDARDS, environment

__all__ = ["environment"]
CELLS = (
    *nasty.TEXTS.values(),
    *nasty.ILL_FORMED_DAYS.values(),
    *nasty.OUT_OF_SPAN_DAYS.values(),
    *nasty.ILL_FORMED_TIMES.values(),
    *nasty.NUMBERS.values(),
)


def read_bytes(folder: Path, content: bytes, profile: Profile, standards: Standards) -> Reading:
    path = folder / "export.csv"
    path.write_bytes(content)
    return read(profile, RowReader(profile, frozenset(standards.services), None), [path])


def printable(reading: Reading) -> bool:
    lines = "\n".join(str(error) for error in reading.errors).splitlines()
    return all(odd_character(line) is None for line in lines)


def test_a_nasty_cell_is_an_error_of_its_row(tmp_path: Path, standards: Standards) -> None:
    profile = profile_in(tmp_path)
    good = ROWS[0].rstrip("\n").split(",")
    tried = 0
    for column in range(len(good)):
        rows = [[*good[:column], cell, *good[column + 1 :]] for cell in CELLS]
        content = HEADER + "".join(",".join(row) + "\n" for row in rows)
        reading = read_bytes(tmp_path, content.encode(errors="surrogatepass"), profile, standards)
        assert reading.errors or column == 6  # any text names a counter, and goes no further
        assert printable(reading)
        tried += len(rows)
    quoted = HEADER + "".join(
        ",".join([*good[:1], '"' + cell.replace('"', '""') + '"', *good[2:]]) + "\n"
        for cell in CELLS
        if cell.isprintable()
    )
    assert printable(read_bytes(tmp_path, quoted.encode(), profile, standards))
    assert tried > 1000


def test_nasty_bytes_and_headers_are_errors_of_the_file(
    tmp_path: Path, standards: Standards
) -> None:
    profile = profile_in(tmp_path)
    columns = HEADER.rstrip("\n").split(",")
    contents = [*nasty.NO_OBJECTS, HEADER.encode("utf-16"), HEADER.encode() + b"\xff\xfe\n"]
    for name in nasty.FIELD_NAMES.values():
        more = ",".join([*columns, name.replace("\n", " ")])
        contents.append((more + "\n" + ROWS[0].rstrip("\n") + ",x\n").encode())
        contents.append((more.replace("came,", "") + "\n").encode())
    for content in contents:
        assert printable(read_bytes(tmp_path, content, profile, standards))


@given(text=st.text(max_size=300), cell=nasty.ENCODABLE_TEXT)
def test_generated_exports_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, standards: Standards, text: str, cell: str
) -> None:
    folder = tmp_path_factory.getbasetemp()
    content = (HEADER + text + cell).encode()
    assert printable(read_bytes(folder, content, profile_in(folder), standards))


PLACES = ("clerk-desk", "Asia/Bangkok", '"%d/%m/%Y"', '"%H:%M"', "INF", "counter\n", "done", "day,")


def test_a_nasty_profile_is_refused_or_reads(tmp_path: Path, standards: Standards) -> None:
    content = (HEADER + ROWS[0]).encode()
    for text in (*nasty.TEXTS.values(), "rot13", "idna", "utf-7", "unicode_escape", "utf-16"):
        quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
        for place in PLACES:
            spoilt = PROFILE.replace(place, quoted + place[-1:] * (place[-1:] in ",\n"), 1)
            try_profile(tmp_path, spoilt.encode(errors="surrogatepass"), content, standards)
        for more in ("delimiter", "encoding"):
            spoilt = f"{PROFILE}{more}: {quoted}\n"
            try_profile(tmp_path, spoilt.encode(errors="surrogatepass"), content, standards)
    for raw in nasty.NO_OBJECTS:
        try_profile(tmp_path, raw[:5000], content, standards)


def try_profile(folder: Path, raw: bytes, content: bytes, standards: Standards) -> None:
    path = folder / "profile.yaml"
    path.write_bytes(raw)
    with contextlib.suppress(ProfileError):
        assert printable(read_bytes(folder, content, load(path), standards))


async def test_a_nasty_command_ends_in_plain_words(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    (tmp_path / "desk.yaml").write_text(PROFILE, encoding="utf-8")
    (tmp_path / "dateless.yaml").write_text(
        PROFILE.replace('date: {column: day, format: "%d/%m/%Y"}\n', ""), encoding="utf-8"
    )
    (tmp_path / "secret").write_bytes(b"\xff\xfe\x00")
    path = str(export(tmp_path, *ROWS))
    dated = ("import", "--site", SITE, "--profile", str(tmp_path / "dateless.yaml"), path)
    commands: list[tuple[str, ...]] = []
    for text in nasty.TEXTS.values():
        short = text[:5000]
        commands += [
            ("staff", "add", "--password-file", str(tmp_path / "secret"), "--", short),
            ("device", "add", "--", "kiosk", short),
            ("import", "--site", short, "--profile", str(tmp_path / "desk.yaml"), path),
            ("import", "--site", SITE, "--profile", short, path),
        ]
    days = (*nasty.ILL_FORMED_DAYS.values(), *nasty.OUT_OF_SPAN_DAYS.values())
    commands += [(*dated, "--dry-run", "--date", day) for day in days]
    answers = await asyncio.to_thread(lambda: [run(environment, *one) for one in commands])
    for command, (status, said) in zip(commands, answers, strict=True):
        assert status in {0, 1, 2}, command  # some labels and dates are right
        assert all(odd_character(line) is None for line in said.splitlines()), command
    buddhist = run_plain(await asyncio.to_thread(run, environment, *dated, "--date", "2569-03-16"))
    assert "write the year 2026 (2569 - 543)" in buddhist


def run_plain(answer: tuple[int, str]) -> str:
    return " ".join(answer[1].split())


def run(environment: Mapping[str, str], *arguments: str) -> tuple[int, str]:
    """The status and what is said; whatever is raised is raised here."""
    with patch.dict("os.environ", {**environment, "SADUAK_STANDARDS": str(STANDARDS)}):
        found = typer.testing.CliRunner().invoke(ticketing, arguments)
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found.exit_code, found.output
