import json
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.crypto.wire import Reader, canonical, from_base64, read_canonical, to_base64
from bot.kernel.errors import RefusedError

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = st.recursive(
    st.none() | texts | st.integers(-(2**53), 2**53),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(texts, values, max_size=4))
@settings(deadline=None)
def test_what_was_written_is_read_back_whole(fields: dict[str, object]) -> None:
    blob = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    assert dict(read_canonical(blob, "test", 10**6).fields) == fields


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_no_bytes_at_all_make_the_reader_fail_otherwise_than_by_refusing(blob: bytes) -> None:
    try:
        found = read_canonical(blob, "test", 1000)
    except RefusedError:
        return
    assert canonical(found.fields) == blob  # type: ignore[arg-type]  # what was read is JSON


@pytest.mark.parametrize(
    "blob",
    [
        b'{"a":1,"a":2}',
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b'{"a":1.0}',
        b'{"a":NaN}',
        b'{"a":1e3}',
        b'{"a":01}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\ud800"}',
        b"[1]",
        b'{"a":1}\n',
        b"[" * 100_000,
        b'{"a":' + b"9" * 5000 + b"}",
        b"\xff",
    ],
)
def test_a_second_spelling_of_the_same_thing_is_refused(blob: bytes) -> None:
    with pytest.raises(RefusedError, match=r"test\.format"):
        read_canonical(blob, "test", 10**6)


@given(st.binary(max_size=100))
@settings(deadline=None)
def test_bytes_survive_base64(data: bytes) -> None:
    assert from_base64(to_base64(data), "test") == data


@pytest.mark.parametrize("text", ["AA==", "AB", "A", "+/+/", "AA\n", "AAé", " AA", "A_-!"])
def test_base64_has_one_spelling_only(text: str) -> None:
    with pytest.raises(RefusedError):
        from_base64(text, "test")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b'{"n":true}', lambda reader: reader.integer("n")),
        (b'{"n":"1"}', lambda reader: reader.integer("n")),
        (b'{"n":7}', lambda reader: reader.integer("n", 0, 6)),
        (b'{"n":-1}', lambda reader: reader.integer("n")),
        (b'{"n":1}', lambda reader: reader.text("n", re.compile("1"))),
        (b'{"n":"12"}', lambda reader: reader.text("n", re.compile("1"))),
        (b'{"n":"AAAA"}', lambda reader: reader.data("n", 4)),
        (b'{"n":["a",1]}', lambda reader: reader.texts("n", re.compile("a"), 5)),
        (b'{"n":["a","a"]}', lambda reader: reader.texts("n", re.compile("a"), 1)),
        (b'{"n":[{},1]}', lambda reader: reader.objects("n", 5)),
        (b'{"n":[]}', lambda reader: reader.inner("n")),
        (b'{"n":1}', lambda reader: reader.only("n", "m")),
        (b'{"m":1}', lambda reader: reader.integer("n")),
    ],
)
def test_a_field_of_another_kind_or_range_is_refused(
    written: bytes, read: Callable[[Reader], object]
) -> None:
    with pytest.raises(RefusedError, match=r"test\.format"):
        read(read_canonical(written, "test", 100))
