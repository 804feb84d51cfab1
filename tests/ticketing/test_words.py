"""Every refusal speaks Thai and English, and names what it is about."""

import string

import pytest

from libs.events.codes import Language
from services.ticketing import errors
from services.ticketing.error_texts import BY_LANGUAGE, words_of

KINDS = {errors.Refused, errors.NotFound, errors.Invalid}


def all_refusals(kind: type[errors.Refused] = errors.Refused) -> set[type[errors.Refused]]:
    below = {one for child in kind.__subclasses__() for one in all_refusals(child)}
    return (below | {kind}) - KINDS


def test_codes_are_unique_and_all_have_words() -> None:
    codes = [refusal.code for refusal in all_refusals()]
    assert len(codes) == len(set(codes))
    for words in BY_LANGUAGE.values():
        assert set(words) == set(codes)


def names(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field}


@pytest.mark.parametrize("code", sorted(BY_LANGUAGE[Language.ENGLISH]))
def test_both_languages_name_the_same_things(code: str) -> None:
    thai, english = BY_LANGUAGE[Language.THAI][code], BY_LANGUAGE[Language.ENGLISH][code]
    assert names(thai.what + thai.mend) == names(english.what + english.mend)
    assert thai.mend
    assert english.mend


def test_a_refusal_is_worded_with_its_values() -> None:
    refused = errors.CounterBusy(counter=3, ticket="A042")
    assert words_of(refused, Language.ENGLISH).what == "Counter 3 still has ticket A042."
    assert "A042" in words_of(refused, Language.THAI).what
    assert "กำลังรอ" in words_of(errors.WrongState(state="waiting"), Language.THAI).what
