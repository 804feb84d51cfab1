"""Every kind of fault: its file, its line, what is wrong and how to mend it."""

from dataclasses import dataclass

import pytest

from libs.standards import StandardsError
from tests.standards.trees import Tree

EDITION = "editions/working.yaml"
HOURS = "calendar/office_hours.yaml"
HOLIDAYS = "calendar/public_holidays.yaml"
CLOSURES = "calendar/closures.yaml"


@dataclass(frozen=True, slots=True)
class Slip:
    """One change of a good file, and the one fault it must give."""

    file: str
    old: str
    new: str
    line: int
    what: str
    mend: str


FORM = {
    "a field is missing": Slip(
        "sites.yaml", "  kind: rollout\n", "", 11, "`kind` is missing", "add `kind:`"
    ),
    "a field is misspelt": Slip(
        "sites.yaml", "counters: 3", "counters: 3\n  sevices: []", 11,
        "`sevices` is no field", "did you mean `services`?",
    ),
    "a field is unknown": Slip(
        "sites.yaml", "counters: 3", "counters: 3\n  zzz: 1", 11,
        "`zzz` is no field", "take it out",
    ),
    "a word is not of the list": Slip(
        "sites.yaml", "kind: rollout", "kind: pilot", 12,
        "`kind` can't be 'pilot'", "'provincial_pilot'",
    ),
    "yes is no truth value": Slip(
        "sites.yaml", "active: false", "active: no", 13, "`active` can't be 'no'", "true or false"
    ),
    "a number is out of range": Slip(
        "sites.yaml", "counters: 3", "counters: -3", 10, "`counters` can't be -3", "0"
    ),
    "a site's code": Slip(
        "sites.yaml", "code: pjo-30", "code: ChiangMai", 11, "'ChiangMai'", "pjo-50"
    ),
    "a service's code": Slip(
        "sites.yaml", "services: [INF, JF-LIT]", "services: [INF, jf]", 9, "'jf'", "JF-BAIL"
    ),
    "a province's code": Slip(
        "sites.yaml", "province: TH-30", "province: 30", 16, "30 does not", "TH-50"
    ),
    "a series letter": Slip(
        "services.yaml", "series: M", "series: MM", 8, "'MM'", "one capital letter"
    ),
    "an empty value": Slip(
        "services.yaml", "name_en: Information", "name_en:", 10,
        "`name_en` can't be empty", "text",
    ),
    "a date that is none": Slip(
        "targets.yaml", "from: 2025-03-17", "from: 2025-02-30", 13, "'2025-02-30' is no date",
        "YYYY-MM-DD",
    ),
    "a Buddhist year": Slip(
        "targets.yaml", "from: 2025-03-17", "from: 2568-03-17", 13,
        "Buddhist year", "write the year 2025",
    ),
    "a year alone": Slip(
        "targets.yaml", "from: 2025-03-17", "from: 2025", 13, "2025 is no date", "YYYY-MM-DD"
    ),
    "a time of day": Slip(
        HOURS, "close: 16:30", "close: 24:30", 8, "'24:30' is no time of day", "HH:MM"
    ),
    "a duration without unit": Slip(
        "targets.yaml", "wait: 30 min", "wait: 30", 6, "30 is no duration", "90 s, 15 min, 2 h"
    ),
    "a target that is no boundary": Slip(
        "targets.yaml", "wait: 30 min", "wait: 1801 s", 6,
        "1801 s is no boundary of a duration cell", "write 30 min or 31 min",
    ),
    "a published limit that is no boundary": Slip(
        "targets.yaml", "[60 s, 15 min]", "[60 s, 127 min]", 2,
        "127 min is no boundary of a duration cell", "write 2 h or 135 min",
    ),
    "a target of nothing": Slip(
        "targets.yaml", "wait: 30 min", "wait: 0 min", 6, "a limit of 0", "at least 1 s"
    ),
    "a head start for everybody": Slip(
        "queue.yaml", "{normal: 0, priority: 15", "{normal: 5, priority: 15", 4,
        "`normal` can't be 5", "write 0",
    ),
    "a metric that nobody computes": Slip(
        EDITION, "metric: satisfaction_top2", "metric: happiness", 17,
        "`metric` can't be 'happiness'", "'wait_within_target'",
    ),
    "a criterion's code": Slip(
        EDITION, "- code: R1", "- code: X1", 143, "'X1'", "P, Q or R"
    ),
    "an edition's code": Slip(
        EDITION, "code: working\n", "code: Working Model\n", 1, "'Working Model'", "2565-working"
    ),
    "a list that is a word": Slip(
        CLOSURES, "sites: [pjo-50]", "sites: all", 4, "`sites` can't be 'all'", "a list"
    ),
    "a list without items": Slip(
        CLOSURES, "sites: [pjo-50]", "sites: []", 4, "`sites` can't be an empty list", "at least 1"
    ),
}  # fmt: skip

