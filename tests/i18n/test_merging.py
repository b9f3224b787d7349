import string
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.i18n.merging import header_for, merge
from bot.i18n.po import PoEntry, PoHeader, parse_header, parse_po
from bot.i18n.po_text import write_po
from bot.i18n.reviews import standing
from bot.kernel.problems import Mark

HERE = Mark("x.po", 1, 1)
BRACE = "python-brace-format"
REVIEWED = ("by hand", "reviewed-by: reader-a 2026-11-20")


def wanted(context: str, source: str, *flags: str) -> PoEntry:
    return PoEntry(context, source, "", HERE, flags, "a note", references=("flows/a.yaml:3",))


def made(context: str, source: str, text: str, *flags: str, comments: tuple[str, ...] = ()) -> PoEntry:
    return PoEntry(context, source, text, HERE, flags, comments=comments)


def only(template: PoEntry, *old: PoEntry) -> PoEntry:
    return merge([template], old).entries[0]


def test_a_new_text_comes_in_empty_with_its_note_place_and_flag() -> None:
    template = wanted("a", "Hello {name}", BRACE)

    assert only(template) == template


def test_a_translation_stays_with_its_state_and_comments() -> None:
    kept = only(wanted("a", "Hello", BRACE), made("a", "Hello", "Zdravo", "unreviewed", comments=REVIEWED))

    assert (kept.text, kept.flags, kept.comments) == ("Zdravo", ("unreviewed", BRACE), REVIEWED)
    assert (kept.notes, kept.references, kept.previous) == ("a note", ("flows/a.yaml:3",), "")


def test_a_changed_text_is_marked_with_the_english_it_was_made_from_and_its_review_is_over() -> None:
    stale = only(wanted("a", "Hello you"), made("a", "Hello", "Zdravo", comments=REVIEWED))

    assert (stale.text, stale.source, stale.previous) == ("Zdravo", "Hello you", "Hello")
    assert stale.flags == ("fuzzy", "unreviewed")
    assert stale.comments == ("by hand",)


def test_a_text_that_changes_twice_keeps_the_english_it_was_made_from() -> None:
    twice = only(wanted("a", "Hello all"), only(wanted("a", "Hello you"), made("a", "Hello", "Zdravo")))

    assert (twice.previous, twice.fuzzy) == ("Hello", True)


def test_an_empty_entry_is_never_fuzzy() -> None:
    assert only(wanted("a", "Hello you"), made("a", "Hello", "")).flags == ()


def test_texts_that_no_longer_exist_are_dropped_and_all_is_counted() -> None:
    merged = merge(
        [wanted("new", "New"), wanted("same", "Same"), wanted("changed", "Changed now")],
        [made("gone", "Gone", "x"), made("same", "Same", "x"), made("changed", "Changed", "x")],
    )

    assert [entry.context for entry in merged.entries] == ["new", "same", "changed"]
    assert (merged.new, merged.changed, merged.dropped) == (1, 1, 1)


def test_a_header_keeps_what_translators_wrote_and_gets_what_must_be_there() -> None:
    old = PoHeader(("Ours",), ("Last-Translator: reader-a", "Language: sr"))

    assert header_for("sr", old).comments == ("Ours",)
    assert header_for("sr", old).fields[:2] == old.fields
    assert "Content-Type: text/plain; charset=UTF-8" in header_for("sr", old).fields
    assert header_for("sr", header_for("sr", old)) == header_for("sr", old)


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from('\n\t"\\{}'), max_size=30)
LINE = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Zs")), max_size=20)
NAME = st.text(string.ascii_lowercase, min_size=1, max_size=8)
ENTRIES = st.lists(
    st.builds(
        PoEntry,
        context=NAME,
        source=TEXT,
        text=TEXT,
        mark=st.just(HERE),
        flags=st.lists(st.sampled_from(["fuzzy", "unreviewed", BRACE]), unique=True).map(tuple),
        notes=LINE,
        comments=st.lists(LINE.map(lambda line: f"c{line}"), max_size=2).map(tuple),
        references=st.lists(NAME, max_size=2).map(tuple),
        previous=TEXT,
    ),
    unique_by=lambda entry: entry.context,
    max_size=6,
)


def without_places(entries: list[PoEntry]) -> list[PoEntry]:
    return [replace(entry, mark=HERE) for entry in entries]


@given(ENTRIES)
def test_what_is_written_is_read_back_the_same(entries: list[PoEntry]) -> None:
    header = PoHeader(("A comment", ""), ("Language: sr", "X: y"))
    text = write_po(header, entries)
    back, problems = parse_po(text, "x.po")

    assert problems == []
    assert without_places(back) == entries
    assert parse_header(text) == header
    assert write_po(header, back) == text


@given(ENTRIES, ENTRIES)
def test_merging_twice_changes_nothing_more_and_never_loses_a_translation_that_is_needed(
    template: list[PoEntry], old: list[PoEntry]
) -> None:
    once = merge(template, old)
    again = merge(template, once.entries)
    texts = {entry.context: entry.text for entry in old}

    assert again.entries == once.entries
    assert (again.new, again.changed, again.dropped) == (0, 0, 0)
    assert all(entry.text == texts.get(entry.context, "") for entry in once.entries)


@given(ENTRIES, ENTRIES)
def test_every_text_is_counted_in_exactly_one_state(template: list[PoEntry], old: list[PoEntry]) -> None:
    found = standing(template, old)

    assert found.translated + found.fuzzy + found.missing == found.total == len(template)
    assert found.unreviewed + found.unnamed <= found.translated
