"""Nasty values by kind: what a broken clock, a foreign client or an attacker puts into a field.

One list for every edge (HTTP bodies, CSV, Kafka, YAML, command lines), so that a value that once
did harm is tried everywhere. Plain data first; the strategies at the end mix them with generated
ones. What is nasty need not be refused: an edge refuses it or copes, and never falls over.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Final

from hypothesis import strategies as st

# --- Times -----------------------------------------------------------------------------------

ILL_FORMED_TIMES: Final[Mapping[str, str]] = {
    "empty": "",
    "epoch seconds": "1764000000",
    "epoch with fraction": "1764000000.5",
    "epoch milliseconds": "1764000000000",
    "negative epoch": "-1",
    "epoch in exponents": "1e12",
    "comma": "2026-03-16T02:31:00,125Z",
    "minus sign for the offset": "2026-03-16T02:31:00\u221207:00",
    "en dash for the offset": "2026-03-16T02:31:00\u201307:00",
    "figure dashes in the date": "2026\u201003\u201016T02:31:00Z",
    "lower-case t": "2026-03-16t02:31:00Z",
    "lower-case z": "2026-03-16T02:31:00z",
    "space for T": "2026-03-16 02:31:00Z",
    "underscore for T": "2026-03-16_02:31:00Z",
    "no seconds": "2026-03-16T02:31Z",
    "basic form": "20260316T023100Z",
    "week date": "2026-W12-1T02:31:00Z",
    "day of the year": "2026-075T02:31:00Z",
    "no offset": "2026-03-16T02:31:00",
    "offset without colon": "2026-03-16T02:31:00+0700",
    "offset of hours only": "2026-03-16T02:31:00+07",
    "offset of a day": "2026-03-16T02:31:00+24:00",
    "offset of minus a day": "2026-03-16T02:31:00-24:00",
    "offset with seconds": "2026-03-16T02:31:00+07:00:01",
    "two offsets": "2026-03-16T02:31:00Z+07:00",
    "named zone": "2026-03-16T02:31:00[Asia/Bangkok]",
    "leap second": "2016-12-31T23:59:60Z",
    "hour 24": "2026-03-16T24:00:00Z",
    "minute 60": "2026-03-16T02:60:00Z",
    "seven decimals": "2026-03-16T02:31:00.1234567Z",
    "no decimals after the stop": "2026-03-16T02:31:00.Z",
    "month 13": "2026-13-01T00:00:00Z",
    "month 0": "2026-00-10T00:00:00Z",
    "day 30 of February": "2026-02-30T00:00:00Z",
    "29 February of no leap year": "2100-02-29T00:00:00Z",
    "year 0": "0000-01-01T00:00:00Z",
    "year of five digits": "10000-01-01T00:00:00Z",
    "year of six digits": "+002026-03-16T02:31:00Z",
    "negative year": "-2026-03-16T02:31:00Z",
    "Thai digits": "๒๐๒๖-๐๓-๑๖T๐๒:๓๑:๐๐Z",
    "full-width digits": "２０２６-03-16T02:31:00Z",
    "space before": " 2026-03-16T02:31:00Z",
    "line end after": "2026-03-16T02:31:00Z\n",
    "NUL after": "2026-03-16T02:31:00Z\x00",
    "infinity": "infinity",
    "minus infinity": "-infinity",
    "now": "now",
    "not a time": "NaT",
    "quote": "2026-03-16T02:31:00Z'; --",
}
"""No moment in the contract's one form of RFC 3339."""

OUT_OF_SPAN_TIMES: Final[Mapping[str, str]] = {
    "first moment of the calendar": "0001-01-01T00:00:00Z",
    "before the calendar in UTC": "0001-01-01T00:00:00+14:00",
    "year 1000": "1000-01-01T00:00:00Z",
    "Julian": "1582-10-10T00:00:00Z",
    "before 1970": "1969-12-31T23:59:59.999999Z",
    "dead battery": "1970-01-01T00:00:00Z",
    "dead battery, local": "1970-01-01T07:00:00+07:00",
    "GPS": "1980-01-06T00:00:00Z",
    "Buddhist era": "2569-03-16T02:31:00Z",
    "Buddhist era, last": "2643-12-31T23:59:59Z",
    "first after the span": "2101-01-01T00:00:00Z",
    "last moment of the calendar": "9999-12-31T23:59:59.999999Z",
    "last second of the calendar": "9999-12-31T23:59:59Z",
    "after the calendar in UTC": "9999-12-31T23:59:59-12:00",
}
"""In the right form, and out of every span but that of clocks (1970 on)."""

IMPORT_ONLY_TIMES: Final[Mapping[str, str]] = {
    "last before the live span": "2014-12-31T23:59:59.999999Z",
    "first of the past": "1990-01-01T00:00:00Z",
}
"""What may be imported and may not happen now."""

