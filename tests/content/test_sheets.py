"""A workbook or CSV files and back: nothing is lost, only what somebody changed changes, and nothing becomes vetted."""

import io
import shutil
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from bot.cli.main import main
from bot.content.csv_sheets import MAX_COLUMNS, as_csv, held_back, let_go, read_csv
from bot.content.directory_folder import load_directory
from bot.content.directory_tables import filed_of, tables_of
from bot.content.replacing import ChangedMeanwhileError, replace_files
from bot.content.sheet_import import Plan, plan_import
from bot.content.workbook import as_workbook, read_workbook
from bot.directory.matching import Directory
from bot.directory.sheet_changes import as_written
from bot.directory.sheets import MARK, SERVICES, Row, Table, as_cell, column_named
from bot.kernel.problems import Mark
from bot.nlu.normalise import fold
from tests.directory.test_parse import WHOLE, write

ROOT: Final = Path(__file__).parents[2]

HOUSE: Final = """\
# yaml-language-server: $schema=../schema/organisation.json
# a house
organisation: rs-house    # permanent
name: Čaša
country: RS
services:
  - service: night
    name: {en: Night,  sr: "Noć"}   # quoted
    needs: [legal_asylum,
            legal_other]
    age: [18, null]
    languages: [sr, {code: fa, by: interpreter}]
    safety: {must report when: no, women_only: yes}
    access: [walk_in, warm only]
    phones:
      - "112"    # everybody
      - {number: '+381 11 000 0001', label: evenings}
    note: |
      =SUM(A1) is no formula
      +1
    vetting: {state: vetted, by: [a, b], on: 2026-01-01, expires: 2999-01-01}
  - {service: day, name: Day, needs: [legal_asylum]}
sources:
  - {field: phone, source: "a call, on a Monday", checked_on: 2026-11-21}
"""


@pytest.fixture
def content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)  # no fener.toml there
    write(tmp_path, {**WHOLE, "rs/rs-house.yaml": HOUSE})
    return tmp_path


def loaded(root: Path) -> Directory:
    directory, problems = load_directory(root, fold=fold)
    assert directory is not None, problems
    return directory


def tables(root: Path) -> dict[str, Table]:
    """The sheets as an import reads them, without a file between."""
    directory = loaded(root)
    made = {}
    for one in tables_of(directory, filed_of(root, directory)):
        numbers = {column.title: at for at, column in enumerate(one.columns, start=1)}
        rows = tuple(Row(at, dict(row)) for at, row in enumerate(one.rows, start=2))
        rows = tuple(Row(row.number, {title: row.cells.get(title, "") for title in numbers}) for row in rows)
        made[one.sheet.title] = Table(one.sheet.title, f"sheet.xlsx, {one.sheet.title}", numbers, rows)
    return made


def row_of(table: Table, *key: str) -> Row:
    return next(row for row in table.rows if tuple(row.cells.values())[: len(key)] == key)


def changed(table: Table, key: tuple[str, ...], **cells: str) -> Table:
    """The table with other cells in one row; `next_step__sr` is the column `next step (sr)`."""
    wanted = {_title(name): text for name, text in cells.items()}
    numbers = dict(table.numbers)
    for title in wanted:
        numbers.setdefault(title, len(numbers) + 1)
    row = row_of(table, *key)
    rows = tuple(Row(one.number, {**one.cells, **wanted}) if one is row else one for one in table.rows)
    return replace(table, numbers=numbers, rows=rows)


def _title(name: str) -> str:
    title, _, code = name.partition("__")
    title = title.replace("safety_", "safety: ").replace("_", " ")
    return f"{title} ({code})" if code else title


def added(table: Table, **cells: str) -> Table:
    wanted = dict.fromkeys(table.numbers, "") | {_title(name): text for name, text in cells.items()}
    return replace(table, rows=(*table.rows, Row(len(table.rows) + 2, wanted)))


def imported(root: Path, *sheets: Table, close_missing: bool = False) -> Plan:
    return plan_import(root, loaded(root), sheets, fold=fold, close_missing=close_missing)


def house(plan: Plan) -> str:
    assert [f"{one.mark} {one.message}" for one in plan.problems if one.severity == "error"] == []
    assert set(plan.files) == {"directory/rs/rs-house.yaml"}
    return plan.files["directory/rs/rs-house.yaml"].decode()


def fener(root: Path, *words: str) -> int:
    return main(["directory", *words, "--content", str(root)])