READING = {
    "the text is no YAML": Slip(
        "services.yaml", "name_th: สอบถาม", "name_th: [สอบถาม", 10, "not readable as YAML", "quotes"
    ),
    "a key is given twice": Slip(
        "services.yaml", "series: M", "series: M\n  series: N", 9,
        "`series` is given twice, first on line 8", "keep one",
    ),
    "an alias": Slip(
        "services.yaml", "name_th: สอบถาม\n  name_en: Information",
        "name_th: &a สอบถาม\n  name_en: *a", 9, "an alias", "write the value out",
    ),
    "a key that is a list": Slip(
        "services.yaml", "series: M", "series: M\n  [a]: N", 9, "a key is not", "`name: value`"
    ),
}  # fmt: skip

BETWEEN = {
    "a service nobody knows": Slip(
        "sites.yaml", "services: [INF, JF-LIT]", "services: [INF, JF-BAIL]", 9,
        "there is no service JF-BAIL", "services.yaml",
    ),
    "a service listed twice": Slip(
        "sites.yaml", "services: [INF, JF-LIT]", "services: [INF, INF]", 9,
        "service INF is listed twice", "remove one",
    ),
    "a province nobody knows": Slip(
        "sites.yaml", "province: TH-30", "province: TH-99", 16,
        "there is no province TH-99", "provinces.yaml",
    ),
    "an active site without a service": Slip(
        "sites.yaml", "active: false", "active: true\n  counters: 1", 13,
        "site pjo-30 is active and offers no service", "list its `services:`",
    ),
    "an active site without a counter": Slip(
        "sites.yaml", "  counters: 3\n", "", 5,
        "site pjo-50 is active and has no counter", "`counters:`",
    ),
    "a site given twice": Slip(
        "sites.yaml", "- code: pjo-30",
        "- {code: pjo-30, kind: rollout, active: false, name_th: ก, name_en: K}\n- code: pjo-30",
        12,
        "`code` pjo-30 is already on line 11", "its own",
    ),
    "a province given twice": Slip(
        "provinces.yaml", "provinces:\n",
        "provinces:\n- {code: TH-50, name_th: ก, name_en: K, region: North}\n", 7,
        "`code` TH-50 is already on line 2", "its own",
    ),
    "two services of one letter": Slip(
        "services.yaml", "series: M", "series: A", 8, "`series` A is already on line 3", "its own"
    ),
    "a target of a service nobody knows": Slip(
        "targets.yaml", "targets:\n",
        "targets:\n- {service: XX, from: 2025-01-01, wait: 1 h, service_time: 1 h}\n", 4,
        "there is no service XX", "services.yaml",
    ),
    "a target of a site nobody knows": Slip(
        "targets.yaml", "site: pjo-50", "site: pjo-51", 17,
        "there is no site pjo-51", "sites.yaml",
    ),
    "a service without a target": Slip(
        "targets.yaml", "- service: JF-LIT\n",
        "- service: JF-LIT\n  site: pjo-50\n", 3, "service JF-LIT has no target", "without `site`",
    ),
    "targets of the same days": Slip(
        "targets.yaml", "from: 2025-03-17", "from: 2024-10-01", 13,
        "the days from 2024-10-01 overlap those of the entry on line 8", "`until`",
    ),
    "a target that ends before it begins": Slip(
        "targets.yaml", "until: 2025-01-31", "until: 2025-01-05", 19,
        "`until` 2025-01-05 lies before `from` 2025-01-06", "last day",
    ),
    "a target before any edition": Slip(
        "targets.yaml", "from: 2025-03-17", "from: 2024-09-30", 13,
        "before the first edition", "2024-10-01 or later",
    ),
    "head starts of the same days": Slip(
        "queue.yaml", "from: 2025-03-17", "from: 2024-10-01", 5, "overlap", "`until`"
    ),
    "hours that run backwards": Slip(
        HOURS, "close: 16:30", "close: 08:00", 5, "not in order", "open, lunch_start"
    ),
    "hours of a site nobody knows": Slip(
        HOURS, "site: pjo-50", "site: pjo-51", 9, "there is no site pjo-51", "sites.yaml"
    ),
    "hours of the same days": Slip(
        HOURS, "- site: pjo-50\n  from: 2025-02-01", "- from: 2024-10-01", 9,
        "overlap those of the entry on line 3", "`until`",
    ),
    "a holiday given twice": Slip(
        HOLIDAYS, "date: 2025-04-14", "date: 2025-01-01", 6,
        "`date` 2025-01-01 is already on line 3", "remove one",
    ),
    "a closure of a site nobody knows": Slip(
        CLOSURES, "[pjo-50]", "[pjo-50, pjo-51]", 4, "there is no site pjo-51", "sites.yaml"
    ),
    "a closure that ends before it begins": Slip(
        CLOSURES, "until: 2025-07-22", "until: 2025-07-20", 3, "lies before", "last day"
    ),
}  # fmt: skip

