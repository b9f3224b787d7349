import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.crypto.wire import canonical, from_base64, read_canonical, to_base64
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