ODD_GOOD_TIMES: Final[Mapping[str, str]] = {
    "first moment": "2015-01-01T00:00:00Z",
    "last moment": "2100-12-31T23:59:59.999999Z",
    "local": "2026-03-16T09:31:00.125+07:00",
    "offset zero with a minus": "2026-03-16T02:31:00-00:00",
    "one decimal": "2026-03-16T02:31:00.1Z",
    "29 February": "2096-02-29T00:00:00Z",
    "widest offset": "2026-03-16T02:31:00+23:59",
    "in the span in UTC only": "2014-12-31T20:00:00-07:00",
}
"""Odd, and right: what an edge may not refuse."""

# --- Days ------------------------------------------------------------------------------------

ILL_FORMED_DAYS: Final[Mapping[str, str]] = {
    "empty": "",
    "epoch seconds": "1773619200",
    "basic form": "20260316",
    "week date": "2026-W12-1",
    "slashes": "2026/03/16",
    "day first": "16-03-2026",
    "other dashes": "2026\u201003\u201016",
    "minus signs": "2026\u221203\u221216",
    "a time": "2026-03-16T00:00:00",
    "a time with zone": "2026-03-16T00:00:00Z",
    "month 13": "2026-13-16",
    "30 February": "2026-02-30",
    "29 February of no leap year": "2100-02-29",
    "one digit": "2026-3-16",
    "year 0": "0000-01-01",
    "year of five digits": "10000-01-01",
    "negative": "-2026-03-16",
    "Thai digits": "๒๐๒๖-๐๓-๑๖",
    "space": "2026-03-16 ",
    "line end": "2026-03-16\n",
    "infinity": "infinity",
    "minus infinity": "-infinity",
    "today": "today",
}
"""No day in ISO's extended form."""

OUT_OF_SPAN_DAYS: Final[Mapping[str, str]] = {
    "first of the calendar": "0001-01-01",
    "dead battery": "1970-01-01",
    "before every import": "1989-12-31",
    "Buddhist era": "2569-03-16",
    "first after the span": "2101-01-01",
    "last of the calendar": "9999-12-31",
}
"""Right in form, and in no span of the contract but that of clocks."""

YEARS: Final = (-1, 0, 1, 543, 1582, 1899, 1969, 1970, 1989, 1990, 2014, 2015, 2026, 2100, 2101)
YEARS_FAR: Final = (2558, 2569, 2643, 4713, 9999, 10_000, 294_276, 2**31)
"""For edges that take a year as a number: the calendar's ends, Buddhist years, PostgreSQL's."""

# --- Texts -----------------------------------------------------------------------------------

TEXTS: Final[Mapping[str, str]] = {
    "empty": "",
    "blank": "   ",
    "NUL": "a\x00b",
    "only NUL": "\x00",
    "bell": "a\x07b",
    "backspaces": "admin\x08\x08\x08\x08\x08guest",
    "carriage return": "a\rb",
    "line break": "a\nb",
    "tab": "a\tb",
    "delete": "a\x7fb",
    "C1 control": "a\x9bb",
    "next line": "a\x85b",
    "terminal colour": "\x1b[31mred\x1b[0m",
    "terminal clears the screen": "\x1b[2J\x1b[H",
    "terminal title": "\x1b]0;title\x07",
    "right to left override": "a\u202egnp.exe",
    "isolates": "\u2066a\u2069\u2067b\u2069",
    "direction mark": "a\u200fb\u061c",
    "invisible": "a\u200b\u200c\u200d\u2060\ufeffb",
    "line separator": "a\u2028b\u2029c",
    "soft hyphen": "a\u00adb",
    "leading surrogate": "a\ud800b",
    "trailing surrogate": "\udc00",
    "swapped surrogates": "\udc00\ud800",
    "non-character": "a\uffffb\U0010ffff",
    "private use": "a\ue000b",
    "unassigned": "a\u0378b",
    "tags": "a\U000e0041\U000e007fb",
    "zalgo": "Z" + "\u0300\u0316\u0334" * 40,
    "zalgo, Thai": "ก" + "\u0e49" * 60,
    "starts with a mark": "\u0e49\u0e33",
    "huge": "a" * 100_000,
    "huge, Thai": "ก" * 30_000,
    "emoji": "😀",
    "emoji of several": "👨\u200d👩\u200d👧\u200d👦",
    "flag": "🇹🇭",
    "homoglyph": "аdmin",
    "full width": "ＡＤＭＩＮ",
    "ligature": "\ufdfa" * 20,
    "Turkish i": "\u0130\u0131",
    "percent": "%s%n%x%00",
    "braces": "{0.__class__}{{7*7}}",
    "SQL": "'; DROP TABLE events; --",
    "LIKE": "%_\\",
    "HTML": "<script>alert(1)</script>",
    "attribute": '" onmouseover="x',
    "formula": '=HYPERLINK("x")',
    "path": "../../etc/passwd",
    "URL": "javascript:alert(1)",
    "YAML": "!!python/object/apply:os.system [x]",
    "backslashes": "\\\\\\u0000",
    "null": "null",
    "true": "true",
    "number": "1e309",
}
"""Texts by what is nasty about them."""

