"""The cookie of a browser that somebody has signed in from: nobody makes one up."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from libs.site.browsers import LIFE_DAYS, LONGEST, MOST_LOGINS, KnownBrowsers

NOW = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
BROWSERS = KnownBrowsers(b"a key of this test only")


def test_a_browser_is_known_to_whom_it_let_in_and_to_nobody_else() -> None:
    cookie = BROWSERS.remember(None, "malee", NOW)
    assert BROWSERS.source(cookie, "malee", NOW) is not None
    assert BROWSERS.source(cookie, "somchai", NOW) is None
    assert BROWSERS.source(None, "malee", NOW) is None
    assert KnownBrowsers(b"another").source(cookie, "malee", NOW) is None


def test_those_who_share_a_browser_are_all_known_at_it() -> None:
    cookie = None
    logins = [f"clerk-{number}" for number in range(MOST_LOGINS)]
    for login in (*logins, *logins):
        cookie = BROWSERS.remember(cookie, login, NOW)
    sources = {BROWSERS.source(cookie, login, NOW) for login in logins}
    assert len(sources) == 1
    assert None not in sources
    assert cookie is not None
    assert len(cookie) <= LONGEST
    cookie = BROWSERS.remember(cookie, "one-more", NOW)
    assert len(cookie) <= LONGEST
    assert BROWSERS.source(cookie, logins[0], NOW) is None
    assert BROWSERS.source(cookie, logins[1], NOW) is not None


def test_what_is_known_of_a_browser_is_not_known_of_another() -> None:
    """An entry is of its browser only: it can't be carried to one that is not counted yet."""
    first = BROWSERS.remember(None, "malee", NOW)
    second = BROWSERS.remember(None, "somchai", NOW)
    assert BROWSERS.source(first, "malee", NOW) != BROWSERS.source(second, "somchai", NOW)
    mixed = second[:21] + first[21:]
    assert BROWSERS.source(mixed, "malee", NOW) is None


def test_it_names_nobody_and_lapses() -> None:
    cookie = BROWSERS.remember(None, "malee", NOW)
    assert "malee" not in cookie
    last = NOW + timedelta(days=LIFE_DAYS)
    assert BROWSERS.source(cookie, "malee", last) is not None
    assert BROWSERS.source(cookie, "malee", last + timedelta(days=1)) is None
    renewed = BROWSERS.remember(cookie, "malee", last)
    assert BROWSERS.source(renewed, "malee", last + timedelta(days=LIFE_DAYS)) is not None
    # A machine whose clock was never set still lets people in.
    assert BROWSERS.remember(None, "malee", datetime(1970, 1, 1, tzinfo=UTC))


@given(st.text(max_size=400))
def test_any_text_is_no_browser_and_harms_nothing(text: str) -> None:
    assert BROWSERS.source(text, "malee", NOW) is None
    made = BROWSERS.remember(text, "malee", NOW)
    assert BROWSERS.source(made, "malee", NOW) is not None
    assert len(made) <= LONGEST


@given(st.integers(0, 42), st.sampled_from("ABCxyz019-_"))
def test_an_altered_cookie_is_worth_nothing(place: int, letter: str) -> None:
    cookie = BROWSERS.remember(None, "malee", NOW)
    altered = cookie[:place] + letter + cookie[place + 1 :]
    if altered != cookie:
        assert BROWSERS.source(altered, "malee", NOW) is None
