from pathlib import Path

from bot.content.mending import mend_files, mended
from tests.content.foreign import HOUSING, write


def test_keys_of_the_language_get_spaces_and_names_of_the_admin_stay() -> None:
    source = (
        HOUSING.replace("try again", "try_again").replace("give up", "give_up").replace("if none", "if_none")
    )

    assert mended(source.encode(), "flows/housing.yaml") == HOUSING.encode()


def test_facts_are_mended_too() -> None:
    text = (
        "facts:\n  a_b:\n    text: t\n    checked_on: 2026-11-21\n    expires_on: 2027-01-01 # expires_on\n"
    )

    assert mended(text.encode(), "flows/facts/rs.yaml").decode() == (
        "facts:\n  a_b:\n    text: t\n    checked on: 2026-11-21\n    expires on: 2027-01-01 # expires_on\n"
    )


def test_a_file_ends_with_a_new_line_and_keeps_its_windows_line_ends() -> None:
    assert mended(b"a: b\r\nc: d", "directory/places.yaml") == b"a: b\r\nc: d\n"


def test_a_file_that_cannot_be_read_is_left_alone() -> None:
    assert mended(b"a: [b", "flows/a.yaml") == b"a: [b"
    assert mended(b"a: b\na: c", "flows/a.yaml") == b"a: b\na: c"


def test_only_files_that_change_are_written(tmp_path: Path) -> None:
    write(tmp_path, {"flows/sos.yaml": "flow: sos\nhigh_stakes: true", "flows/x.test.yaml": "try_again: a\n"})
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.yaml")}

    assert mend_files(tmp_path) == ("flows/sos.yaml",)
    assert (tmp_path / "flows/sos.yaml").read_text(encoding="utf-8") == "flow: sos\nhigh stakes: true\n"
    assert mend_files(tmp_path) == ()
    assert [path.name for path, time in before.items() if path.stat().st_mtime_ns != time] == ["sos.yaml"]
    assert not [path for path in tmp_path.rglob("*") if path.name.endswith(".mended")]