FIELD_NAMES: Final[Mapping[str, str]] = {
    name: TEXTS[name]
    for name in (
        "empty",
        "NUL",
        "bell",
        "line break",
        "delete",
        "C1 control",
        "terminal colour",
        "terminal clears the screen",
        "right to left override",
        "invisible",
        "line separator",
        "non-character",
        "zalgo",
        "zalgo, Thai",
        "homoglyph",
        "percent",
        "braces",
        "HTML",
        "attribute",
    )
} | {
    "forged line": "x: missing; source: foreign",
    "forged place": "data.step",
    "long": "n" * 5000,
    "__proto__": "__proto__",
    "__class__": "__class__",
}
"""Names of fields that a message may bring along; with a lone surrogate none is JSON."""

# --- Numbers ---------------------------------------------------------------------------------

INTEGERS: Final = (
    0, -1, 1, 99, 100, 999, 1000, 1001, 2**15, 2**31 - 1, 2**31, 2**32, 2**53 - 1, 2**53,
    2**63 - 1, 2**63, 2**64, -(2**31) - 1, -(2**63) - 1, 10**18, 10**30, 10**400,
)  # fmt: skip
"""Whole numbers at the edges of what somebody's type holds."""

NUMBERS: Final[Mapping[str, str]] = {
    **{f"integer of {len(str(one))} characters: {str(one)[:20]}": str(one) for one in INTEGERS},
    "five thousand digits": "9" * 5000,
    "whole float": "1.0",
    "float": "1.5",
    "exponent": "1e2",
    "beyond a double": "1e400",
    "beyond numeric": "1e200000",
    "below a double": "1e-400",
    "minus zero": "-0",
    "minus zero float": "-0.0",
    "NaN": "NaN",
    "Infinity": "Infinity",
    "-Infinity": "-Infinity",
    "leading zero": "01",
    "plus": "+1",
    "hexadecimal": "0x10",
    "underscore": "1_000",
    "no digits": "-",
}
"""Tokens of JSON, or what some readers take for such."""

WRONG_TYPES: Final = ("null", "true", "false", '""', '"1"', "[]", "{}", "[1]", '{"a":1}', "1.5")
"""Tokens of JSON for a field that holds another type."""

# --- JSON ------------------------------------------------------------------------------------

NO_OBJECTS: Final = (
    b"", b" ", b"null", b"true", b"0", b"NaN", b'"text"', b"[]", b"[{}]", b"{}", b"{", b"}",
    b"\x00", b"\xff\xfe{\x00}\x00", b"{'a':1}", b"{a:1}", b'{"a":1,}', b'{"a" 1}', b"{}{}",
    b"[" * 60_000, b'{"a":' * 12_000, b"\x1f\x8b\x08\x00", b"\x00" * 70_000, b" " * 70_000,
)  # fmt: skip
"""Bytes that are no message of anybody."""

DEEP: Final = (10, 100, 199, 250, 5000)
"""Depths of nesting."""


