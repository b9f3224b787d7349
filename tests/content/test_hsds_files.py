"""HSDS packages from disk: what is too much, leads out or is no package is refused with its place; nothing is unpacked."""

import contextlib
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.content import hsds_files
from bot.content.hsds_files import read_package
from bot.content.json_marks import read_json
from bot.kernel.problems import Problem

ORGANIZATIONS = "id,name,description\no1,House,\n"
SERVICES = 'id,organization_id,name,status,application_process\ns1,o1,Advice,active,"Ring, then wait"\n'
TABLES = {"organizations.csv": ORGANIZATIONS, "services.csv": SERVICES}


def zipped(path: Path, files: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in files.items():
            package.writestr(name, text)
    return path


def folder(path: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (path / name).write_text(text, encoding="utf-8")
    return path


def told(problems: list[Problem]) -> list[tuple[str, str]]:
    return [(one.code, str(one.mark)) for one in problems]


def test_a_zip_and_a_folder_of_tables_give_organisations_with_their_services(tmp_path: Path) -> None:
    for path in (
        folder(tmp_path, TABLES),
        zipped(tmp_path / "p.zip", {f"deep/{name}": text for name, text in TABLES.items()}),
    ):
        [house], unread, problems = read_package(path)
        [advice] = house.all("services")
        assert (unread, problems) == ([], [])
        assert (house.get("name"), advice.get("application_process")) == ("House", "Ring, then wait")
        assert str(advice.mark_of("status")) == "services.csv:2:4"


def test_tables_that_are_called_otherwise_are_found_by_their_description(tmp_path: Path) -> None:
    description = '{"resources": [{"name": "organizations", "path": "data/orgs.csv"}, {"name": "service", "path": "s.csv"}]}'
    files = {
        "datapackage.json": description,
        "orgs.csv": ORGANIZATIONS,
        "s.csv": SERVICES,
        "more.csv": "id\n",
    }

    [house], unread, problems = read_package(folder(tmp_path, files))
    assert (unread, problems) == (["more.csv"], [])
    assert len(house.all("services")) == 1


@pytest.mark.parametrize(
    ("services", "problem"),
    [
        ("id,organization_id\ns1,o1,x\n", ("D601", "services.csv:2:1")),
        ('id,organization_id\n\ns1,o1\n"s2,o1\n', ("D601", "services.csv:4:1")),
        ("id,id\ns1,s1\n", ("D601", "services.csv:1:1")),
        ("id,organization_id\ns1,o1\ns1,o1\n", ("D602", "services.csv:3:1")),
        ("id,organization_id\n,o1\n", ("D602", "services.csv:2:1")),
        ("id,organization_id\ns1,o9\n", ("D603", "services.csv:2:2")),
        (f"id,organization_id\ns1,{'x' * 100_001}\n", ("D601", "services.csv:2:1")),
    ],
)
def test_a_faulty_table_is_told_with_its_row(tmp_path: Path, services: str, problem: tuple[str, str]) -> None:
    _, _, problems = read_package(folder(tmp_path, {**TABLES, "services.csv": services}))

    assert problem in told(problems)
    assert all(one.mend for one in problems)


def test_text_of_another_encoding_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "organizations.csv").write_bytes("id,name\no1,Srećan\n".encode("cp1250"))

    assert told(read_package(tmp_path)[2]) == [("D601", "organizations.csv:2:1")]


@pytest.mark.parametrize(
    "name", ["../organizations.csv", "/organizations.csv", "a\\..\\organizations.csv", "c:organizations.csv"]
)
def test_a_name_that_leads_out_of_a_zip_is_refused(tmp_path: Path, name: str) -> None:
    records, _, problems = read_package(zipped(tmp_path / "p.zip", {name: ORGANIZATIONS}))

    assert (records, told(problems)) == ([], [("D607", "p.zip:1:1")])
    assert sorted(one.name for one in tmp_path.iterdir()) == ["p.zip"]


def test_a_zip_that_grows_is_refused_however_small_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hsds_files, "LARGEST_FILE", 100_000)
    bomb = zipped(tmp_path / "p.zip", {"organizations.csv": b"x" * 10_000_000})

    assert bomb.stat().st_size < 100_000
    assert told(read_package(bomb)[2]) == [("D607", "organizations.csv:1:1")]


def test_many_files_and_much_in_all_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = zipped(tmp_path / "many.zip", {f"t{number}.csv": "id\n" for number in range(201)})
    assert [code for code, _ in told(read_package(many)[2])] == ["D607"]
    monkeypatch.setattr(hsds_files, "LARGEST_PACKAGE", 50)
    assert [code for code, _ in told(read_package(zipped(tmp_path / "p.zip", {**TABLES}))[2])] == ["D607"]


def test_a_large_file_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hsds_files, "LARGEST_FILE", 10)
    (tmp_path / "p.json").write_text(" " * 11)

    assert told(read_package(tmp_path / "p.json")[2]) == [("D607", "p.json:1:1")]
    assert told(read_package(tmp_path / "nowhere.json")[2]) == [("D601", "nowhere.json:1:1")]


@given(st.binary(max_size=60), st.integers(0, 200))
@example(b"\x00\x00", 107)  # an entry without a name, which zipfile stumbles over
def test_no_broken_zip_breaks_the_reading(junk: bytes, at: int) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("organizations.csv", ORGANIZATIONS)
    data = whole.getvalue()
    with contextlib.suppress(hsds_files._RefusedError):
        hsds_files._from_zip(data[:at] + junk + data[at + len(junk) :], "p.zip")


@given(st.binary(max_size=200))
def test_no_broken_table_breaks_the_reading(junk: bytes) -> None:
    _, problems = hsds_files._rows(junk, "services.csv")

    assert {one.code for one in problems} <= {"D601"}


# --- JSON with places -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "p.json:1:1"),
        ('{"a": 1,\n "b": }', "p.json:2:7"),
        ("[1,\n2,\n]", "p.json:3:1"),
        ('{"a": "x}', "p.json:1:7"),
        ('{"a": 1} x', "p.json:1:10"),
        ("{a: 1}", "p.json:1:2"),
        ('{"a": 1, "a": 2}', "p.json:1:10"),
        ('["\n"]', "p.json:1:3"),
        ("NaN", "p.json:1:1"),
        ("[" * 50, "p.json:1:42"),
    ],
)  # fmt: skip
def test_what_is_no_json_is_told_with_its_place(text: str, place: str) -> None:
    node, problems = read_json(text.encode(), "p.json")

    assert (node, told(problems)) == (None, [("D601", place)])


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_json(text: str) -> None:
    node, problems = read_json(text.encode("utf-8", "replace"), "p.json")

    assert (node is None) == bool(problems)
