import argparse
import json
from pathlib import Path

import pytest

from bot.cli.translations import add, run
from bot.content.folders import read_content
from bot.content.translators import flows_pot, template, to_translate
from bot.i18n.catalogue import RESCUE_SENTENCES
from bot.i18n.po import parse_po
from tests.content.foreign import HOUSING, TODAY
from tests.i18n.drafted import folder, read

ROOT = Path(__file__).parents[2]


def translations(*words: str) -> int:
    parser = argparse.ArgumentParser()
    add(parser)
    return run(parser.parse_args(words))


def entries(root: Path, path: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    found, problems = parse_po((root / path).read_text("utf-8"), path)
    assert problems == []
    return {entry.context: (entry.text, entry.flags) for entry in found}


def test_the_shipped_template_is_what_the_flows_say_today() -> None:
    content = read_content(ROOT, today=TODAY)
    committed = (ROOT / "translations/flows.pot").read_text("utf-8")

    assert committed == flows_pot(content), "run 'fener translations extract' and 'fener translations update'"


def test_every_shipped_language_has_an_entry_for_every_text() -> None:
    content = read_content(ROOT, today=TODAY)
    flows = {entry.context for entry in template(content)}
    ui = {entry.context for entry in content.translations.sentences}

    for code in to_translate(content):
        assert entries(ROOT, f"translations/{code}/flows.po").keys() == flows, (
            f"fener translations update {code}"
        )
        assert entries(ROOT, f"translations/{code}/ui.po").keys() == ui, f"fener translations update {code}"


def test_extract_writes_each_text_once_with_its_place_its_note_and_its_limit(tmp_path: Path) -> None:
    root = folder(tmp_path)
    assert translations("extract", "--content", str(root)) == 0
    pot = (root / "translations/flows.pot").read_text("utf-8")
    first = pot

    assert (
        "#. A choice. At most 40 characters.\n#: flows/housing.yaml:27\n"
        'msgctxt "housing/ask_urgency/choices.tonight"\nmsgid "Tonight"\nmsgstr ""\n'
    ) in pot
    assert '#, python-brace-format\nmsgctxt "housing/results/say"\nmsgid "I found {count} places."\n' in pot
    assert "#. Safety critical: served in English until it is reviewed.\n#: flows/hard.yaml:" in pot
    assert pot.count('msgctxt "fact/police"') == 1
    assert translations("extract", "--content", str(root)) == 0
    assert (root / "translations/flows.pot").read_text("utf-8") == first


def test_extract_leaves_nothing_out_silently(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = folder(tmp_path)
    (root / "flows/housing.yaml").write_text(HOUSING.replace("go: person", "go: persn"), "utf-8")

    assert translations("extract", "--content", str(root)) == 1
    assert "flows/housing.yaml:36:13: F104" in capsys.readouterr().err
    assert not (root / "translations/flows.pot").exists()


def test_update_keeps_texts_marks_changed_english_and_drops_what_is_gone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = folder(tmp_path, read)
    changed = HOUSING.replace("Tonight ->", "This night ->").replace("      done: Done -> end\n", "")
    (root / "flows/housing.yaml").write_text(changed, "utf-8")

    assert translations("update", "fr", "--content", str(root)) == 0
    texts = entries(root, "translations/fr/flows.po")
    text = (root / "translations/fr/flows.po").read_text("utf-8")

    assert texts["housing/ask_urgency/choices.tonight"] == ("FR Tonight", ("fuzzy", "unreviewed"))
    assert '#| msgid "Tonight"\nmsgctxt "housing/ask_urgency/choices.tonight"\nmsgid "This night"' in text
    assert texts["housing/ask_city/choices.skip"] == ("FR Skip", ())
    assert "# reviewed-by: reader-a 2026-11-20\n" in text
    assert "housing/results/choices.done" not in texts
    assert "translations/fr/flows.po: 1 out of date, 1 dropped\n" in capsys.readouterr().out


def test_update_makes_the_files_of_a_language_that_has_none(tmp_path: Path) -> None:
    root = folder(tmp_path)
    assert translations("update", "de", "--content", str(root)) == 0

    assert set(entries(root, "translations/de/flows.po").values()) >= {("", ())}
    assert {text for text, _ in entries(root, "translations/de/ui.po").values()} == {""}
    assert (root / "translations/de/rescue.md").exists()


def test_update_changes_nothing_in_a_file_it_cannot_read_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = folder(tmp_path)
    file = root / "translations/fr/flows.po"
    broken = file.read_text("utf-8").replace('msgstr "FR Skip"', 'msgstr "FR Skip', 1)
    file.write_text(broken, "utf-8")

    assert translations("update", "fr", "--content", str(root)) == 1
    assert file.read_text("utf-8") == broken
    assert "T201" in capsys.readouterr().err


def test_a_language_that_is_not_in_the_list_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = str(folder(tmp_path))

    assert translations("update", "xx", "--content", root) == 2
    assert translations("check", "en", "--content", root) == 2
    assert "use one of: fr, ar, de" in capsys.readouterr().err
    assert translations("status", "--content", str(tmp_path / "nowhere")) == 2


def test_check_lists_the_problems_of_one_language_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = folder(tmp_path)
    file = root / "translations/fr/flows.po"
    file.write_text(file.read_text("utf-8").replace("FR Police 192", "FR Police 911"), "utf-8")

    assert translations("check", "fr", "--content", str(root)) == 1
    said = capsys.readouterr()
    assert "T605 'fact/police' changes the numbers: lost 192; new 911" in said.out
    assert "translations/ar/" not in said.out
    assert said.err.startswith("fr: 1 errors, ")
    assert translations("check", "ar", "--content", str(root)) == 0


def test_a_choice_that_is_too_long_is_an_error_at_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = folder(tmp_path)
    file = root / "translations/fr/flows.po"
    file.write_text(file.read_text("utf-8").replace('"FR Tonight"', f'"FR {"o" * 40}"'), "utf-8")

    assert translations("check", "fr", "--content", str(root)) == 1
    assert (
        "T610 'housing/ask_urgency/choices.tonight' has 43 characters, more than 40"
        in capsys.readouterr().out
    )


def test_status_counts_what_is_translated_reviewed_and_offered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = folder(tmp_path, read)
    assert translations("status", "--json", "--content", str(root)) == 0
    found = {one["language"]: one for one in json.loads(capsys.readouterr().out)}

    total = found["fr"]["flows"]["total"]
    assert found["fr"]["offered"] is True
    assert found["fr"]["flows"] == {
        "total": total,
        "translated": total,
        "unreviewed": 0,
        "unnamed": 0,
        "fuzzy": 0,
        "missing": 0,
        "reviewers": [{"name": "reader-a", "texts": total, "last": "2026-11-20"}],
    }
    assert found["fr"]["rescue"]["translated"] == len(RESCUE_SENTENCES) == 12
    assert (found["de"]["offered"], found["de"]["flows"]["missing"]) == (False, total)


def test_status_in_words_names_who_reviewed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = folder(tmp_path, read)
    assert translations("status", "--content", str(root)) == 0
    said = capsys.readouterr().out

    assert "fr  Français  offered\n" in said
    assert "de  Deutsch  not offered yet\n" in said
    assert (
        "    rescue sentences: 12 of 12 translated, 0 of them unreviewed; reviewed by reader-a (12, last 2026-11-20)\n"
        in said
    )


def test_the_rescue_page_holds_the_twelve_sentences_and_who_read_them(tmp_path: Path) -> None:
    root = folder(tmp_path)
    assert translations("rescue", "--content", str(root)) == 0
    french = (root / "translations/fr/rescue.md").read_text("utf-8")
    arabic = (root / "translations/ar/rescue.md").read_text("utf-8")

    assert french.count("\n## ") == 12
    assert (
        '## 1. Are you safe right now?\n\n<p dir="ltr" lang="fr">FR Are you safe right now?</p>\n' in french
    )
    assert "`rescue/safe` · not reviewed yet" in french
    assert '<p dir="rtl" lang="ar">' in arabic
    assert "(not translated yet)" in (root / "translations/de/rescue.md").read_text("utf-8")


def test_the_rescue_page_says_who_reviewed(tmp_path: Path) -> None:
    root = folder(tmp_path, read)
    assert translations("rescue", "fr", "--content", str(root)) == 0

    assert "reviewed by reader-a on 2026-11-20" in (root / "translations/fr/rescue.md").read_text("utf-8")