def mangled(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """The JSON object in ``raw``, broken as a whole: names of the breakages and the bytes."""
    text = raw.decode()
    yield "BOM", b"\xef\xbb\xbf" + raw
    yield "UTF-16", text.encode("utf-16")
    yield "UTF-32", text.encode("utf-32")
    yield "trailing garbage", raw + b"x"
    yield "trailing NUL", raw + b"\x00"
    yield "twice", raw + raw
    yield "comment", b"/* */" + raw
    yield "in a list", b"[" + raw + b"]"
    yield "as text", json.dumps(text).encode()
    yield "pretty", json.dumps(json.loads(raw), indent=2).encode()
    yield "spaces around", b" \r\n\t" + raw + b" \n"
    for share in (0.1, 0.5, 0.9, 0.99):
        yield f"truncated at {share:.0%}", raw[: int(len(raw) * share)]
    for name, more in _extras():
        yield name, raw[:-1] + b"," + more + b"}"
        yield f"{name}, first", b"{" + more + b"," + raw[1:]
    yield from _doubled(raw)


def _extras() -> Iterator[tuple[str, bytes]]:
    """One more field: what a reader that skips what it does not know must look at all the same."""
    for depth in DEEP:
        yield f"{depth} lists deep", b'"more":' + b"[" * depth + b"]" * depth
        yield f"{depth} objects deep", b'"more":' + b'{"a":' * depth + b"1" + b"}" * depth
    for name, token in NUMBERS.items():
        yield f"number {name}", b'"more":' + token.encode()
    for name, said in TEXTS.items():
        yield f"text {name}", b'"more":' + json.dumps(said).encode()
    for name, said in FIELD_NAMES.items():
        yield f"field name {name}", json.dumps(said).encode() + b":1"
    yield "invalid UTF-8", b'"more":"\xff\xfe"'
    yield "invalid UTF-8 in a name", b'"\xff":1'
    yield "a surrogate's bytes", b'"more":"\xed\xa0\x80"'
    yield "overlong slash", b'"more":"\xc0\xaf"'
    yield "raw escape character", b'"more":"\x1b[2J"'
    yield "raw NUL", b'"more":"\x00"'
    yield "raw NUL in a name", b'"mo\x00re":1'
    yield "many fields", b",".join(b'"f%d":0' % n for n in range(6000))
    yield "many of one name", b",".join([b'"f":0'] * 6000)
    yield "over 64 KB", b'"more":"' + b"a" * 66_000 + b'"'
    yield "twice inside", b'"more":{"a":1,"a":1}'
    yield "twice inside a list", b'"more":[{"a":1,"a":2}]'
    yield "twice, once escaped", b'"more":{"a":1,"\\u0061":2}'


def _doubled(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """Every key of the outermost object once more, with the same value and with another."""
    for key, value in json.loads(raw).items():
        name = json.dumps(key).encode()
        same = name + b":" + json.dumps(value, separators=(",", ":")).encode()
        yield f"{key} twice, the same", raw[:-1] + b"," + same + b"}"
        yield f"{key} twice, null first", b"{" + name + b":null," + raw[1:]
        yield f"{key} twice, null last", raw[:-1] + b"," + name + b":null}"
        yield f"{key} twice, spaced", raw[:-1] + b", " + same.replace(b'":', b'" :', 1) + b"}"


def tokens() -> Iterator[tuple[str, str]]:
    """Every nasty value as a token of JSON, by name: to be put in a field's place."""
    for kind, values in (
        ("ill-formed time", ILL_FORMED_TIMES),
        ("time out of span", OUT_OF_SPAN_TIMES),
        ("time of imports", IMPORT_ONLY_TIMES),
        ("odd time", ODD_GOOD_TIMES),
        ("ill-formed day", ILL_FORMED_DAYS),
        ("day out of span", OUT_OF_SPAN_DAYS),
        ("text", TEXTS),
    ):
        for name, value in values.items():
            yield f"{kind}: {name}", json.dumps(value)
    for name, token in NUMBERS.items():
        yield f"number: {name}", token
    for token in WRONG_TYPES:
        yield f"wrong type: {token}", token


# --- Strategies ------------------------------------------------------------------------------

TIME_TEXTS: Final[st.SearchStrategy[str]] = st.one_of(
    st.sampled_from(
        [
            *ILL_FORMED_TIMES.values(),
            *OUT_OF_SPAN_TIMES.values(),
            *IMPORT_ONLY_TIMES.values(),
            *ODD_GOOD_TIMES.values(),
        ]
    ),
    st.datetimes(timezones=st.timezones()).map(lambda at: at.isoformat()),
    st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{0,7})?Z"),
)
"""Times as texts, good ones among them."""

DAY_TEXTS: Final[st.SearchStrategy[str]] = st.one_of(
    st.sampled_from([*ILL_FORMED_DAYS.values(), *OUT_OF_SPAN_DAYS.values(), "2026-03-16"]),
    st.dates().map(str),
    st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
)
"""Days as texts, good ones among them."""

ANY_TEXT: Final[st.SearchStrategy[str]] = st.one_of(
    st.sampled_from(list(TEXTS.values())),
    st.text(max_size=80),
    st.text(st.characters(categories=["Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me", "Zl", "Zp"])),
)
"""Texts, lone surrogates among them: an edge that can't carry them is tried with
:data:`ENCODABLE_TEXT`."""

ENCODABLE_TEXT: Final[st.SearchStrategy[str]] = ANY_TEXT.filter(
    lambda text: not any("\ud800" <= sign <= "\udfff" for sign in text)
)
"""Texts that UTF-8 can carry."""

ANY_INTEGER: Final[st.SearchStrategy[int]] = st.sampled_from(INTEGERS) | st.integers()

ANY_TOKEN: Final[st.SearchStrategy[str]] = st.one_of(
    st.sampled_from([token for _, token in tokens()]),
    TIME_TEXTS.map(json.dumps),
    DAY_TEXTS.map(json.dumps),
    ANY_TEXT.map(json.dumps),
    ANY_INTEGER.map(str),
    st.floats().map(json.dumps),
)
"""A token of JSON, or what some readers take for one."""
