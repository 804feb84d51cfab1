"""The pure rules: bands, answers, keys."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.codes import Dimension, FeedbackChannel, Language, Screening, WaitingBand
from services.feedback.model.answer import Answer, taken
from services.feedback.model.site_key import BadStamp, SiteKey
from services.feedback.model.waiting_band import waiting_band
from tests.feedback.site import answer

NINE = datetime(2026, 11, 23, 2, tzinfo=UTC)
KEY = SiteKey(bytes(range(32)))


@pytest.mark.parametrize(
    ("seconds", "band"),
    [
        (0, WaitingBand.UP_TO_5_MIN),
        (300, WaitingBand.UP_TO_5_MIN),
        (300.001, WaitingBand.UP_TO_15_MIN),
        (900, WaitingBand.UP_TO_15_MIN),
        (1800, WaitingBand.UP_TO_30_MIN),
        (3600, WaitingBand.UP_TO_60_MIN),
        (3600.001, WaitingBand.OVER_60_MIN),
        (86_400, WaitingBand.OVER_60_MIN),
        (86_400.001, WaitingBand.UNKNOWN),
        (-0.001, WaitingBand.UNKNOWN),
    ],
)
def test_a_wait_falls_into_the_band_whose_upper_limit_holds_it(
    seconds: float, band: WaitingBand
) -> None:
    assert waiting_band(NINE, NINE + timedelta(seconds=seconds)) is band


def test_the_wait_of_a_visitor_never_called_is_unknown() -> None:
    assert waiting_band(NINE, None) is WaitingBand.UNKNOWN


def an_answer(levels: dict[Dimension, int], took_ms: int) -> Answer:
    return Answer(uuid4(), uuid4(), levels, Language.ENGLISH, FeedbackChannel.LINK, took_ms)


@given(st.dictionaries(st.sampled_from(Dimension), st.integers(1, 5), min_size=1))
def test_ratings_stand_in_one_order_whatever_was_touched_first(
    levels: dict[Dimension, int],
) -> None:
    ratings = an_answer(levels, 60_000).ratings
    assert {rating.dimension: rating.level for rating in ratings} == levels
    places = [list(Dimension).index(rating.dimension) for rating in ratings]
    assert places == sorted(places)


def test_an_answer_rates_something_and_within_the_scale() -> None:
    with pytest.raises(ValueError, match=r"^an answer rates at least one dimension$"):
        an_answer({}, 60_000)
    for level in (0, 6):
        with pytest.raises(ValueError, match=r"^a level is a number from 1 to 5$"):
            an_answer({Dimension.STAFF: level}, 60_000)


@pytest.mark.parametrize(
    ("dimensions", "took_ms", "marked"),
    [(1, 1499, True), (1, 1500, False), (4, 2999, True), (4, 3000, False)],
)
def test_an_answer_faster_than_reading_is_marked(
    dimensions: int, took_ms: int, marked: bool
) -> None:
    levels = dict.fromkeys(list(Dimension)[:dimensions], 4)
    assert an_answer(levels, took_ms).screening == ((Screening.TOO_FAST,) if marked else ())


@given(st.integers(), st.integers())
def test_neither_clock_can_lengthen_what_the_other_saw(page_ms: int, site_ms: int) -> None:
    took = taken(page_ms, site_ms)
    assert took >= 0
    assert took <= max(0, page_ms)
    assert took <= max(0, site_ms)


def test_a_reference_is_of_one_visit_and_one_site() -> None:
    visit, other = UUID(int=1), UUID(int=2)
    assert KEY.reference(visit) == KEY.reference(visit)
    assert len({KEY.reference(visit), KEY.reference(other)}) == 2
    assert SiteKey(bytes(32)).reference(visit) != KEY.reference(visit)
    assert len(KEY.reference(visit)) == 32


@given(st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_a_stamp_gives_back_its_moment(moment: datetime) -> None:
    visit = uuid4()
    read = KEY.read_stamp(visit, KEY.stamp(visit, moment))
    assert timedelta(0) <= moment - read < timedelta(milliseconds=1)


@given(st.text(max_size=40))
def test_a_stamp_not_made_here_is_refused(text: str) -> None:
    with pytest.raises(BadStamp):
        KEY.read_stamp(UUID(int=1), text)


def test_a_stamp_is_of_one_visit_and_each_of_its_bits_counts() -> None:
    visit = UUID(int=1)
    stamp = KEY.stamp(visit, NINE)
    with pytest.raises(BadStamp):
        KEY.read_stamp(UUID(int=2), stamp)
    for place, letter in enumerate(stamp):
        tampered = stamp[:place] + ("A" if letter != "A" else "B") + stamp[place + 1 :]
        with pytest.raises(BadStamp):
            KEY.read_stamp(visit, tampered)


def test_the_key_is_not_shown() -> None:
    assert "key" not in repr(KEY)
    assert answer(UUID(int=1)).ratings