# --- nothing is lost --------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_what_is_exported_and_imported_changes_no_byte(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "directory", tmp_path / "directory")
    (tmp_path / "directory/rs/rs-house.yaml").write_text(HOUSE, "utf-8")
    before = {path: path.read_bytes() for path in (tmp_path / "directory").rglob("*.yaml")}

    assert fener(tmp_path, "export", "--format", form, "--to", str(tmp_path / f"out.{form}")) == 0
    assert fener(tmp_path, "import", str(tmp_path / f"out.{form}")) == 0

    assert capsys.readouterr().out.endswith("0 files changed.\n")
    assert {path: path.read_bytes() for path in before} == before


def test_an_export_is_for_its_owner_only_and_writes_over_nothing(content: Path) -> None:
    target = content / "out.xlsx"

    assert fener(content, "export", "--format", "xlsx", "--to", str(target)) == 0
    assert target.stat().st_mode & 0o777 == 0o600
    assert fener(content, "export", "--format", "xlsx", "--to", str(target)) == 2


def test_a_workbook_helps_whoever_fills_it_in(content: Path) -> None:
    directory = loaded(content)
    book = load_workbook(
        io.BytesIO(as_workbook(tables_of(directory, filed_of(content, directory)), directory))
    )
    services = book["Services"]
    titles: dict[str, Any] = {str(cell.value): cell for cell in services[1]}

    assert services.freeze_panes == "C2"
    assert all(cell.comment is not None and cell.comment.text for cell in services[1])
    lists = {str(one.sqref).split(":")[0]: one.formula1 for one in services.data_validations.dataValidation}
    assert lists[f"{titles['safety: women only'].column_letter}2"] == '"yes,no,unknown"'
    assert lists[f"{titles['address place'].column_letter}2"].startswith("=Words!$E$2")
    assert "name (sr)" in titles
    assert services.column_dimensions[titles[MARK].column_letter].hidden
    assert book["Words"]["A2"].value == "legal_asylum"


# --- one cell, one change ----------------------------------------------------------------------------------

NIGHT: Final = ("rs-house", "night")


@pytest.mark.parametrize(
    ("cells", "old", "new"),
    [
        ({"name__sr": "Veče"}, '"Noć"', '"Veče"'),
        ({"name__fa": "شب"}, 'sr: "Noć"}', 'sr: "Noć", fa: شب}'),
        ({"name__sr": ""}, ',  sr: "Noć"', ""),
        ({"age_from": "16", "age_to": "25"}, "[18, null]", "[16, 25]"),
        ({"languages": "sr, fa"}, "by: interpreter", "by: staff"),
        ({"languages": "sr, fa (interpreter), en"}, "interpreter}]", "interpreter}, {code: en, by: staff}]"),
        ({"languages": "fa (interpreter)"}, "[sr, {", "[{"),
        ({"needs": "legal_asylum"}, "legal_asylum,\n            legal_other]", "legal_asylum]"),
        ({"access": "walk in, warm only, phone"}, "warm only]", "warm only, phone]"),
        ({"safety_women_only": "NO"}, "women_only: yes", "women_only: no"),
        ({"safety_records_calls": "no"}, "women_only: yes}", "women_only: yes, records_calls: no}"),
        ({"must_report_when__en": "there is a fire"}, "when: no", "when: there is a fire"),
        ({"note": "-2"}, "|\n      =SUM(A1) is no formula\n      +1\n", '"-2"\n'),
        ({"cost": "Free"}, "    safety:", "    cost: free\n    safety:"),
        ({"opening_hours": "24/7"}, "    note:", "    hours: {open: 24/7}\n    note:"),
        ({"room": "waiting list", "room_on": "20.11.2026"}, "    note:", "    capacity: {state: waiting list, on: 2026-11-20}\n    note:"),
        ({"notice__en": "Closed", "notice_until": "1.12.2026"}, "2999-01-01}\n", "2999-01-01}\n    notice: {text: {en: Closed}, until: 2026-12-01}\n"),
    ],
)  # fmt: skip
def test_only_what_was_changed_changes(content: Path, cells: Mapping[str, str], old: str, new: str) -> None:
    assert HOUSE.count(old) == 1
    plan = imported(content, changed(tables(content)["Services"], NIGHT, **cells))

    text = house(plan)
    assert text.replace("state: proposed", "state: vetted") == HOUSE.replace(old, new)


