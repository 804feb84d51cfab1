"""Passwords: which are too easy to guess, and the one worker that hashes and checks them.

A check takes 19 MiB and some hundredths of a second. One worker does them one after the other, so
that a whole office that signs in at once fits into the memory of its container.
"""

import asyncio
import re
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from itertools import pairwise, product
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from libs.service.text import odd_character

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""argon2id with 19 MiB. A hash of an earlier release is checked by its own costs, and made anew."""
WORKER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="passwords")
SHORTEST = 10
LONGEST = 128
FEWEST_CHARACTERS = 5
"""Different ones in a password."""
FEWEST_LETTERS = 4
"""With fewer it is a date, a telephone number, or the like."""
MOST_WORDS = 2
"""Well-known words of which a password may not be made up, whatever digits stand between."""
STRAY_LETTERS = 3
"""So many more letters beside well-known words do not help."""
ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
DISGUISES: tuple[dict[int, int], ...] = (
    {},
    str.maketrans("@4031!$57", "aaoeiisst"),
    str.maketrans("@4031!$57", "aaoellsst"),
)
"""Signs and digits that stand for letters in a word: ``p4$$w0rd``."""

T = TypeVar("T")


class EasyPassword(ValueError):
    """A password that will not do; the text says why and what would."""


async def hashed(login: str, password: str) -> str:
    """The argon2id hash of ``password``. Raises :class:`EasyPassword`."""
    check(login, password)
    return await _at_work(lambda: HASHER.hash(password))


async def fits(kept: str, password: str) -> bool:
    """Whether ``password`` made the hash ``kept``."""
    try:
        return await _at_work(lambda: HASHER.verify(kept, password))
    except (VerificationError, InvalidHashError):
        return False


async def hashed_anew(kept: str, password: str) -> str | None:
    """A new hash where ``kept`` was made with other costs than today's, else None."""
    if not HASHER.check_needs_rehash(kept):
        return None
    return await _at_work(lambda: HASHER.hash(password))


async def _at_work(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(WORKER, work)


def check(login: str, password: str) -> None:
    """Raises :class:`EasyPassword` for a password that ``login`` must not have."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise EasyPassword(
            f"a password has {SHORTEST} to {LONGEST} characters; "
            "three words that do not belong together make a good one"
        )
    if odd_character(password) is not None:
        raise EasyPassword("a password is of letters, digits and signs; this one holds others")
    if login in password.lower() or len(set(password)) < FEWEST_CHARACTERS:
        raise EasyPassword("the password is easy to guess; choose one without the login or repeats")
    if is_common(password):
        raise EasyPassword(
            "the password is one of those that are tried first: a well-known word, a date, a row "
            "of keys; choose three words that do not belong together"
        )


def is_common(password: str) -> bool:
    """Whether ``password`` is among those that are tried first.

    It is one where it is made of digits; of one piece again and again; of neighbouring keys; or of
    at most two words of ``common_words.txt``, with whatever digits and signs.
    """
    plain = unicodedata.normalize("NFC", password).casefold()
    return (
        sum(map(_is_letter, plain)) < FEWEST_LETTERS
        or re.fullmatch(r"(.+?)\1+.?", plain, re.DOTALL) is not None
        or _is_walk(plain)
        or any(map(_of_known_words, _forms(plain)))
    )


def _is_letter(character: str) -> bool:
    """Letters of any script, and the vowels and tones that stand on Thai ones."""
    return unicodedata.category(character)[0] in "LM"


def _neighbours() -> frozenset[tuple[str, str]]:
    """Pairs of keys that lie side by side, or that follow in the alphabet; and each key itself."""
    spots = {key: (x, y) for y, row in enumerate(ROWS) for x, key in enumerate(row)}
    return frozenset(
        (one, other)
        for one, other in product(spots, spots)
        if (abs(spots[one][0] - spots[other][0]) <= 1 and abs(spots[one][1] - spots[other][1]) <= 1)
        or (one.isalpha() and other.isalpha() and abs(ord(one) - ord(other)) <= 1)
    )


NEIGHBOURS = _neighbours()


def _is_walk(plain: str) -> bool:
    """Whether three of four steps go to a neighbouring key."""
    keys = [key for key in plain if not key.isspace()]
    jumps = sum(pair not in NEIGHBOURS for pair in pairwise(keys))
    return 4 * jumps < len(keys)


def _forms(plain: str) -> set[str]:
    """The letters of ``plain``, with and without the digits and signs taken for disguised ones."""
    starts = re.sub(r"^[\W\d_]+", "", plain)
    ends = re.sub(r"[\W\d_]+$", "", plain)
    both = re.sub(r"[\W\d_]+$", "", starts)
    return {
        "".join(filter(_is_letter, text.translate(disguise)))
        for text in (plain, starts, ends, both)
        for disguise in DISGUISES
    }


def _of_known_words(letters: str) -> bool:
    """Whether ``letters`` are at most two known words and a few strays."""
    # fewest[words][end]: the fewest strays among letters[:end] with so many words in them.
    fewest = [list(range(len(letters) + 1))]
    for _ in range(MOST_WORDS):
        before, now = fewest[-1], list(fewest[-1])
        for end in range(1, len(letters) + 1):
            now[end] = min(now[end], now[end - 1] + 1)
            for start in range(max(0, end - LONGEST_WORD), end):
                if before[start] < now[end] and letters[start:end] in WORDS:
                    now[end] = before[start]
        fewest.append(now)
    return fewest[-1][-1] <= STRAY_LETTERS


def _read_words() -> frozenset[str]:
    text = resources.files("libs.site").joinpath("common_words.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(word for line in lines for word in line.split())


WORDS = _read_words()
LONGEST_WORD = max(map(len, WORDS))
