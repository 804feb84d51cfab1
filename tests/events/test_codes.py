"""Codes and numbers of an event hold what their pattern and their bounds say, and nothing else."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from libs.events.beats import StandardsVersion
from libs.events.bounds import EPOCH, SEQUENCE
from libs.events.codes import (
    CallNumber,
    Count,
    CounterNumber,
    Level,
    Reference,
    Revision,
    ServiceCode,
    SiteCode,
    StepNumber,
    TicketNumber,
    VersionCode,
)
from libs.events.durations import Milliseconds
from libs.events.envelope import DataSchema, Source, StreamEpoch, StreamSequence
from libs.events.publication import FileName
from libs.events.topics import site_of_beats, stream_of
from tests.nasty import INTEGERS, NUMBERS, TEXTS, WRONG_TYPES

CODES: dict[str, tuple[Any, str]] = {
    "site": (SiteCode, "pjo-50"),
    "service": (ServiceCode, "JF-BAIL"),
    "ticket": (TicketNumber, "A042"),
    "version": (VersionCode, "0.1.0"),
    "reference": (Reference, "0123456789abcdef" * 2),
    "standards": (StandardsVersion, "0899d252fc6d"),
    "source": (Source, "/sites/pjo-50/ticketing"),
    "dataschema": (DataSchema, "urn:saduak:event:visit.called.v1"),
    "file": (FileName, "editions/2565.yaml"),
}
WHOLE: dict[str, tuple[Any, int, int]] = {
    "epoch": (StreamEpoch, 1, EPOCH),
    "sequence": (StreamSequence, 1, SEQUENCE),
    "step": (StepNumber, 1, 99),
    "counter": (CounterNumber, 1, 999),
    "call": (CallNumber, 1, 99),
    "revision": (Revision, 1, 1_000_000),
    "count": (Count, 0, 10_000_000),
    "level": (Level, 1, 5),
    "milliseconds": (Milliseconds, 0, 10**15),
}


def is_read(kind: Any, token: str) -> bool:
    try:
        TypeAdapter(kind).validate_json(token, strict=True)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("name", CODES)
def test_a_code_is_its_pattern_from_end_to_end(name: str) -> None:
    kind, good = CODES[name]
    assert is_read(kind, json.dumps(good))
    other_digits = good.translate({ord("0") + n: chr(ord("๐") + n) for n in range(10)})
    full_width = good.translate({n: n + 0xFEE0 for n in range(ord("0"), ord("z") + 1)})
    wrong = {
        *(good + end for end in ("\n", "\r\n", " ", "\x00", "\u2028", "\u0300", "\u202e")),
        *(start + good for start in ("\n", " ", "\ufeff", "x\n")),
        *(good[:2] + middle + good[2:] for middle in ("\n", "\x00", "\u200b", "\u0300")),
        other_digits,
        full_width,
        good.upper() if good != good.upper() else good.lower(),
        good.replace("s", "ſ").replace("i", "ı").replace("k", "\u212a"),
        *TEXTS.values(),
    } - {good}
    assert [text for text in wrong if is_read(kind, json.dumps(text))] == []
    assert [token for token in WRONG_TYPES if is_read(kind, token)] == []


@given(st.sampled_from(list(CODES)), st.text())
def test_a_code_is_of_plain_letters(name: str, text: str) -> None:
    if is_read(CODES[name][0], json.dumps(text)):
        assert text.isascii()
        assert text.isprintable()
        assert " " not in text


@pytest.mark.parametrize("name", WHOLE)
def test_a_number_lies_in_its_bounds(name: str) -> None:
    kind, least, most = WHOLE[name]
    for number in (*INTEGERS, least - 1, least, most, most + 1):
        assert is_read(kind, str(number)) is (least <= number <= most), number
    whole = {str(number) for number in INTEGERS} | {"-0"}
    assert [one for one in {*NUMBERS.values(), *WRONG_TYPES} - whole if is_read(kind, one)] == []


@pytest.mark.parametrize("end", ["\n", "\x00", " ", ".ticketing", "\u0660"])
def test_a_topic_is_its_pattern_from_end_to_end(end: str) -> None:
    assert stream_of("site.pjo-50.ticketing").site == "pjo-50"
    with pytest.raises(ValueError, match="no stream"):
        stream_of("site.pjo-50.ticketing" + end)
    with pytest.raises(ValueError, match="no beats"):
        site_of_beats("site.pjo-50.beats" + end)
    with pytest.raises(ValueError, match="no stream"):
        stream_of("site.pjo-๕๐.ticketing")
