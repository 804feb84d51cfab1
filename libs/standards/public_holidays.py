"""The public holidays of Thailand as a file of the standards, from the ``holidays`` library.

The file is committed and not computed at each start: the version of the standards then covers
it, every process counts by the same days, and a day that the cabinet adds is one more entry.
"""

from collections.abc import Iterator
from importlib.metadata import version

import holidays

_HEAD = """\
# Public holidays of Thailand, on which every site is closed. To add a day that the cabinet has
# announced, copy an entry. To write other years anew: saduak standards holidays FIRST LAST
source:
  mark: public
  reference: "The Python library holidays {version} (Thailand: public and government holidays); \
check years to come against the cabinet's announcements"
public_holidays:
"""


def public_holidays_file(first_year: int, last_year: int) -> str:
    """The text of ``calendar/public_holidays.yaml`` for the years of the common era."""
    return _HEAD.format(version=version("holidays")) + "\n".join(
        _entries(range(first_year, last_year + 1))
    )


def _entries(years: range) -> Iterator[str]:
    thai, english = (
        holidays.Thailand(years=years, language=language, categories=("public", "government"))
        for language in ("th", "en_US")
    )
    for day in sorted(thai):
        if day.year in years:
            yield f"- date: {day}"
            yield f"  name_th: {_quoted(thai[day])}"
            yield f"  name_en: {_quoted(english[day])}"
    yield ""


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
