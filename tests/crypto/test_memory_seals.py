import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.crypto.gate import LONGEST_WORD, Gate, open_gate, seal_gate
from bot.crypto.mac import Field, row_mac, row_mac_ok
from bot.crypto.randomness import choose, random_bytes, token
from bot.crypto.vault import SealedRoutes, SessionSeal
from bot.kernel.address import Address
from bot.kernel.errors import RefusedError

KEY = b"m" * 32
CASE = "1" * 32


@given(st.binary(max_size=2000), st.binary(max_size=40))
@settings(deadline=None)
def test_a_sealed_session_comes_back_whole_to_its_owner_only(data: bytes, owner: bytes) -> None:
    seal = SessionSeal(KEY)
    sealed = seal.seal(data, owner)

    assert seal.open(sealed, owner) == data
    assert seal.open(sealed, owner + b"x") is None


def test_nothing_from_before_a_restart_or_for_another_purpose_opens() -> None:
    sealed = SessionSeal(KEY).seal(b"session")

    assert SessionSeal(b"n" * 32).open(sealed) is None
    assert SessionSeal(KEY, "replay").open(sealed) is None


@given(st.data())
@settings(deadline=None)
def test_a_changed_or_cut_session_is_no_session(data: st.DataObject) -> None:
    seal = SessionSeal(KEY)
    sealed = bytearray(seal.seal(b"session"))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))

    assert seal.open(bytes(sealed)) is None
    assert seal.open(bytes(sealed[:place])) is None


@pytest.mark.parametrize(
    "address",
    [
        Address("whatsapp", "+381601234567"),
        Address("whatsapp", "RS.1349000000000000000000"),
        Address("telegram", "77123"),
        Address("simulator", ""),
    ],
)
def test_a_return_route_finds_its_address_and_has_one_length(address: Address) -> None:
    routes = SealedRoutes(KEY)
    sealed = routes.seal_route(address, CASE)

    assert routes.open_route(sealed, CASE) == address
    assert routes.open_route(sealed, "2" * 32) is None
    assert SealedRoutes(b"n" * 32).open_route(sealed, CASE) is None
    assert len(sealed) == len(routes.seal_route(Address("sms", "+1"), CASE))
    assert address.reveal().encode() not in sealed or not address.reveal()


def test_an_address_longer_than_any_channels_is_no_route() -> None:
    with pytest.raises(ValueError, match="too-long"):
        SealedRoutes(KEY).seal_route(Address("telegram", "7" * 200), CASE)


fields = st.lists(st.none() | st.text(max_size=6) | st.integers() | st.binary(max_size=6), max_size=5)


@given(fields, fields)
@settings(deadline=None)
def test_two_different_rows_never_share_a_mac(one: list[Field], other: list[Field]) -> None:
    same = one == other and [type(field) for field in one] == [type(field) for field in other]

    assert row_mac_ok(KEY, row_mac(KEY, one), other) is same


def test_moving_a_byte_between_fields_changes_the_mac() -> None:
    pairs: list[list[Field]] = [
        ["a", "sb"],
        ["as", "b"],
        ["ab", "c"],
        ["a", "bc"],
        ["abc"],
        ["1", "c"],
        [1, "c"],
        [b"1", "c"],
        [None],
        [],
    ]

    assert len({row_mac(KEY, pair) for pair in pairs}) == len(pairs)
    assert row_mac(b"n" * 32, ["a"]) != row_mac(KEY, ["a"])


@pytest.mark.parametrize(
    "gate",
    [
        Gate(),
        Gate(discreet=True, check_word="plava kuća"),
        Gate(check_word="خانه", tries=1),
        Gate(check_word="\x00" * LONGEST_WORD),
    ],
)
def test_a_gate_comes_back_whole_and_its_size_says_nothing(gate: Gate) -> None:
    sealed = seal_gate(KEY, gate, case=CASE)

    assert open_gate(KEY, sealed, case=CASE) == gate
    assert len(sealed) == len(seal_gate(KEY, Gate(), case=CASE))


def test_another_persons_cases_or_a_changed_gate_is_refused() -> None:
    sealed = seal_gate(KEY, Gate(check_word="word"), case=CASE)

    for key, blob, case in (
        (b"n" * 32, sealed, CASE),
        (KEY, sealed, "2" * 32),
        (KEY, sealed[:-1] + bytes([sealed[-1] ^ 1]), CASE),
        (KEY, b"", CASE),
    ):
        with pytest.raises(RefusedError, match=r"gate\.wrong"):
            open_gate(key, blob, case=case)


def test_a_gate_locks_after_three_wrong_words_and_without_a_word_never() -> None:
    gate = Gate(check_word="word")
    for _ in range(3):
        assert not gate.locked
        gate = gate.tried_wrong()

    assert gate.locked
    assert not gate.tried_wrong().tried_wrong().tries
    assert not Gate(tries=0).locked


def test_a_check_word_that_is_half_a_character_is_kept_readable() -> None:
    assert open_gate(KEY, seal_gate(KEY, Gate(check_word="a\ud83d"), case=CASE), case=CASE).check_word == "a?"


def test_an_endless_check_word_is_refused() -> None:
    with pytest.raises(RefusedError, match=r"gate\.word"):
        seal_gate(KEY, Gate(check_word="w" * (LONGEST_WORD + 1)), case=CASE)


def test_ids_are_random_and_as_long_as_asked() -> None:
    assert len({token() for _ in range(100)}) == 100
    assert len(token(4)) == 8
    assert len(random_bytes(7)) == 7
    assert {choose(3) for _ in range(200)} == {0, 1, 2}
