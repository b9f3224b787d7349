import os
from datetime import timedelta
from pathlib import Path

from bot.content.folders import load_library, load_words, read_content
from bot.flow.parse import FLOW_KEYS
from bot.flow.parse_facts import FACT_KEYS
from bot.flow.parse_step import STEP_KEYS
from tests.content.foreign import EVERY, HOUSING, TAXONOMY, TODAY, entry, errors, load, write


def test_other_peoples_flows_load_without_errors_or_translations_of_their_own(tmp_path: Path) -> None:
    library, problems = load(tmp_path)

    assert errors(problems) == []
    assert library is not None
    assert library.flows["housing"].steps["results"].match is not None
    assert library.entries["person"] == "person"
    assert library.shared == {"country": "place", "interpreter": "text"}
    assert library.catalogue.ui("engine/footer.person", "en")
    assert not library.catalogue.missing(("engine/footer.person", "engine/footer.leave"))


def test_a_flow_with_every_key_of_the_language_loads_without_a_word(tmp_path: Path) -> None:
    people = "populations:\n  lgbtiq: {label: {en: LGBTIQ people}}\n"
    files = {
        "flows/every.yaml": EVERY,
        "flows/media/breathe.png": "x",
        "directory/taxonomy.yaml": TAXONOMY + people,
    }
    library, problems = load(tmp_path, files)
    keys = {line.strip().removeprefix("- ").split(":")[0] for line in EVERY.splitlines()}

    assert problems == []
    assert library is not None
    assert keys >= FLOW_KEYS | STEP_KEYS - {"go", "end"} | FACT_KEYS


def test_the_shipped_content_loads_without_errors() -> None:
    library, problems = load_library(Path(__file__).parents[2], today=TODAY)

    assert errors(problems) == []
    assert library is not None
    assert set(library.entries) >= {"start", "menu", "sos", "person", "erase", "language", "crisis"}


def test_content_with_an_error_gives_no_library_and_all_its_problems_in_file_order(tmp_path: Path) -> None:
    broken = HOUSING.replace("-> safety", "-> safty").replace("near: city", "near: ctiy")

    library, problems = load(
        tmp_path, {"flows/housing.yaml": broken, "flows/sos.yaml": entry("sos", "Hi {x}.")}
    )

    assert library is None
    assert errors(problems) == [
        ("F104", "flows/housing.yaml:27:16"),
        ("F206", "flows/housing.yaml:40:11"),
        ("F201", "flows/sos.yaml:7:10"),
    ]


def test_a_folder_without_flows_says_so(tmp_path: Path) -> None:
    library, problems = load_library(tmp_path, today=TODAY)

    assert library is None
    assert ("Y110", "flows:1:1") in errors(problems)


def test_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    library, problems = load_library(tmp_path / "nowhere", today=TODAY)

    assert library is None
    assert [one.code for one in problems] == ["Y110"]


def test_flows_that_neither_match_nor_hand_off_need_no_directory(tmp_path: Path) -> None:
    without = dict.fromkeys(
        ("directory/taxonomy.yaml", "directory/network.yaml", "directory/rs/rs-lantern.yaml")
    )
    library, problems = load(
        tmp_path,
        {
            **without,
            "flows/housing.yaml": entry("housing").replace("entry: housing\n", ""),
            "flows/person.yaml": entry("person", "Call us."),
        },
    )

    assert errors(problems) == []
    assert library is not None
    assert [(one.code, one.severity) for one in problems] == [("Y110", "warning")]


def test_a_need_is_unknown_where_there_is_no_directory(tmp_path: Path) -> None:
    without = dict.fromkeys(
        ("directory/taxonomy.yaml", "directory/network.yaml", "directory/rs/rs-lantern.yaml")
    )
    _, problems = load(tmp_path, without)

    needed = next(one for one in problems if one.code == "F203")
    assert str(needed.mark) == "flows/housing.yaml:39:12"
    assert needed.mend == "add it under 'needs' of directory/taxonomy.yaml"