INSIDE_EDITIONS = {
    "a working model called official": Slip(
        EDITION, "working_model: true", "working_model: false", 4,
        "either a working model or has an official source", "mark: official",
    ),
    "a criterion is missing": Slip(
        EDITION, "- code: R1", "- code: R2", 9, "the working model lacks R1", "add"
    ),
    "a criterion given twice": Slip(
        EDITION, "levels:\n",
        "- {code: R1, part: results, name_th: ก, name_en: K, kind: attested, evidence: photo,"
        " weight: 1, source: {mark: working, reference: x}}\nlevels:\n", 151,
        "criterion R1 is already on line 143", "its own code",
    ),
    "a criterion of another part": Slip(
        EDITION, "part: results", "part: quality", 143,
        "criterion R1 is not of the part quality", "begin with Q",
    ),
    "a measured one with evidence": Slip(
        EDITION, "kind: both", "kind: measured", 22, "P1 is measured", "remove `evidence`"
    ),
    "an attested one without evidence": Slip(
        EDITION, "  evidence: report\n", "", 10, "P1 is both", "add `evidence:`"
    ),
    "an attested one with a metric": Slip(
        EDITION, "kind: both", "kind: attested", 17, "P1 is attested", "remove `metric`"
    ),
    "a metric without a threshold": Slip(
        EDITION, "  threshold: 0.8\n", "", 10, "`metric` and `threshold` belong together",
        "add `threshold:`",
    ),
    "a share of eighty": Slip(
        EDITION, "threshold: 0.8", "threshold: 80", 19, "satisfaction_top2 never exceeds 1",
        "0.8 for 80 %",
    ),
    "a level of eighty": Slip(
        EDITION, "metric: satisfaction_top2\n  direction: at_least\n  threshold: 0.8",
        "metric: satisfaction_mean\n  direction: at_least\n  threshold: 80", 19,
        "satisfaction_mean never exceeds 5", "from 1 to 5",
    ),
    "a response rate where nobody answers": Slip(
        EDITION, "metric: satisfaction_top2", "metric: booked_share", 21,
        "P1 does not rest on visitors' answers", "remove `minimum_response_rate`",
    ),
    "levels out of order": Slip(
        EDITION, "level: basic", "level: excellence", 151, "lowest first",
        "basic, advanced, excellence",
    ),
    "a level's criterion nobody knows": Slip(
        EDITION, "mandatory: [P1, Q1]", "mandatory: [P1, Q9]", 166,
        "there is no criterion Q9", "`criteria`",
    ),
    "a higher level that asks for less": Slip(
        EDITION, "score_at_least: 0.9", "score_at_least: 0.6", 165,
        "excellence asks for a lower score than advanced", "no less",
    ),
    "a higher level that forgets one": Slip(
        EDITION, "mandatory: [P1, Q1]", "mandatory: [Q1]", 162,
        "excellence does not ask for P1, advanced does", "too",
    ),
    "an edition that ends before it begins": Slip(
        EDITION, "from: 2024-10-01", "from: 2024-10-01\nuntil: 2024-09-01", 8,
        "lies before", "last day",
    ),
}  # fmt: skip

