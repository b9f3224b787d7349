"""One value changes in a file and every other byte stays: comments, order, quotes, the way it is written."""

from pathlib import Path
from typing import Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.content.marks import read_yaml
from bot.content.yaml_edits import CannotEditError, Layout, YamlFile, as_value
from bot.content.yaml_scalars import Value, block, inline, scalar
from bot.directory.record_format import order_at, short_at

ROOT: Final = Path(__file__).parents[2]
LAYOUT: Final = Layout(short_at, order_at, frozenset({"services", "phones", "sources"}))
SHIPPED: Final = sorted((ROOT / "directory").glob("*/*.yaml"))

FILE: Final = """\
# who they are
organisation: rs-house   # the id
name: Čaša
country: RS
services:
  - service: night   # opened in May
    name: {en: Night,   sr: "Noć"}
    needs: [shelter, # beds
            legal_asylum]
    populations:
      - trans   # all of them
      - lgbtiq
    note: |
      first line
      second # not a comment

    # about phones
    phones:
      - "112"
      - {number: '+381 11 1', visibility: public}
    address:
      text: Street 1
      place: rs-nis
    vetting: {state: vetted, by: [a, b], on: 2026-01-01}
  - {service: day, name: Day, needs: [legal_asylum], safety: {must report when: no}}
# the end
"""


def edited(text: str) -> YamlFile:
    return YamlFile(text.encode(), "directory/rs/rs-house.yaml", LAYOUT)


def after(old: str, new: str) -> str:
    assert FILE.count(old) == 1
    return FILE.replace(old, new)


NIGHT: Final = ("services", 0)
DAY: Final = ("services", 1)


@pytest.mark.parametrize(
    ("path", "value", "text"),
    [
        (("country",), "PT", after("country: RS", "country: PT")),
        (("name", "en"), "Ćup", after("name: Čaša", "name: Ćup")),
        (("name", "sr"), "Kuća", after("name: Čaša", "name: {en: Čaša, sr: Kuća}")),
        ((*NIGHT, "name", "sr"), "Veče", after('"Noć"', '"Veče"')),
        ((*NIGHT, "name", "pt"), "a: b", after('"Noć"}', '"Noć", pt: "a: b"}')),
        ((*NIGHT, "vetting", "state"), "proposed", after("state: vetted", "state: proposed")),
        ((*NIGHT, "note"), "short", after("|\n      first line\n      second # not a comment\n", "short\n")),
        ((*NIGHT, "cost"), "free", after("    note: |", "    cost: free\n    note: |").replace("    cost: free\n", "", 1)
            .replace("      - lgbtiq\n", "      - lgbtiq\n    cost: free\n")),
        ((*NIGHT, "phones", 0, "number"), "113", after('- "112"', '- "113"')),
        ((*NIGHT, "phones", 0, "visibility"), "public", after('- "112"', '- {number: "112", visibility: public}')),
        ((*NIGHT, "phones", 1, "number"), "+381 11 2", after("'+381 11 1'", "'+381 11 2'")),
        ((*NIGHT, "address", "visibility"), "internal", after("      place: rs-nis\n", "      place: rs-nis\n      visibility: internal\n")),
        ((*NIGHT, "hours", "open"), "24/7", after("      place: rs-nis\n", "      place: rs-nis\n    hours: {open: 24/7}\n")),
        ((*DAY, "status"), "closed", after("{service: day,", "{service: day, status: closed,")),
        ((*DAY, "safety", "must_report_when", "en"), "fire", after("when: no", "when: fire")),
        ((*DAY, "safety", "women_only"), "yes", after("when: no}", "when: no, women_only: yes}")),
        ((*DAY, "address", "text"), "X, 1", after("when: no}}", 'when: no}, address: {text: "X, 1"}}')),
    ],
)  # fmt: skip
def test_a_value_is_put_where_it_belongs(path: tuple[str | int, ...], value: str, text: str) -> None:
    file = edited(FILE)
    file.put(path, value)

    assert file.source().decode() == text


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("name",), after("name: Čaša\n", "")),
        ((*NIGHT, "name", "en"), after("{en: Night,   sr", "{sr")),
        ((*NIGHT, "name", "sr"), after(',   sr: "Noć"', "")),
        ((*NIGHT, "needs", 1), after(", # beds\n            legal_asylum]", "]")),
        ((*NIGHT, "populations", 0), after("      - trans   # all of them\n", "")),
        ((*NIGHT, "note"), after("    note: |\n      first line\n      second # not a comment\n", "")),
        ((*NIGHT, "phones", 1), after("      - {number: '+381 11 1', visibility: public}\n", "")),
        ((*NIGHT, "address"), after("    address:\n      text: Street 1\n      place: rs-nis\n", "")),
        ((*NIGHT, "address", "place"), after("      place: rs-nis\n", "")),
        ((*DAY, "safety", "must_report_when"), after(", safety: {must report when: no}", "")),
        ((*DAY, "service"), after("service: day, ", "")),
    ],
)
def test_a_value_is_taken_out_and_nothing_else(path: tuple[str | int, ...], text: str) -> None:
    file = edited(FILE)
    file.drop(path)

    assert file.source().decode() == text


