"""The command line, as an operator runs it."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from saduak.provision.postgres import SiteDatabase
from services.ticketing.office import Office
from services.ticketing.reads import day_book
from tests.ticketing.exports import FIRST, PROFILE, ROWS, export
from tests.ticketing.offices import SITE

STANDARDS = Path(__file__).parents[2] / "standards"


@pytest.fixture
def environment(site_database: SiteDatabase, tmp_path: Path) -> Mapping[str, str]:
    """The environment of the service's own login."""
    app = site_database.app("ticketing")
    password = tmp_path / "password"
    password.write_text(app.password, encoding="utf-8")
    return {
        "SADUAK_DATABASE_HOST": app.host,
        "SADUAK_DATABASE_PORT": str(app.port),
        "SADUAK_DATABASE_NAME": app.name,
        "SADUAK_DATABASE_USER": app.user,
        "SADUAK_DATABASE_PASSWORD_FILE": str(password),
        "SADUAK_STANDARDS": str(STANDARDS),
        "SADUAK_SITE": SITE,
    }


async def saduak(environment: Mapping[str, str], *arguments: str) -> tuple[int, str, str]:
    """Run the command; its status, output and errors."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "saduak",
        "ticketing",
        *arguments,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_an_operator_imports_an_export(
    office: Office, environment: Mapping[str, str], tmp_path: Path
) -> None:
    (tmp_path / "desk.yaml").write_text(PROFILE, encoding="utf-8")
    path = str(export(tmp_path, *ROWS))
    command = ("import", "--site", SITE, "--profile", str(tmp_path / "desk.yaml"), path)

    status, dry, _ = await saduak(environment, *command, "--dry-run")
    assert (status, dry.splitlines()[0]) == (0, "Dry run: nothing was changed.")
    assert await day_book(office, FIRST) == ()
    status, said, _ = await saduak(environment, *command)
    assert status == 0
    assert said.splitlines()[1:] == dry.splitlines()[1:]
    assert len(await day_book(office, FIRST)) == 4
    status, again, _ = await saduak(environment, *command)
    assert (status, again.splitlines()[-1]) == (
        0,
        "All of it was imported before: nothing to change.",
    )


async def test_what_cannot_be_imported_is_said_plainly(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    (tmp_path / "desk.yaml").write_text(PROFILE, encoding="utf-8")
    profile = ("--profile", str(tmp_path / "desk.yaml"))
    wrong = str(export(tmp_path, ROWS[0].replace("done", "lost")))
    status, said, _ = await saduak(environment, "import", "--site", SITE, *profile, wrong)
    assert status == 1
    assert "export.csv:2: result: no rule fits 'lost'" in said
    status, _, error = await saduak(environment, "import", "--site", "moj-jsc", *profile, wrong)
    assert status == 1
    assert error.startswith(f"this is the database of {SITE}")
    status, _, error = await saduak(
        environment, "import", "--site", SITE, *profile, "--date", "2021-12-02", wrong
    )
    assert status == 1
    assert "leave --date out" in error
    assert "Traceback" not in error


async def test_an_account_is_made_with_a_password_from_a_file(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    password = tmp_path / "new"
    password.write_text("rice boat seventeen\n", encoding="utf-8")
    command = ("staff", "add", "desk-1", "--role", "supervisor", "--password-file", str(password))
    status, said, _ = await saduak(environment, *command)
    assert (status, said) == (0, "desk-1 may sign in as supervisor.\n")
    status, _, error = await saduak(environment, *command)
    assert status == 1
    assert "is taken" in error
    status, code, _ = await saduak(environment, "device", "add", "kiosk", "door-1")
    assert status == 0
    assert code.strip()