SLIPS = FORM | READING | BETWEEN | INSIDE_EDITIONS


def test_the_tree_is_good(tree: Tree) -> None:
    assert tree.faults() == ()


@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS.keys())
def test_a_slip_is_named_with_its_place_and_its_mending(tree: Tree, slip: Slip) -> None:
    tree.change(slip.file, slip.old, slip.new)
    faults = tree.faults()
    assert [(fault.file, fault.line) for fault in faults] == [(slip.file, slip.line)], faults
    assert slip.what in faults[0].what
    assert slip.mend in faults[0].mend


def test_all_faults_are_told_at_once(tree: Tree) -> None:
    tree.change("services.yaml", "series: M", "series: A")
    tree.change("sites.yaml", "[INF, JF-LIT]", "[INF, XX]")
    tree.change("sites.yaml", "TH-30", "TH-99")
    tree.change("targets.yaml", "30 min", "30 minutes")
    with pytest.raises(StandardsError) as refused:
        tree.load()
    places = [(fault.file, fault.line) for fault in refused.value.faults]
    assert places == [
        ("services.yaml", 8),
        ("sites.yaml", 9),
        ("sites.yaml", 16),
        ("targets.yaml", 6),
    ]
    for fault in refused.value.faults:
        assert f"{fault.file}:{fault.line}: {fault.what}; {fault.mend}" in str(refused.value)


def test_two_editions_of_the_same_days_and_code(tree: Tree) -> None:
    text = (tree.root / EDITION).read_text(encoding="utf-8")
    tree.write("editions/zz.yaml", text)
    assert [(fault.file, fault.line) for fault in tree.faults()] == [
        ("editions/zz.yaml", 1),
        ("editions/zz.yaml", 7),
    ]


def test_a_file_is_missing(tree: Tree) -> None:
    (tree.root / "queue.yaml").unlink()
    (fault,) = tree.faults()
    assert (fault.file, fault.what) == ("queue.yaml", "the file is missing")


def test_a_file_has_an_unknown_name(tree: Tree) -> None:
    tree.write("calendar/closure.yaml", "closures: []\n")
    (fault,) = tree.faults()
    assert (fault.file, fault.what) == (
        "calendar/closure.yaml",
        "no file of the standards has this name",
    )
    assert "calendar/closures.yaml" in fault.mend


def test_a_file_is_empty(tree: Tree) -> None:
    tree.write("queue.yaml", "# nothing\n")
    (fault,) = tree.faults()
    assert (fault.file, fault.what) == ("queue.yaml", "the file is empty")


def test_a_file_is_a_list(tree: Tree) -> None:
    tree.write("queue.yaml", "- 1\n")
    (fault,) = tree.faults()
    assert (fault.file, fault.line) == ("queue.yaml", 1)


def test_a_file_is_not_utf8(tree: Tree) -> None:
    (tree.root / "queue.yaml").write_bytes(b"# good\n# " + "คิว".encode("cp874") + b"\n")
    (fault,) = tree.faults()
    assert (fault.file, fault.line, fault.what) == ("queue.yaml", 2, "the text is not UTF-8")


def test_a_control_character(tree: Tree) -> None:
    (tree.root / "queue.yaml").write_bytes(b"a: \x01\n")
    (fault,) = tree.faults()
    assert fault.file == "queue.yaml"


def test_there_is_no_edition(tree: Tree) -> None:
    (tree.root / EDITION).unlink()
    (fault,) = tree.faults()
    assert fault.what == "there is no edition"


def test_there_is_no_folder(tree: Tree) -> None:
    nowhere = Tree(tree.root / "nowhere")
    (fault,) = nowhere.faults()
    assert "SADUAK_STANDARDS" in fault.mend