def test_a_directory_without_any_organisation_is_no_error(tmp_path: Path) -> None:
    library, problems = load(
        tmp_path, {"directory/rs/rs-lantern.yaml": None, "directory/network.yaml": "queues:\n  housing: {}\n"}
    )

    assert errors(problems) == []
    assert library is not None
    assert {"D301", "D302"} <= {one.code for one in problems}


def test_scripted_conversations_and_media_are_no_flows(tmp_path: Path) -> None:
    library, problems = load(
        tmp_path, {"flows/housing.test.yaml": "flow: housing\ntests: []\n", "flows/media/a.png": "x"}
    )

    assert errors(problems) == []
    assert library is not None
    assert "housing.test" not in library.flows


def test_the_same_content_has_the_same_version_and_any_change_another(tmp_path: Path) -> None:
    one, _ = load(tmp_path / "a")
    same, _ = load(tmp_path / "b")
    other, _ = load(tmp_path / "c", {"flows/sos.yaml": entry("sos", "Hello again.")})
    directory, _ = load(tmp_path / "d", {"directory/places.yaml": "[]\n"})

    assert one is not None
    assert same is not None
    assert other is not None
    assert directory is not None
    assert one.version == same.version
    assert len({one.version, other.version, directory.version}) == 3


def test_a_link_to_another_place_is_refused_unread(tmp_path: Path) -> None:
    write(tmp_path)
    secret = tmp_path.parent / "secret.yaml"
    secret.write_text("flow: secret\n", encoding="utf-8")
    (tmp_path / "flows/secret.yaml").symlink_to(secret)
    (tmp_path / "directory/rs/extra.yaml").symlink_to(secret)

    library, problems = load_library(tmp_path, today=TODAY)

    assert library is None
    assert {("Y111", "flows/secret.yaml:1:1"), ("Y111", "directory/rs/extra.yaml:1:1")} <= set(
        errors(problems)
    )


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    write(tmp_path)
    with (tmp_path / "flows/huge.yaml").open("wb") as file:
        file.truncate(3 * 1024**3)

    _, problems = load_library(tmp_path, today=TODAY)

    assert ("Y101", "flows/huge.yaml:1:1") in errors(problems)


def test_a_pipe_in_the_folder_does_not_make_the_start_wait(tmp_path: Path) -> None:
    write(tmp_path)
    os.mkfifo(tmp_path / "flows/pipe.yaml")

    _, problems = load_library(tmp_path, today=TODAY)

    assert ("Y112", "flows/pipe.yaml:1:1") in errors(problems)


def test_a_flow_file_that_ends_in_yml_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    _, problems = load(tmp_path, {"flows/extra.yml": "flow: extra\n"})

    assert ("Y113", "flows/extra.yml:1:1") in errors(problems)


def test_a_folder_of_a_language_that_is_not_listed_is_reported(tmp_path: Path) -> None:
    languages = "- {code: en, name: English, direction: ltr, fallback: []}\n"
    _, problems = load(
        tmp_path,
        {"translations/languages.yaml": languages, "translations/xx/phrases.yaml": "menu: [hello]\n"},
    )

    assert ("F205", "translations/xx/phrases.yaml:1:1") in errors(problems)


def test_a_translation_is_served_from_the_folder_and_its_faults_are_reported(tmp_path: Path) -> None:
    languages = (
        "- {code: en, name: English, direction: ltr, fallback: []}\n"
        "- {code: sr, name: Srpski, direction: ltr, fallback: [en]}\n"
    )
    good = 'msgctxt "housing/ask_urgency/choices.tonight"\nmsgid "Tonight"\nmsgstr "Večeras"\n'
    bad = 'msgctxt "housing/results/say"\nmsgid "I found {count} places."\nmsgstr "Našla sam mesta."\n'
    files = {"translations/languages.yaml": languages, "translations/sr/flows.po": good}
    library, problems = load(tmp_path / "good", files)
    _, faults = load(tmp_path / "bad", {**files, "translations/sr/flows.po": good + "\n" + bad})

    assert errors(problems) == []
    assert library is not None
    assert (
        library.catalogue.flow_text("housing/ask_urgency/choices.tonight", "Tonight", "sr").text == "Večeras"
    )
    assert ("T604", "translations/sr/flows.po:5:1") in errors(faults)


