"""A small tree of standards, whose lines the tests know by number."""

from dataclasses import dataclass
from pathlib import Path

from libs.standards import Fault, Standards, StandardsError, load

_WORKING = '{mark: working, reference: "chosen for tests"}'

PROVINCES = """\
provinces:
- code: TH-30
  name_th: นครราชสีมา
  name_en: Nakhon Ratchasima
  region: Northeast
- code: TH-50
  name_th: เชียงใหม่
  name_en: Chiang Mai
  region: North
"""

SITES = f"""\
source: {_WORKING}
sites:
- code: pjo-50
  kind: provincial_pilot
  active: true
  name_th: เชียงใหม่
  name_en: Chiang Mai
  province: TH-50
  services: [INF, JF-LIT]
  counters: 3
- code: pjo-30
  kind: rollout
  active: false
  name_th: นครราชสีมา
  name_en: Nakhon Ratchasima
  province: TH-30
"""

SERVICES = """\
services:
- code: JF-LIT
  series: A
  name_th: กองทุนยุติธรรม
  name_en: Justice Fund
  case_time: null
- code: INF
  series: M
  name_th: สอบถาม
  name_en: Information
  case_time: null
"""

TARGETS = f"""\
source: {_WORKING}
published_limits: [60 s, 15 min]
targets:
- service: JF-LIT
  from: 2024-10-01
  wait: 30 min
  service_time: 45 min
- service: INF
  from: 2024-10-01
  wait: 15 min
  service_time: 10 min
- service: INF
  from: 2025-03-17
  wait: 10 min
  service_time: 10 min
- service: INF
  site: pjo-50
  from: 2025-01-06
  until: 2025-01-31
  wait: 5 min
  service_time: 300 s
"""

QUEUE = f"""\
source: {_WORKING}
head_starts:
- from: 2024-10-01
  minutes: {{normal: 0, priority: 15, appointment: 0}}
- from: 2025-03-17
  minutes: {{normal: 0, priority: 20, appointment: 5}}
"""

OFFICE_HOURS = f"""\
source: {_WORKING}
office_hours:
- from: 2024-10-01
  weekdays: [mon, tue, wed, thu, fri]
  open: 08:30
  lunch_start: 12:00
  lunch_end: 13:00
  close: 16:30
- site: pjo-50
  from: 2025-02-01
  until: 2025-02-28
  weekdays: [sat]
  open: 09:00
  lunch_start: 12:00
  lunch_end: 12:30
  close: 15:00
"""

PUBLIC_HOLIDAYS = f"""\
source: {_WORKING}
public_holidays:
- date: 2025-01-01
  name_th: วันขึ้นปีใหม่
  name_en: New Year's Day
- date: 2025-04-14
  name_th: วันสงกรานต์
  name_en: Songkran Festival
"""

CLOSURES = """\
closures:
- from: 2025-07-21
  until: 2025-07-22
  sites: [pjo-50]
  name_th: น้ำท่วม
  name_en: Flood
- from: 2025-08-01
  until: 2025-08-01
  name_th: สัมมนา
  name_en: Seminar
"""

_PARTS = {"P": "physical", "Q": "quality", "R": "results"}
_CODES = (*(f"P{n}" for n in range(1, 9)), *(f"Q{n}" for n in range(1, 9)), "R1")
_BOUND = """\
  kind: both
  metric: satisfaction_top2
  direction: at_least
  threshold: 0.8
  minimum_n: 30
  minimum_response_rate: 0.05
  evidence: report
"""
_ATTESTED = "  kind: attested\n  evidence: document\n"


def _criterion(code: str) -> str:
    return (
        f"- code: {code}\n  part: {_PARTS[code[0]]}\n  name_th: เกณฑ์ {code}\n"
        f"  name_en: Criterion {code}\n  source: {_WORKING}\n  weight: 1\n"
        + (_BOUND if code == "P1" else _ATTESTED)
    )


EDITION = (
    f"""\
code: working
name_th: แบบจำลอง
name_en: Working model
working_model: true
notice_th: ไม่ใช่เกณฑ์ทางการ
notice_en: Not official
from: 2024-10-01
source: {_WORKING}
criteria:
"""
    + "".join(_criterion(code) for code in _CODES)
    + """\
levels:
- level: basic
  name_th: พื้นฐาน
  name_en: Basic
  score_at_least: 0.5
  mandatory: [P1]
- level: advanced
  name_th: ก้าวหน้า
  name_en: Advanced
  score_at_least: 0.7
  mandatory: [P1]
- level: excellence
  name_th: เป็นเลิศ
  name_en: Excellence
  score_at_least: 0.9
  mandatory: [P1, Q1]
"""
)

FILES = {
    "provinces.yaml": PROVINCES,
    "sites.yaml": SITES,
    "services.yaml": SERVICES,
    "targets.yaml": TARGETS,
    "queue.yaml": QUEUE,
    "calendar/office_hours.yaml": OFFICE_HOURS,
    "calendar/public_holidays.yaml": PUBLIC_HOLIDAYS,
    "calendar/closures.yaml": CLOSURES,
    "editions/working.yaml": EDITION,
}


@dataclass(frozen=True, slots=True)
class Tree:
    """The files in a folder of their own."""

    root: Path

    @classmethod
    def planted(cls, root: Path) -> "Tree":
        tree = cls(root)
        for name, text in FILES.items():
            tree.write(name, text)
        return tree

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def change(self, name: str, old: str, new: str) -> None:
        """Replace the one place where ``old`` stands."""
        text = (self.root / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        self.write(name, text.replace(old, new))

    def load(self) -> Standards:
        return load(self.root)

    def faults(self) -> tuple[Fault, ...]:
        try:
            load(self.root)
        except StandardsError as error:
            return error.faults
        return ()
