from hypothesis import given
from hypothesis import strategies as st

from bot.flow.session import (
    TRAIL_BYTES,
    TRAIL_STEPS,
    Agreement,
    Asked,
    Frame,
    Place,
    Session,
    decode,
    encode,
    recall_place,
    remember_place,
)

VALUES = st.one_of(st.text(max_size=40), st.integers(-(2**53), 2**53), st.booleans())
SLOTS = st.dictionaries(st.text(min_size=1, max_size=20), VALUES, max_size=5)
FRAMES = st.builds(
    Frame,
    flow=st.text(max_size=30),
    step=st.text(max_size=30),
    phase=st.sampled_from(["", "new", "permission", "consent", "call"]),
    slots=SLOTS,
    result=st.text(max_size=10),
    shown=st.dictionaries(st.text(max_size=10), st.integers(0, 50), max_size=3),
    agreed=st.none() | st.builds(Agreement, st.text(max_size=20), st.integers(0, 2**32)),
)
SESSIONS = st.builds(
    Session,
    release=st.text(max_size=16),
    language=st.sampled_from(["en", "ar"]),
    minute=st.integers(0, 2**40),
    frames=st.lists(FRAMES, max_size=4).map(tuple),
    asked=st.none() | st.builds(Asked, st.text(max_size=10), st.tuples(st.text(max_size=5)), st.text()),
    shared=SLOTS,
    trail=st.lists(st.binary(max_size=50), max_size=4).map(tuple),
    held=st.text(max_size=100),
    crisis=st.tuples(st.text(max_size=10)),
    hidden=st.booleans(),
)


@given(SESSIONS)
def test_a_session_comes_back_from_its_bytes_as_it_was(session: Session) -> None:
    assert decode(encode(session)) == session


@given(st.binary(max_size=400))
def test_any_bytes_are_a_session_or_nothing_and_never_an_error(data: bytes) -> None:
    found = decode(data)

    assert found is None or isinstance(found, Session)


@given(SESSIONS, st.integers(0, 400), st.integers(0, 255))
def test_a_damaged_session_is_nothing_or_still_a_session(session: Session, at: int, byte: int) -> None:
    data = bytearray(encode(session))
    data[at % len(data)] = byte

    found = decode(bytes(data))

    assert found is None or isinstance(found, Session)


def test_bytes_of_another_format_are_nothing() -> None:
    assert decode(b"\x01" + encode(Session("r", "en", 1))[1:]) is None


def test_a_cut_session_is_nothing() -> None:
    data = encode(Session("r", "en", 1, (Frame("housing", "ask_city"),)))

    assert [decode(data[:length]) for length in range(len(data))] == [None] * len(data)


def test_the_trail_returns_places_newest_first() -> None:
    first = Place((Frame("a", "one"),), {"country": "RS"})
    second = Place((Frame("a", "two", slots={"city": "rs-nis"}),), {})

    trail = remember_place(remember_place((), first), second)

    place, rest = recall_place(trail)
    assert place == second
    assert recall_place(rest) == (first, ())


@given(st.lists(st.integers(1, 900), min_size=1, max_size=30))
def test_the_trail_stays_within_its_bounds_and_keeps_what_is_newest(sizes: list[int]) -> None:
    trail: tuple[bytes, ...] = ()
    for size in sizes:
        trail = remember_place(trail, Place((Frame("a", "s", slots={"x": "y" * size}),), {}))

    assert len(trail) <= TRAIL_STEPS
    assert sum(map(len, trail)) <= TRAIL_BYTES
    assert trail
    newest, _ = recall_place(trail)
    assert newest is not None
    assert newest.frames[0].slots["x"] == "y" * sizes[-1]


def test_an_unreadable_place_is_left_out() -> None:
    assert recall_place((b"\xff\xff",)) == (None, ())