def test_lists_grow_in_the_way_they_are_written() -> None:
    file = edited(FILE)
    file.append((*NIGHT, "needs"), "gbv")
    file.append((*NIGHT, "populations"), "women")
    file.append((*DAY, "phones"), {"number": "+1 23"})
    file.append(("sources",), {"field": "phone", "source": "a call"})
    file.append(("services",), {"service": "new", "name": {"en": "New"}})

    text = after("            legal_asylum]", "            legal_asylum, gbv]")
    text = text.replace("      - lgbtiq\n", "      - lgbtiq\n      - women\n")
    text = text.replace("name: Day, needs: [legal_asylum], safety: {must report when: no}",
        "name: Day, needs: [legal_asylum], safety: {must report when: no}, phones: [{number: +1 23}]")  # fmt: skip
    made = "  - service: new\n    name: {en: New}\nsources:\n  - field: phone\n    source: a call\n# the end"
    assert sorted(file.source().decode().splitlines()) == sorted(text.replace("# the end", made).splitlines())


def test_line_breaks_and_a_byte_order_mark_stay_as_they_are() -> None:
    source = ("\ufeff" + FILE.replace("\n", "\r\n")).encode()
    file = YamlFile(source, "rs-house.yaml", LAYOUT)
    file.put((*NIGHT, "cost"), "free")
    file.put((*NIGHT, "cost"), "paid")
    file.drop((*NIGHT, "cost"))

    assert file.source() == source


def test_what_cannot_be_edited_says_so_instead_of_guessing() -> None:
    file = edited("organisation: rs-house\nservices: text\n")

    with pytest.raises(CannotEditError) as caught:
        file.append(("services",), {"service": "x"})
    assert (caught.value.mark.line, caught.value.mark.column) == (2, 11)


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    ["null", "~", "- a", "a: b", "#", "x # y", "{", "'", '"', "&a", "*a", "!t", "@", "`", "%", "a,b", "[]", "yes", "\n", " a", "é\u2028"]
)  # fmt: skip


@given(WORDS)
@example("-")
@example("?")
@example(":")
def test_any_text_is_read_back_as_it_was_written(text: str) -> None:
    for written in (scalar(text), scalar(text, "'"), scalar(text, '"')):
        node, problems = read_yaml(f"key: {written}\nlist: [{written}, a]\n".encode(), "a.yaml")

        assert problems == []
        assert node is not None
        assert as_value(node) == {"key": text, "list": [text, "a"]}


def _leaves(value: Value, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        return [leaf for key, one in value.items() for leaf in _leaves(one, (*path, key))]
    if isinstance(value, list):
        return [leaf for at, one in enumerate(value) for leaf in _leaves(one, (*path, at))]
    return [path]


@settings(max_examples=60)
@given(st.data())
def test_random_changes_of_shipped_files_keep_every_comment_and_every_line_they_do_not_mean(
    data: st.DataObject,
) -> None:
    source = data.draw(st.sampled_from(SHIPPED)).read_bytes()
    file = YamlFile(source, "a.yaml", LAYOUT)
    node, _ = read_yaml(source, "a.yaml")
    assert node is not None
    leaves = _leaves(as_value(node))
    paths = data.draw(st.lists(st.sampled_from(leaves), min_size=1, max_size=4, unique=True))
    for path in paths:
        file.put(path, data.draw(WORDS))

    before, now = source.decode().splitlines(), file.source().decode().splitlines()
    assert len(before) == len(now)
    assert [line for line in before if line.lstrip().startswith("#")] == [
        line for line in now if line.lstrip().startswith("#")
    ]
    assert sum(old != new for old, new in zip(before, now, strict=True)) <= len(paths)


def test_a_new_file_is_written_in_lines_that_are_read_back() -> None:
    record: Value = {
        "organisation": "rs-x", "name": {"en": "X " * 80, "sr": "Y"},
        "services": [{"service": "a", "needs": ["b", "c"], "age": [18, None]}],
    }  # fmt: skip
    assert isinstance(record, dict)
    text = "\n".join(block(record, 0)) + "\n"
    node, problems = read_yaml(text.encode(), "a.yaml")

    assert problems == []
    assert node is not None
    assert inline(as_value(node)) == inline(record).replace("18", '"18"')
