"""Which passwords will do; and what checking many of them at once takes."""

import subprocess
import sys

import pytest

from libs.site.passwords import EasyPassword, check, is_common

COMMON = (
    *("password123", "Password2569!", "P@ssw0rd1234", "pa$$word2026", "1234567890", "0812345678"),
    *("qwertyuiop", "1q2w3e4r5t", "1qaz2wsx3edc", "zaq12wsxcde3", "asdfghjkl123", "abcdefghij"),
    *("iloveyou1234", "letmein2026", "Welcome@123", "admin123456", "administrator", "sunshine2024"),
    *(
        "thailand2569",
        "sawasdee1234",
        "Bangkok@2026",
        "chiangmai50!",
        "yutitham2569",
        "saduak12345",
    ),
    *("รหัสผ่าน1234", "ยุติธรรม2569", "สวัสดีครับ99", "สำนักงานยุติธรรม", "isylzjko1234"),
    *("abcde12abcde12", "changeme!!2026", "superman-batman", "dragon_monkey_1", "trustno1trustno1"),
    *("correcthorsebatterystaple", "31/12/2569 10:30", "12-03-2567-1234", "0123456789abc"),
    *("9876543210987", "lkjhgfdsapoi", "football.2026", "october-2026", "วันจันทร์1234"),
)
GOOD = (
    *("seven quiet rivers", "another quiet river", "mahogany-tram-91", "ลำธารเงียบเจ็ดสาย"),
    *("Kettle.Orbit.Fern", "มะม่วงขี่จักรยาน", "vJ3kQz81nTtW", "plough 48 violins", "a9Xc-77Lq-Zr02"),
)


@pytest.mark.parametrize("password", COMMON)
def test_what_is_tried_first_is_refused(password: str) -> None:
    assert is_common(password)
    with pytest.raises(EasyPassword, match="three words"):
        check("malee", password)


@pytest.mark.parametrize("password", GOOD)
def test_what_nobody_tries_is_taken(password: str) -> None:
    assert not is_common(password)
    check("malee", password)


CROWD = """
import asyncio, resource
from libs.site import passwords
kept = passwords.HASHER.hash("seven quiet rivers")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

async def crowd():
    return await asyncio.gather(*(passwords.fits(kept, "seven quiet rivers") for _ in range(20)))

assert all(asyncio.run(crowd()))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_twenty_at_once_take_the_memory_of_one() -> None:
    """Measured in a process of its own; each check takes 19 MiB."""
    said = subprocess.run(
        [sys.executable, "-c", CROWD], capture_output=True, text=True, check=True, timeout=60
    )
    assert int(said.stdout) < 2 * 19 * 1024, "KiB more than before"