def test_a_phone_is_changed_added_and_taken_out_by_its_line(content: Path) -> None:
    phones = tables(content)["Phones"]
    phones = changed(phones, (*NIGHT, "1"), remove="yes")
    phones = changed(phones, (*NIGHT, "2"), number="+381 11 000 0002", label__sr="uveče")
    phones = added(phones, organisation="rs-house", service="night", number="=113", visible_to="caseworker")
    plan = imported(content, phones)
    assert [(one.code, one.mark.line, one.mark.column) for one in plan.problems] == [("D109", 5, 4)]

    phones = changed(phones, (*NIGHT, ""), number="+381 113")
    text = house(imported(content, phones))
    assert text == HOUSE.replace('      - "112"    # everybody\n', "").replace(
        "{number: '+381 11 000 0001', label: evenings}",
        "{number: '+381 11 000 0002', label: {en: evenings, sr: uveče}}\n      - number: +381 113\n        visibility: caseworker",
    ).replace("state: vetted", "state: proposed")


def test_a_source_is_added_to_the_organisation_and_to_a_service(content: Path) -> None:
    sources = tables(content)["Sources"]
    told = {"field": "phone", "source": "https://example.org", "checked_on": "2026-11-22", "conflict": "yes"}
    sources = added(sources, organisation="rs-house", **told)
    sources = added(sources, organisation="rs-house", service="day", **told)

    text = house(imported(content, sources))
    assert text.endswith(
        "2026-11-21}\n  - field: phone\n    source: https://example.org\n    checked_on: 2026-11-22\n    conflict: yes\n"
    )
    assert (
        "sources: [{field: phone, source: https://example.org, checked_on: 2026-11-22, conflict: yes}]}"
        in text
    )


def test_a_visit_of_a_mobile_team_is_a_row(content: Path) -> None:
    told = {"organisation": "rs-house", "service": "day", "place": "rs-beograd", "open": "10:00-14:00"}
    visits = tables(content)["Visits"]

    plan = imported(content, added(visits, **{**told, "from": "20.11.2026"}))
    assert "visits: [{place: rs-beograd, from: 2026-11-20, open: 10:00-14:00}]}" in house(plan)
    [problem] = imported(content, added(visits, **told)).problems
    assert (problem.code, problem.mark.file, problem.mark.line) == ("D102", "sheet.xlsx, Visits", 2)


def test_new_rows_become_a_new_file_whose_services_nobody_vouches_for(content: Path) -> None:
    sheets = tables(content)
    plan = imported(
        content,
        added(sheets["Organisations"], organisation="rs-new", name__en="New", country="RS", demo="yes"),
        added(sheets["Services"], organisation="rs-new", service="talk", name__en="Talk: now", needs="legal_other",
            languages="sr", age_from="16", safety_women_only="no"),
        added(sheets["Phones"], organisation="rs-new", service="talk", number="+381 11 000 0009"),
    )  # fmt: skip

    assert plan.problems == ()
    assert {path: text.decode() for path, text in plan.files.items()} == {
        "directory/rs/rs-new.yaml": """\
# yaml-language-server: $schema=../schema/organisation.json
organisation: rs-new
name: {en: New}
country: RS
demo: yes
services:
  - service: talk
    name: {en: "Talk: now"}
    needs: [legal_other]
    age: [16, null]
    languages: [{code: sr, by: staff}]
    safety: {women_only: no}
    phones:
      - number: +381 11 000 0009
"""
    }
    replace_files(content, plan.files, plan.before)
    assert loaded(content).organisations["rs-new"].services[0].vetting.state == "unverified"


# --- a sheet vouches for nothing ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("vetting", "vetted"),
        ("vetted by", "x, y"),
        ("vetting expires", "2999-12-31"),
        ("vetted on", "2026-02-02"),
    ],
)
@pytest.mark.parametrize("service", ["night", "day"])
def test_vetting_is_not_changed_in_a_sheet(content: Path, column: str, value: str, service: str) -> None:
    table = changed(tables(content)["Services"], ("rs-house", service), **{column.replace(" ", "_"): value})
    if (
        row_of(table, "rs-house", service).cells
        == row_of(tables(content)["Services"], "rs-house", service).cells
    ):
        return
    plan = imported(content, table)

    assert plan.files == {}
    [problem] = plan.problems
    assert (problem.code, problem.mark.column) == ("D504", table.numbers[column])
    assert f"fener directory vet rs-house/{service}" in problem.mend


