from dataclasses import replace

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


LINES = st.lists(
    st.sampled_from(
        [
            "",
            "#. a note",
            "#: flows/a.yaml:1",
            "#, fuzzy, unreviewed",
            "#, unreviewed",
            "#,",
            '#| msgid "was"',
            "# reviewed-by: N 2026-01-01",
            '#~ msgid "gone"',
            "#",
            'msgctxt "a"',
            'msgctxt "b/\\"c"',
            'msgid ""',
            'msgid "A\\n"',
            'msgid_plural "As"',
            'msgstr ""',
            'msgstr "\\\\"',
            'msgstr "be',
            'msgstr[0] "x"',
            '"more"',
            '"\\"\\q"',
            ' "far in" ',
            "nothing",
        ]
    )
)
USUAL = st.lists(st.sampled_from([PO, 'msgctxt "c"\nmsgid "C"\nmsgstr "ce"', '#, fuzzy\nmsgctxt "d"\nmsgid "D"\nmsgstr ""\n"de"\n']))  # fmt: skip


@given(USUAL, LINES, USUAL)
def test_what_is_read_whole_and_what_is_read_line_by_line_come_to_the_same(
    before: list[str], lines: list[str], after: list[str]
) -> None:
    text = "\n\n".join([*before, "\n".join(lines), *after])

    assert parse_po(text, "x.po") == parse_po(text.replace("\n", "\r\n"), "x.po")


@given(USUAL, LINES)
def test_who_needs_no_notes_gets_the_same_texts_flags_and_comments(
    usual: list[str], lines: list[str]
) -> None:
    text = "\n\n".join([*usual, "\n".join(lines)])

    whole, problems = parse_po(text, "x.po")
    texts, same_problems = parse_po(text, "x.po", notes=False)

    bare = [replace(entry, notes="", references=(), previous="") for entry in whole]
    assert [replace(entry, notes="", references=(), previous="") for entry in texts] == bare
    assert same_problems == problems


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
