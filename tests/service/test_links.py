"""The link on a ticket: nobody can make one up or alter one."""

import string
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.site.links import LONGEST, BadLink, VisitLink, sign, verify

KEY = b"the site's key"
links = st.builds(
    VisitLink,
    st.uuids(),
    st.from_regex(r"[A-Z]{2,4}(-[A-Z]{2,4})?", fullmatch=True),
    st.dates(date(1000, 1, 1)),
)
LETTERS = string.ascii_letters + string.digits + "-_"


@given(links)
def test_a_link_says_what_was_signed(link: VisitLink) -> None:
    token = sign(link, KEY)
    assert verify(token, KEY) == link
    assert len(token) <= LONGEST
    assert set(token) <= set(LETTERS)


@given(links, st.data())
def test_one_altered_letter_makes_it_worthless(link: VisitLink, data: st.DataObject) -> None:
    token = sign(link, KEY)
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from(sorted(set(LETTERS) - {token[place]})))
    with pytest.raises(BadLink):
        verify(token[:place] + letter + token[place + 1 :], KEY)


@given(links, st.binary(min_size=1))
def test_another_key_signs_another_link(link: VisitLink, key: bytes) -> None:
    if key != KEY:
        with pytest.raises(BadLink):
            verify(sign(link, key), KEY)


@given(st.text(max_size=100))
def test_any_other_text_is_no_link(text: str) -> None:
    with pytest.raises(BadLink):
        verify(text, KEY)


def test_the_service_and_the_day_cannot_trade_letters() -> None:
    link = VisitLink(UUID(int=1), "ADV", date(2026, 3, 2))
    token = sign(link, KEY)
    for shorter in (token[:-1], token[1:], token + "A", token + "="):
        with pytest.raises(BadLink):
            verify(shorter, KEY)