def test_a_new_row_cannot_bring_its_vetting_along(content: Path) -> None:
    table = added(tables(content)["Services"], organisation="rs-house", service="new", name__en="New", needs="legal_other",
        vetting="vetted", vetted_by="a, b", vetting_expires="2999-01-01")  # fmt: skip
    plan = imported(content, table)

    assert {one.code for one in plan.problems} == {"D504"}
    assert plan.files == {}


VOUCHED: Final = {
    "safety_women_only": "no", "safety_shares_with_authorities": "yes", "must_report_when__en": "always",
    "documents": "some", "documents_note__en": "a passport", "address_visible_to": "public", "age_from": "12",
    "populations": "trans", "access": "phone", "visible_to": "public", "demo": "yes",
}  # fmt: skip


@pytest.mark.parametrize("name", VOUCHED)
def test_a_changed_safety_fact_takes_the_vetting_back_to_proposed(content: Path, name: str) -> None:
    plan = imported(content, changed(tables(content)["Services"], NIGHT, **{name: VOUCHED[name]}))

    assert plan.fallen == ("rs-house/night",)
    assert "vetting: {state: proposed, by: [a, b]" in house(plan)


def test_other_facts_leave_the_vetting_as_it_is_and_so_does_a_service_that_nobody_vetted(
    content: Path,
) -> None:
    services = tables(content)["Services"]
    services = changed(services, NIGHT, note="new", opening_hours="24/7")
    services = changed(services, ("rs-house", "day"), documents="none")
    plan = imported(content, services)

    assert plan.fallen == ()
    assert "state: vetted" in house(plan)


def test_an_organisation_that_says_it_is_no_demo_any_more_is_looked_at_again(content: Path) -> None:
    plan = imported(content, changed(tables(content)["Organisations"], ("rs-house",), demo="no"))

    assert plan.fallen == ("rs-house/night",)


# --- what is missing, stale or wrong -----------------------------------------------------------------------


def without(table: Table, *key: str) -> Table:
    gone = row_of(table, *key)
    return replace(table, rows=tuple(row for row in table.rows if row is not gone))


def test_a_row_that_is_taken_out_deletes_nothing_and_is_named(content: Path) -> None:
    services = without(tables(content)["Services"], "rs-house", "day")
    plan = imported(content, services)

    assert (plan.files, plan.missing) == ({}, ("rs-house/day",))
    closed = imported(content, services, close_missing=True)
    assert "{service: day, status: closed, name: Day" in house(closed)


def test_a_list_that_was_never_whole_misses_nothing_and_closes_nothing(content: Path) -> None:
    services = tables(content)["Services"]
    part = replace(
        without(services, "rs-house", "day"),
        numbers={title: at for title, at in services.numbers.items() if title != MARK},
    )

    assert imported(content, part) == Plan()
    assert [one.code for one in imported(content, part, close_missing=True).problems] == ["D503"]


def test_one_sheet_twice_is_refused(content: Path) -> None:
    services = tables(content)["Services"]

    assert [one.code for one in imported(content, services, replace(services, file="more.csv")).problems] == [
        "D503"
    ]


def test_a_new_organisation_that_is_there_already_is_named(content: Path) -> None:
    table = added(tables(content)["Organisations"], organisation="rs-new", name__en="Чаша", country="RS")
    plan = imported(content, table)

    [problem] = plan.problems
    assert (problem.code, problem.severity, problem.mark) == (
        "D313",
        "warning",
        Mark("sheet.xlsx, Organisations", 4, 2),
    )
    assert set(plan.files) == {"directory/rs/rs-new.yaml"}


def test_a_row_changed_here_and_in_the_directory_is_refused_and_one_changed_only_there_stays(
    content: Path,
) -> None:
    services = tables(content)["Services"]
    path = content / "directory/rs/rs-house.yaml"
    path.write_text(HOUSE.replace("state: vetted", "state: suspended"), "utf-8")

    assert imported(content, services) == Plan()
    plan = imported(content, changed(services, NIGHT, note="x"))
    assert [one.code for one in plan.problems] == ["D505"]
    assert plan.files == {}


