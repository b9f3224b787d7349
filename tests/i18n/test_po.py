from hypothesis import given
from hypothesis import strategies as st

from bot.i18n.po import parse_po

PO = """# header
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

#. A choice.
#: flows/housing.yaml:12
#, fuzzy, unreviewed
msgctxt "housing/ask/say"
msgid ""
"Which city?\\n"
"You can \\"skip\\" this."
msgstr "Koji grad?"

msgctxt "housing/ask/choices.skip"
msgid "Skip"
msgstr ""
#~ msgid "gone"
#~ msgstr "otišlo"
"""


def test_an_entry_keeps_its_context_texts_flags_notes_and_line() -> None:
    entries, problems = parse_po(PO, "translations/sr/flows.po")

    assert problems == []
    assert [entry.context for entry in entries] == ["housing/ask/say", "housing/ask/choices.skip"]
    first = entries[0]
    assert first.source == 'Which city?\nYou can "skip" this.'
    assert (first.text, first.fuzzy, first.unreviewed, first.notes) == ("Koji grad?", True, True, "A choice.")
    assert (first.mark.file, first.mark.line) == ("translations/sr/flows.po", 8)
    assert not entries[1].fuzzy


def test_a_broken_entry_costs_only_itself_and_names_its_line() -> None:
    source = 'msgctxt "a"\nmsgid "A"\nmsgstr "broken\n\nmsgctxt "b"\nmsgid "B"\nmsgstr "be"\n'

    entries, problems = parse_po(source, "x.po")

    assert [entry.context for entry in entries] == ["b"]
    assert [(problem.code, problem.mark.line) for problem in problems] == [("T201", 3)]


def test_an_entry_that_stands_twice_is_told_and_kept_once() -> None:
    twice = 'msgctxt "a"\nmsgid "A"\nmsgstr "1"\n\nmsgctxt "a"\nmsgid "A"\nmsgstr "2"\n'

    entries, problems = parse_po(twice, "x.po")

    assert [entry.text for entry in entries] == ["1"]
    assert [problem.code for problem in problems] == ["T203"]


def test_an_entry_without_a_translation_line_is_told() -> None:
    entries, problems = parse_po('msgctxt "a"\nmsgid "A"\n', "x.po")

    assert entries == []
    assert [problem.code for problem in problems] == ["T202"]


def test_entries_need_no_empty_line_between_them() -> None:
    entries, problems = parse_po('msgid "A"\nmsgstr "1"\nmsgid "B"\nmsgstr "2"\n', "x.po")

    assert [(entry.source, entry.text) for entry in entries] == [("A", "1"), ("B", "2")]
    assert problems == []


def test_plural_forms_are_kept_in_order() -> None:
    entries, _ = parse_po(
        'msgid "a note"\nmsgid_plural "notes"\nmsgstr[0] "x"\nmsgstr[1] "y"\nmsgstr[2] "z"\n', "x.po"
    )

    assert (entries[0].text, entries[0].plurals, entries[0].source_plural) == ("x", ("y", "z"), "notes")


@given(st.text())
def test_no_file_breaks_the_reader_and_every_fault_has_a_mend(text: str) -> None:
    _, problems = parse_po(text, "x.po")

    assert all(problem.mend and problem.mark.line >= 1 for problem in problems)


def _quoted(text: str) -> str:
    for plain, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\t", "\\t"), ("\r", "\\r")):
        text = text.replace(plain, escaped)
    return f'"{text}"'


@given(st.text(min_size=1), st.text(min_size=1), st.text())
def test_what_is_written_is_what_is_read(context: str, source: str, text: str) -> None:
    written = f"msgctxt {_quoted(context)}\nmsgid {_quoted(source)}\nmsgstr {_quoted(text)}\n"

    entries, problems = parse_po(written, "x.po")

    assert problems == []
    assert [(entry.context, entry.source, entry.text) for entry in entries] == [(context, source, text)]
