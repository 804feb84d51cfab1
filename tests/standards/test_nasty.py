"""Files that no person would write: each is a document or named faults, never anything else."""

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.standards import StandardsError, made_of
from libs.standards.documents import DEEPEST, MOST_BYTES, parse
from libs.standards.faults import SAID, TEXT_LENGTH
from tests import nasty
from tests.standards.trees import FILES, Tree

GOOD = {name: text.encode() for name, text in FILES.items()}
DATED = ("targets.yaml", "from: 2025-03-17")


def outcome(name: str, content: bytes) -> str:
    """What becomes of the standards with this file in place of its own; its faults are fit to be
    printed and stored."""
    error = refusal(name, content)
    if error is None:
        return "taken"
    assert error.faults
    for fault in error.faults:
        assert fault.line >= 1
        for text in (fault.file, fault.what, fault.mend):
            assert text.isprintable()
            assert len(text) <= 8 * TEXT_LENGTH
    assert len(str(error).splitlines()) <= SAID + 1
    return "refused"


def refusal(name: str, content: bytes) -> StandardsError | None:
    try:
        made_of(GOOD | {name: content})
    except StandardsError as error:
        return error
    return None


def broken() -> Iterator[tuple[str, bytes]]:
    """Whole files by what is wrong with them."""
    depth = 50_000
    yield "lists in a row", b"a: " + b"[" * depth
    yield "lists in lists", b"a: " + b"[" * depth + b"]" * depth
    yield "groups in groups", b"a: " + b"{a: " * depth + b"}" * depth
    yield "dashes", b"- " * depth
    yield "keys of keys", b"? " * depth
    yield "indents", b"".join(b" " * n + b"a:\n" for n in range(600))
    yield "one level too deep", b"a: " + b"[" * DEEPEST + b"]" * DEEPEST
    laughs = [b"a0: &a0 [ha, ha]"]
    laughs += [b"a%d: &a%d [%s]" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 10)]
    yield "a billion laughs", b"\n".join(laughs)
    yield "an alias of itself", b"a: &a [*a]"
    yield "a merge", b"a: &a {b: 1}\nc:\n  <<: *a\n"
    yield "an alias of nothing", b"a: *b"
    yield "a key twice", b"queue: 1\nqueue: 2\n"
    yield "a key twice, once escaped", b'queue: 1\n"\\x71ueue": 2\n'
    yield "a key that is a list", b"? [a]\n: b\n"
    yield "two documents", b"a: 1\n---\na: 2\n"
    yield "an object of Python", b"a: !!python/object/apply:os.system [id]\n"
    yield "a version of YAML", b"%YAML " + b"9" * 5000 + b".1\n---\na: 1\n"
    yield "an escape for no sign", b'a: "\\U00110000"'
    yield "an escape for no number", b'a: "\\UFFFFFFFF"'
    yield "a long number", b"counters: " + b"9" * 5000
    yield "a long decimal", b"counters: " + b"9" * 400 + b".0"
    yield "not a number", b"counters: .nan"
    yield "too large", b"#" * (MOST_BYTES + 1)
    yield "too many", b"a: [" + b"a," * (MOST_BYTES // 2 - 10) + b"]"
    yield "UTF-16", "a: 1".encode("utf-16")
    yield "invalid UTF-8", b"a: \xff\xfe"
    yield "a surrogate's bytes", b"a: \xed\xa0\x80"
    yield "a NUL", b"a: \x00"
    yield "only NULs", b"\x00" * 1000
    yield "nothing", b""
    yield "tabs", b"a:\n\t- b\n"
    yield "a comment that turns direction", "# \u202egnp\n".encode() + GOOD["queue.yaml"]
    for number in range(0x20):
        if chr(number) not in "\t\n\r":
            yield f"control character {number}", GOOD["queue.yaml"] + b"# " + bytes([number])


@pytest.mark.parametrize(("what", "content"), list(broken()), ids=[what for what, _ in broken()])
def test_a_broken_file_is_refused(what: str, content: bytes) -> None:
    assert outcome("queue.yaml", content) == "refused", what


def quoted(text: str) -> str:
    """The text in double quotes, with every sign escaped that is not plain."""
    escaped = [
        sign if sign.isalnum() and sign.isascii() else f"\\U{ord(sign):08X}" for sign in text
    ]
    return f'"{"".join(escaped)}"'


@pytest.mark.parametrize("text", nasty.TEXTS.values(), ids=nasty.TEXTS)
def test_a_nasty_text_is_a_fault_or_harmless(text: str) -> None:
    """As a value and as a key, as it is and escaped."""
    sites = FILES["sites.yaml"]
    for written in (quoted(text), text):
        for name, changed in (
            ("value", sites.replace("name_en: Chiang Mai", f"name_en: {written}")),
            ("key", sites.replace("counters: 3", f"counters: 3\n  {written}: 1")),
        ):
            found = outcome("sites.yaml", changed.encode(errors="surrogatepass"))
            if name == "key":
                assert found == "refused" or changed != sites
            if found == "taken":
                standards = made_of(GOOD | {"sites.yaml": changed.encode()})
                kept = standards.sites["pjo-50"].name_en
                assert kept.encode()
                assert "\x00" not in kept
                assert "\x1b" not in kept
                assert "\u202e" not in kept


@pytest.mark.parametrize("name", ["NUL", "terminal colour", "right to left override", "zalgo"])
def test_what_nobody_sees_is_refused_with_its_place(name: str) -> None:
    written = quoted(nasty.TEXTS[name])
    changed = FILES["sites.yaml"].replace("name_en: Chiang Mai", f"name_en: {written}")
    with pytest.raises(StandardsError) as caught:
        made_of(GOOD | {"sites.yaml": changed.encode()})
    (fault,) = caught.value.faults
    assert (fault.file, fault.line) == ("sites.yaml", 7)
    assert "nobody sees (U+" in fault.what or "signs stand on one letter" in fault.what


DAYS = {**nasty.ILL_FORMED_DAYS, **nasty.OUT_OF_SPAN_DAYS}


@pytest.mark.parametrize("day", DAYS.values(), ids=DAYS)
def test_a_day_that_no_figure_reaches_is_refused(day: str) -> None:
    name, old = DATED
    changed = FILES[name].replace(old, f"from: {quoted(day)}")
    assert changed != FILES[name]
    assert outcome(name, changed.encode()) == "refused"


@pytest.mark.parametrize(
    ("day", "what", "mend"),
    [
        ("2569-03-17", "Buddhist year", "write the year 2026 (2569 - 543)"),
        ("2567-02-29", "Buddhist year", "write the year 2024 (2567 - 543)"),
        ("2643-12-31", "Buddhist year", "write the year 2100"),
        ("2644-01-01", "lies outside", "1990-01-01 to 2100-12-31"),
        ("0001-01-01", "lies outside", "1990-01-01 to 2100-12-31"),
        ("1989-12-31", "lies outside", "1990-01-01 to 2100-12-31"),
        ("9999-12-31", "lies outside", "1990-01-01 to 2100-12-31"),
        ("2569-13-01", "Buddhist year", "write the year 2026"),
    ],
)
def test_a_year_of_another_era_is_named(tree: Tree, day: str, what: str, mend: str) -> None:
    """In every file that has days."""
    for name, old, new in (
        ("targets.yaml", "from: 2025-03-17", f"from: {day}"),
        ("targets.yaml", "until: 2025-01-31", f"until: {day}"),
        ("queue.yaml", "from: 2025-03-17", f"from: {day}"),
        ("calendar/office_hours.yaml", "until: 2025-02-28", f"until: {day}"),
        ("calendar/public_holidays.yaml", "date: 2025-04-14", f"date: {day}"),
        ("calendar/closures.yaml", "until: 2025-07-22", f"until: {day}"),
        ("editions/working.yaml", "from: 2024-10-01", f"from: {day}"),
    ):
        good = FILES[name]
        tree.write(name, good)
        tree.change(name, old, new)
        found = [fault for fault in tree.faults() if fault.file == name]
        assert any(what in fault.what and mend in fault.mend for fault in found), (name, found)
        tree.write(name, good)


COUNTS = Counter[str]()

LINES = st.sampled_from(
    [
        *(line for text in FILES.values() for line in text.splitlines()),
        *(f"  name_en: {quoted(text)}" for text in nasty.TEXTS.values() if len(text) < 1000),
        *(f"  name_en: {text}" for text in nasty.TEXTS.values() if len(text) < 1000),
        *(f"  from: {day}" for day in DAYS.values()),
        *(f"  counters: {token[:6000]}" for token in nasty.NUMBERS.values()),
        "- - - -", "? ", ": ", "&a", "*a", "<<: *a", "!!binary x", "|", ">", "{", "]", "%TAG",
        "---", "...", '"', "'", "@", "`", "\t",
    ]
)  # fmt: skip
MIXED = st.lists(LINES, max_size=25).map("\n".join)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.sampled_from(sorted(FILES)),
    content=st.one_of(
        MIXED.map(lambda text: text.encode(errors="surrogatepass")),
        nasty.ENCODABLE_TEXT.map(str.encode),
        st.binary(max_size=200),
    ),
)
def test_whatever_the_bytes_there_is_an_answer(name: str, content: bytes) -> None:
    document, faults = parse(name, content)
    assert document.data is not None or faults or content.strip()
    COUNTS[outcome(name, content)] += 1


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), name=st.sampled_from(sorted(FILES)))
def test_a_good_file_with_one_line_changed_is_taken_or_refused(
    data: st.DataObject, name: str
) -> None:
    lines = FILES[name].splitlines()
    place = data.draw(st.integers(0, len(lines) - 1))
    changed = data.draw(LINES)
    text = "\n".join([*lines[:place], changed, *lines[place + 1 :]])
    COUNTS[outcome(name, text.encode(errors="surrogatepass"))] += 1


def test_a_file_that_can_not_go_round_is_named() -> None:
    """Each of the files fits in a message, and all do not; and the contract refuses a name."""
    padding = b"#" * (MOST_BYTES - 20_000) + b"\n"
    large = {name: padding + GOOD[name] for name in ("queue.yaml", "sites.yaml", "targets.yaml")}
    with pytest.raises(StandardsError, match="bytes together"):
        made_of(GOOD | large)
    with pytest.raises(StandardsError, match="can't go round"):
        made_of(GOOD | {"editions/Manual 2569.yaml": GOOD["editions/working.yaml"]})