@pytest.mark.parametrize(
    "case",
    [
        ("Services", NIGHT, {"needs": "legal_asylm"}, "D201", "needs"),
        ("Services", NIGHT, {"populations": "tranz"}, "D202", "populations"),
        ("Services", NIGHT, {"areas": "RS, atlantis"}, "D204", "areas"),
        ("Services", NIGHT, {"cost": "cheap"}, "D104", "cost"),
        ("Services", NIGHT, {"room_on": "30.2.2026"}, "D106", "room on"),
        ("Services", NIGHT, {"opening_hours": "Mo-Fr 9"}, "D107", "opening hours"),
        ("Services", NIGHT, {"opening_hours": "24/7", "time_zone": "Mars"}, "D108", "time zone"),
        ("Services", NIGHT, {"age_from": "young"}, "D112", "age from"),
        ("Services", NIGHT, {"languages": "farsi!"}, "D110", "languages"),
        ("Services", NIGHT, {"name__en": "", "name__sr": ""}, "D102", "name (sr)"),
        ("Services", NIGHT, {"website": "example"}, "D115", "website"),
        ("Services", NIGHT, {"service": "nights"}, "D503", "organisation"),
        ("Organisations", ("rs-house",), {"country": "PT"}, "D504", "country"),
        ("Phones", (*NIGHT, "2"), {"number": "call us"}, "D109", "number"),
        ("Phones", (*NIGHT, "2"), {"line": "7"}, "D503", "organisation"),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_named_and_nothing_is_written(
    content: Path, case: tuple[str, tuple[str, ...], Mapping[str, str], str, str]
) -> None:
    sheet, key, cells, code, column = case
    table = changed(tables(content)[sheet], key, **cells)
    plan = imported(content, table)

    [problem] = [one for one in plan.problems if one.code == code]
    assert problem.mark.file == f"sheet.xlsx, {sheet}"
    assert table.rows[problem.mark.line - 2].cells["organisation"] == "rs-house"
    assert problem.mark.column == table.numbers[column]
    assert problem.mend
    assert plan.files == {}


def test_an_unknown_column_is_named_and_not_read(content: Path) -> None:
    plan = imported(content, changed(tables(content)["Services"], NIGHT, my_own_notes="x"))

    assert [(one.code, one.severity) for one in plan.problems] == [("D502", "warning")]
    assert plan.files == {}


def test_the_dry_run_tells_everything_and_writes_nothing(
    content: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = content / "out.xlsx"
    fener(content, "export", "--format", "xlsx", "--to", str(book))
    edit_book(book, {("Services", "night", "documents"): "none", ("Services", "day", "note"): "Monday"})
    capsys.readouterr()

    assert fener(content, "import", str(book), "--dry-run") == 0
    assert (
        capsys.readouterr().out
        == """\
directory/rs/rs-house.yaml
  night: documents  [vouched for by vetters]
    + none
  day: note
    + Monday
rs-house/night: facts that vetters vouch for changed; back to proposed until somebody vets it again
1 file would change.
"""
    )
    assert (content / "directory/rs/rs-house.yaml").read_text("utf-8") == HOUSE
    assert fener(content, "import", str(book)) == 0
    assert "note: Monday" in (content / "directory/rs/rs-house.yaml").read_text("utf-8")


def test_a_wrong_cell_is_told_by_its_letter_and_row(
    content: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = content / "out.xlsx"
    fener(content, "export", "--format", "xlsx", "--to", str(book))
    where = edit_book(book, {("Services", "night", "cost"): "cheap"})

    assert fener(content, "import", str(book)) == 1
    assert (
        f"out.xlsx, Services!{where}: D104 cost cannot be 'cheap'\n  mend: write one of"
        in capsys.readouterr().err
    )


def edit_book(path: Path, cells: Mapping[tuple[str, str, str], str]) -> str:
    """Change cells as a person would; where the last of them is."""
    book = load_workbook(path)
    where = ""
    for (sheet, service, title), text in cells.items():
        column = next(cell.column or 0 for cell in book[sheet][1] if cell.value == title)
        row = next(row[0].row or 0 for row in book[sheet].iter_rows() if row[1].value == service)
        cell: Any = book[sheet].cell(row, column)
        cell.value = text
        where = cell.coordinate
    book.save(path)
    return where


# --- hostile files -----------------------------------------------------------------------------------------


def test_no_cell_of_an_export_is_a_formula(content: Path) -> None:
    directory = loaded(content)
    made = tables_of(directory, filed_of(content, directory))
    book = load_workbook(io.BytesIO(as_workbook(made, directory)))

    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    notes = [
        cell for row in book["Services"].iter_rows() for cell in row if str(cell.value).startswith("=SUM")
    ]
    assert [cell.quotePrefix for cell in notes] == [True]
    [services] = [as_csv(one).decode("utf-8-sig") for one in made if one.sheet.title == "Services"]
    assert "'=SUM(A1)" in services


@given(st.text(st.sampled_from("=+-@'\t\r＝ ax1"), max_size=6))
def test_a_text_is_held_back_from_being_a_formula_and_let_go_again(text: str) -> None:
    assert let_go(held_back(text)) == text
    assert held_back(text).lstrip()[:1] not in {"=", "+", "-", "@", "＝"}


def test_a_formula_that_somebody_wrote_is_refused(content: Path) -> None:
    book = content / "out.xlsx"
    fener(content, "export", "--format", "xlsx", "--to", str(book))
    edit_book(book, {("Services", "night", "note"): '=HYPERLINK("http://example.org")'})

    _, problems = read_workbook(book.read_bytes(), "out.xlsx")
    assert [one.code for one in problems] == ["D507"]


def packed(parts: Mapping[str, bytes]) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return into.getvalue()


def a_book() -> dict[str, bytes]:
    into = io.BytesIO()
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "Services"
    sheet.append(["organisation", "service", "note"])
    sheet.append(["rs-house", "night", "x"])
    book.save(into)
    with zipfile.ZipFile(into) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_workbook_that_would_grow_without_end_is_not_opened() -> None:
    bomb = packed({**a_book(), "xl/worksheets/more.xml": b"0" * (130 * 1024 * 1024)})
    assert len(bomb) < 1_000_000

    found, problems = read_workbook(bomb, "bomb.xlsx")
    assert (found, [one.code for one in problems]) == ([], ["D501"])
    assert "unpacked" in problems[0].message


@pytest.mark.parametrize("name", ["xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml"])
def test_a_workbook_that_names_other_files_or_entities_is_refused(name: str) -> None:
    parts = a_book()
    _, _, rest = parts[name].partition(b"?>") if parts[name].startswith(b"<?xml") else (b"", b"", parts[name])
    parts[name] = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + rest

    found, problems = read_workbook(packed(parts), "x.xlsx")
    assert (found, [one.code for one in problems]) == ([], ["D501"])


@settings(max_examples=60)
@given(st.binary(max_size=300))
def test_random_bytes_are_read_or_refused(source: bytes) -> None:
    for found, problems in (
        read_workbook(source, "x.xlsx"),
        ([read_csv(source, "services.csv")[0]], read_csv(source, "services.csv")[1]),
    ):
        assert any(found) or problems or not source.strip(b'\r\n,;\t" ')


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(a_book())), st.integers(0, 2000), st.binary(max_size=30))
def test_a_damaged_workbook_is_read_or_refused(name: str, at: int, noise: bytes) -> None:
    parts = a_book()
    parts[name] = parts[name][:at] + noise + parts[name][at + len(noise) :]

    found, problems = read_workbook(packed(parts), "x.xlsx")
    assert found or problems


def test_a_sheet_that_claims_a_million_rows_costs_no_memory() -> None:
    parts = a_book()
    sheet = (
        parts["xl/worksheets/sheet1.xml"]
        .replace(b"A1:C2", b"A1:XFD1048576")
        .replace(b'<row r="2"', b'<row r="1048576"')
    )
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b'r="A2"', b'r="A1048576"')

    found, problems = read_workbook(packed(parts), "x.xlsx")
    assert len(found) + len(problems) == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.encode("utf-16"),
        lambda text: text.replace(",", ";").encode(),
        lambda text: text.replace(",", "\t").encode("utf-16"),
        lambda text: b"sep=;\r\n" + text.replace(",", ";").encode(),
        lambda text: text.replace("\r\n", "\n").encode("utf-8-sig"),
    ],
)
def test_csv_is_read_in_every_form_that_spreadsheets_save(spoil: Callable[[str], bytes]) -> None:
    text = "organisation,service,note\r\nrs-house,night,x\r\n"
    table, problems = read_csv(spoil(text), "my list.csv")

    assert problems == []
    assert table is not None
    assert (table.sheet, table.rows[0].cells["note"]) == ("Services", "x")


