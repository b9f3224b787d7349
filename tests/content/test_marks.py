import pytest

from bot.content.marks import MAX_FILE_BYTES, read_yaml
from bot.kernel.problems import Fields, Items, Mark, Node, Scalar

BLOCK = "put the text in a block: 'say: |' and the text on the next line, two spaces further in"


def tree(source: str) -> Fields:
    node, problems = read_yaml(source.encode(), "f.yaml")
    assert problems == []
    assert isinstance(node, Fields)
    return node


def leaf(node: Node | None) -> Scalar:
    assert isinstance(node, Scalar)
    return node


def test_every_key_and_value_knows_its_place() -> None:
    root = tree("flow: help\nsteps:\n  one:\n    say: Hi\n")
    steps = root.get("steps")

    assert leaf(root.get("flow")).mark == Mark("f.yaml", 1, 7)
    assert isinstance(steps, Fields)
    assert steps.key_mark("one") == Mark("f.yaml", 3, 3)


def test_words_stay_words_and_quoted_ones_are_known() -> None:
    root = tree("a: yes\nno: 'no'\nc: 2026-11-21\nd: 007\ne: null\n")

    assert [(key.value, leaf(value).value, leaf(value).plain) for key, value in root] == [
        ("a", "yes", True),
        ("no", "no", False),
        ("c", "2026-11-21", True),
        ("d", "007", True),
        ("e", "null", True),
    ]


@pytest.mark.parametrize(
    ("line", "value", "lost"),
    [
        ("a: tent #7", "tent", "#7"),
        ("a: tent   # a remark", "tent", "# a remark"),
        ("a: tent#7", "tent#7", ""),
        ("a: 'tent #7' # quoted", "tent #7", ""),
        ("a: two\n  lines # gone", "two lines", "# gone"),
    ],
)
def test_what_yaml_cuts_off_is_kept_beside_the_text(line: str, value: str, lost: str) -> None:
    scalar = leaf(tree(line).get("a"))

    assert (scalar.value, scalar.lost) == (value, lost)


def test_inline_lists_and_mappings_are_known() -> None:
    root = tree("a: [b]\nc:\n  - d\ne: {f: g}\n")
    inline, block = root.get("a"), root.get("c")

    assert isinstance(inline, Items)
    assert isinstance(block, Items)
    assert (inline.inline, block.inline) == (True, False)


@pytest.mark.parametrize(
    ("source", "place", "code", "message", "mend"),
    [
        ("say: {city} is nice\n", "1:13", "Y100", "a text starts with { and goes on behind it", BLOCK),
        ('a: "Yes" -> b\n', "1:10", "Y100", 'a text starts with " and goes on behind it', BLOCK),
        ("say: Note: this\n", "1:10", "Y100", "a colon stands inside a text, or this line is too far in", BLOCK),
        ("a:\n\tb: c\n", "2:1", "Y100", "a tab stands in the indentation", "indent with spaces"),
        ("say: @here\n", "1:6", "Y100", "a text starts with a special character", BLOCK),
        ("say: 'open\n", "1:11", "Y100", "a bracket, a brace or a quote is not closed", "close it before this place"),
        ("a: [b\n", "1:6", "Y100", "a bracket, a brace or a quote is not closed", "close it before this place"),
        (
            "a:\n  b: c\n d: e\n",
            "3:2",
            "Y100",
            "this line does not begin in the column of the lines above",
            "write it in the same column as the lines it belongs to",
        ),
        ("a: b\nc\nd: e\n", "3:1", "Y100", "a line has no colon", "write 'name: value', or put the text in a block"),
        ("say: | Hello\n", "1:8", "Y100", "something stands behind '|' or '>'", "begin the text on the next line"),
        ("a: b\na: c\n", "2:1", "Y103", "'a' stands twice here", "keep one (the first is at f.yaml:1:1)"),
        ("try again: b\ntry_again: c\n", "2:1", "Y103", "'try_again' stands twice here", "keep one (the first is at f.yaml:1:1)"),
        ("a: &x b\n", "1:4", "Y104", "anchors and aliases (& and *) are not used here", "write the value again"),
        ("a: !x b\n", "1:4", "Y105", "tags are not used here (!x)", "remove the word after '!'"),
        ("? [a]\n: b\n", "1:3", "Y106", "a name must be a plain word", "write 'name: value'"),
        ("[" * 30 + "]" * 30, "1:22", "Y107", "this is nested too deeply", "write it flatter"),
    ],
)  # fmt: skip
def test_what_yaml_cannot_read_is_said_in_plain_words(
    source: str, place: str, code: str, message: str, mend: str
) -> None:
    _, problems = read_yaml(source.encode(), "f.yaml")

    assert [(str(one.mark), one.code, one.message, one.mend) for one in problems] == [
        (f"f.yaml:{place}", code, message, mend)
    ]


def test_a_bomb_of_aliases_is_refused_before_it_expands() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    node, problems = read_yaml("\n".join(lines).encode(), "f.yaml")

    assert node is None
    assert {one.code for one in problems} == {"Y104"}


def test_a_file_in_another_encoding_names_the_line() -> None:
    _, problems = read_yaml("a: b\nc: ž\n".encode("cp1250"), "f.yaml")

    assert [(one.code, str(one.mark)) for one in problems] == [("Y102", "f.yaml:2:1")]


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    node, problems = read_yaml(b"\xef\xbb\xbfa: b\r\nc: d #e\r\n", "f.yaml")

    assert problems == []
    assert isinstance(node, Fields)
    assert [(key.value, leaf(value).value, leaf(value).lost) for key, value in node] == [
        ("a", "b", ""),
        ("c", "d", "#e"),
    ]


def test_a_file_may_be_empty_and_not_too_big() -> None:
    assert read_yaml(b"", "f.yaml") == (Fields((), Mark("f.yaml", 1, 1)), [])
    assert [one.code for one in read_yaml(b"a" * (MAX_FILE_BYTES + 1), "f.yaml")[1]] == ["Y101"]
