"""The protocol of Valkey: whatever way bytes are cut, and whatever a peer sends."""

from hypothesis import given
from hypothesis import strategies as st

from bot.storage.resp import Garbled, Reader, Reply, RespError, command

CODES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=9)
LINES = st.binary(max_size=20).map(lambda line: line.replace(b"\r", b"").replace(b"\n", b""))
REPLIES: st.SearchStrategy[tuple[bytes, object]] = st.recursive(
    st.none().map(lambda _: (b"$-1\r\n", None))
    | st.binary(max_size=50).map(lambda value: (b"$%d\r\n%b\r\n" % (len(value), value), value))
    | st.integers(-(2**63), 2**63 - 1).map(lambda number: (b":%d\r\n" % number, number))
    | LINES.map(lambda line: (b"+%b\r\n" % line, line))
    | CODES.map(lambda code: (f"-{code} with words\r\n".encode(), code)),
    lambda inner: st.lists(inner, max_size=4).map(
        lambda items: (
            b"*%d\r\n" % len(items) + b"".join(wire for wire, _ in items),
            [value for _, value in items],
        )
    ),
    max_leaves=6,
)


def plain(reply: Reply) -> object:
    """The reply with errors as their code."""
    if isinstance(reply, RespError):
        return reply.code
    return [plain(item) for item in reply] if isinstance(reply, list) else reply


@given(replies=st.lists(REPLIES, max_size=6), cuts=st.lists(st.integers(1, 30), min_size=1))
def test_replies_are_read_the_same_however_the_bytes_are_cut(
    replies: list[tuple[bytes, object]], cuts: list[int]
) -> None:
    data = b"".join(wire for wire, _ in replies)
    reader = Reader()
    read: list[object] = []
    while data:
        for cut in cuts:
            read += [plain(reply) for reply in reader.feed(data[:cut])]
            data = data[cut:]

    assert read == [value for _, value in replies]


@given(
    data=st.binary(max_size=200)
    | st.lists(st.sampled_from([b"*", b"$", b":", b"-", b"+", b"1", b"9", b"\r\n"])).map(b"".join)
)
def test_a_peer_that_speaks_something_else_is_found_out_or_waited_for(data: bytes) -> None:
    reader = Reader()
    read: list[Reply] = []
    garbled = False
    try:
        read += reader.feed(data)
    except Garbled:
        garbled = True

    assert len(read) <= len(data)
    assert garbled in {True, False}


@given(
    arguments=st.lists(st.binary(max_size=30) | st.integers() | st.text(max_size=10), min_size=1, max_size=6)
)
def test_a_command_is_what_the_protocol_says(arguments: list[bytes | int | str]) -> None:
    (sent,) = Reader().feed(command(arguments))

    assert sent == [
        argument if isinstance(argument, bytes) else str(argument).encode() for argument in arguments
    ]