def test_a_csv_file_in_another_encoding_or_too_wide_says_what_to_do() -> None:
    for source in (
        "organisation,name (en)\nč,š\n".encode("cp1250"),
        ",".join("x" * (MAX_COLUMNS + 1)).encode(),
    ):
        table, problems = read_csv(source, "organisations.csv")
        assert table is None
        assert problems[0].code == "D501"
        assert problems[0].mend


# --- all or nothing ----------------------------------------------------------------------------------------


def test_files_that_changed_meanwhile_or_cannot_be_written_leave_all_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"old")
    (tmp_path / "b.yaml").mkdir()

    with pytest.raises(ChangedMeanwhileError):
        replace_files(tmp_path, {"a.yaml": b"new"}, {"a.yaml": b"other"})
    with pytest.raises(OSError):
        replace_files(tmp_path, {"a.yaml": b"new", "b.yaml": b"new"}, {"a.yaml": b"old"})
    assert (tmp_path / "a.yaml").read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.yaml", "b.yaml"]


def test_what_replaces_a_private_file_is_private_and_follows_no_link(tmp_path: Path) -> None:
    file, victim = tmp_path / "a.yaml", tmp_path / "victim"
    file.write_bytes(b"old")
    file.chmod(0o600)
    victim.write_bytes(b"mine")
    (tmp_path / ".a.yaml.new").symlink_to(victim)

    replace_files(tmp_path, {"a.yaml": b"new"}, {"a.yaml": b"old"})

    assert (file.read_bytes(), victim.read_bytes()) == (b"new", b"mine")
    assert (file.stat().st_mode & 0o777, file.is_symlink()) == (0o600, False)