def test_a_fact_that_lapses_while_the_server_is_off_does_not_keep_it_from_starting(tmp_path: Path) -> None:
    facts = (
        "facts:\n  a_fact:\n    text: |\n      Water is free.\n    source: a page, https://example.org\n"
        "    checked on: 2026-11-01\n    checked by: editor-a\n    expires on: 2026-12-01\n    state: reviewed\n"
    )
    sos = entry("sos").replace("    next: end", "    fact: a_fact\n    next: end")
    files = {"flows/facts/facts.yaml": facts, "flows/sos.yaml": sos}
    before, soon = load(tmp_path, files)
    after, lapsed = load(tmp_path, files, today=TODAY + timedelta(days=30))

    assert before is not None
    assert after is not None
    assert [one.code for one in soon] == ["F603"]
    assert [one.code for one in lapsed] == ["F602"]


def test_every_problem_stands_inside_a_file_of_the_folder_or_names_what_is_missing(tmp_path: Path) -> None:
    root = write(tmp_path, {"flows/housing.yaml": HOUSING.replace("steps:", "stebs:")})
    content = read_content(root, today=TODAY)

    assert content.failed
    for problem in content.problems:
        lines = (root / problem.mark.file).read_text(encoding="utf-8").splitlines()
        assert 1 <= problem.mark.line <= len(lines)
        assert 1 <= problem.mark.column <= len(lines[problem.mark.line - 1]) + 1


def test_a_language_without_files_of_its_own_is_one_warning(tmp_path: Path) -> None:
    languages = (
        "- {code: en, name: English, direction: ltr, fallback: []}\n"
        "- {code: sr, name: Srpski, direction: ltr, fallback: [en]}\n"
    )
    phrases = "menu:\n" + "".join(f"  - a phrase {number}\n" for number in range(8))
    _, problems = load(
        tmp_path, {"translations/languages.yaml": languages, "translations/en/phrases.yaml": phrases}
    )
    lacking = [one for one in problems if one.code == "Y114"]

    assert [(one.severity, str(one.mark)) for one in lacking] == [
        ("warning", "translations/languages.yaml:1:1")
    ]
    assert lacking[0].message.startswith("the language 'sr' has no 'phrases.yaml'")


def test_a_file_with_a_name_that_cannot_be_printed_is_refused(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "flows" / os.fsdecode(b"caf\xe9.yaml")).write_text("flow: x\n", encoding="utf-8")

    _, problems = load_library(tmp_path, today=TODAY)

    assert ("Y112", "flows:1:1") in errors(problems)


def test_a_place_that_is_set_or_compared_must_exist_where_places_are_described(tmp_path: Path) -> None:
    places = "- {id: rs-nis, kind: city, country: RS, names: {en: [Nis]}}\n"
    sos = entry("sos").replace("start: hello", "uses: [country]\nstart: hello")
    wrong = sos.replace("    next: end", '    set:\n      country: "rs-nish"\n    next: end')
    right = wrong.replace("rs-nish", "rs-nis")

    _, described = load(tmp_path / "a", {"flows/sos.yaml": wrong, "directory/places.yaml": places})
    _, sound = load(tmp_path / "b", {"flows/sos.yaml": right, "directory/places.yaml": places})
    _, bare = load(tmp_path / "c", {"flows/sos.yaml": wrong})

    assert errors(described) == [("F206", "flows/sos.yaml:11:16")]
    assert errors(sound) == errors(bare) == []


def test_words_are_read_without_the_flows_they_lead_to(tmp_path: Path) -> None:
    english = "- {code: en, name: English, direction: ltr, fallback: []}\n"
    phrases = "housing:\n" + "".join(f"  - a bed, please {number}\n" for number in range(8))
    write(tmp_path, {"translations/languages.yaml": english, "translations/en/phrases.yaml": phrases})
    (tmp_path / "flows/housing.yaml").write_text("flow: [", encoding="utf-8")

    words, problems = load_words(tmp_path)

    assert errors(problems) == []
    assert len(words.phrases["en"]["housing"]) == 8
    assert words.crisis["en"]["suicide"]
    assert words.commands["en"]["leave"]