# --- random edits ------------------------------------------------------------------------------------------

TEXTS: Final = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).map(as_cell) | st.sampled_from(
    ["=1+1", "+381 11", "-", "@x", "'", "a: b", "# x", "[", "{}", "null", "yes", "two\nlines", "ع", "a, b"]
)  # fmt: skip
FREE: Final = (
    "note", "documents note (en)", "next step (en)", "next step (ar)", "not offered (sr)", "address", "description (pt)",
    "must report when (sr)", "must report when (en)", "name (fa)",
)  # fmt: skip
WORDS: Final = {
    "status": ["", "paused", "closed"], "cost": ["", "free", "Paid"], "documents": ["none", "unknown"],
    "needs": ["legal_asylum", "legal_other", "legal_other, legal_asylum"], "populations": ["", "trans", "lgbtiq; trans"],
    "languages": ["", "sr", "fa (interpreter), sr", "en (phone), fa", "sr, en, ps"], "access": ["", "walk in", "phone, walk in"],
    "age from": ["", "0", "18"], "age to": ["", "18", "99"], "safety: records calls": ["", "yes", "no", "unknown"],
    "safety: women only": ["", "no"], "address place": ["", "rs-beograd"], "address visible to": ["", "internal"],
    "opening hours": ["24/7", "Mo-Fr 09:00-17:00; PH off"], "room": ["", "waiting list"], "room on": ["", "2026-11-20"],
    "areas": ["", "RS", "RS, rs-beograd"], "remote": ["", "yes"], "visible to": ["caseworker"], "website": ["", "https://a.example.org"],
}  # fmt: skip
EDITS: Final = st.one_of(
    st.tuples(st.sampled_from(FREE), st.just("") | TEXTS),
    *(st.tuples(st.just(title), st.sampled_from(words)) for title, words in WORDS.items()),
)


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_random_edits_of_random_cells_are_exactly_what_the_next_export_shows(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("content")
    write(root, {**WHOLE, "rs/rs-house.yaml": HOUSE})
    services = tables(root)["Services"]
    for _ in range(data.draw(st.integers(1, 6))):
        row = data.draw(st.sampled_from(services.rows))
        title, text = data.draw(EDITS)
        numbers = dict(services.numbers)
        numbers.setdefault(title, len(numbers) + 1)
        rows = tuple(
            Row(one.number, {**one.cells, title: text}) if one.number == row.number else one
            for one in services.rows
        )
        services = replace(services, numbers=numbers, rows=rows)
    plan = imported(root, services)
    assert plan.problems == (), plan.problems
    replace_files(root, plan.files, plan.before)

    for row in tables(root)["Services"].rows:
        key = (row.cells["organisation"], row.cells["service"])
        before = row_of(services, *key).cells
        for title in {*row.cells, *before} - {MARK, "vetting"}:
            column = column_named(SERVICES, title)
            assert column is not None
            assert row.cells.get(title, "") == as_written(column, as_cell(before.get(title, "")))
    assert imported(root, *tables(root).values()).files == {}
