import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.crypto.documents import sign_document
from bot.crypto.identity import certify_duty_key
from bot.crypto.keyring import (
    LONGEST_LIFE,
    Head,
    Keyring,
    Role,
    add_member,
    change_server,
    countersign,
    found,
    remove_member,
    rename,
    renew,
    root_fingerprint,
    sign_entry,
    verify,
)
from bot.crypto.signing import SigningKey
from bot.crypto.suites import SealingKey
from bot.crypto.wire import canonical, from_base64
from bot.crypto.words import fingerprint_words
from bot.kernel.errors import RefusedError

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
ORG = "rs-lantern"
LEAD, SECOND, ANA, BEA, EVE = (SigningKey.from_seed(letter * 32) for letter in (b"l", b"m", b"a", b"b", b"e"))
SERVER = SigningKey.from_seed(b"s" * 32)
ROOT = root_fingerprint(LEAD.public)


def founded(*, demo: bool = False, alias: str | None = "Lea") -> list[bytes]:
    return [
        found(
            LEAD,
            organisation=ORG,
            name="Lantern",
            server_public=SERVER.public,
            alias=alias,
            now=NOW,
            demo=demo,
        )
    ]


def with_ana() -> list[bytes]:
    chain = founded()
    chain.append(add_member(chain, LEAD, public=ANA.public, role=Role.CASEWORKER, alias="Ana", now=NOW))
    return chain


def with_two_leads() -> list[bytes]:
    chain = with_ana()
    chain.append(add_member(chain, LEAD, public=SECOND.public, role=Role.LEAD, alias="Mina", now=NOW))
    return chain


def checked(
    chain: Sequence[bytes],
    *,
    root: str = ROOT,
    now: datetime = LATER,
    org: str = ORG,
    seen: Head | None = None,
    duty: Sequence[bytes] = (),
) -> Keyring:
    return verify(chain, root, now, organisation=org, seen=seen, duty_certificates=duty)


def names(keyring: Keyring) -> list[str]:
    return [member.alias for member in keyring.members]


def test_a_keyring_holds_who_its_leads_signed_in_and_names_its_organisation() -> None:
    keyring = checked(with_two_leads())

    assert names(keyring) == ["Lea", "Ana", "Mina"]
    assert [member.role for member in keyring.members] == [Role.LEAD, Role.CASEWORKER, Role.LEAD]
    assert (keyring.organisation, keyring.organisation_name) == (ORG, "Lantern")
    assert keyring.version == 3
    assert keyring.server_public == SERVER.public
    assert keyring.expires == NOW + LONGEST_LIFE
    assert not keyring.demo
    ana = keyring.member(ANA.kid)
    assert ana
    assert ana.words == fingerprint_words(ANA.public)
    assert keyring.member(EVE.kid) is None


def test_a_database_writer_cannot_add_a_recipient() -> None:
    """Neither with their own key, nor under a lead's key id, nor by a chain of their own."""
    chain = with_ana()
    own = add_member(chain, EVE, public=EVE.public, role=Role.CASEWORKER, alias="Eve", now=NOW)
    borrowed = own.replace(EVE.kid.encode(), LEAD.kid.encode())
    by_a_caseworker = add_member(chain, ANA, public=EVE.public, role=Role.CASEWORKER, alias="Eve", now=NOW)
    for entry in (own, borrowed, by_a_caseworker):
        with pytest.raises(RefusedError, match=r"keyring\.signature"):
            checked([*chain, entry])

    foreign = [
        found(EVE, organisation=ORG, name="Lantern", server_public=SERVER.public, alias="Eve", now=NOW)
    ]
    with pytest.raises(RefusedError, match=r"keyring\.root"):
        checked(foreign)


def test_a_first_entry_under_the_roots_name_that_it_did_not_sign_is_refused() -> None:
    """The root's public key is no secret: whoever writes the database can name it."""
    true = json.loads(founded()[0])
    payload = json.loads(from_base64(true["doc"], "test"))
    payload["change"]["name"] = "Other"
    forged = json.loads(sign_document("keyring/entry", payload, EVE))
    under_its_id = canonical({"doc": forged["doc"], "sigs": {LEAD.kid: forged["sigs"][EVE.kid]}})
    with_the_old_signature = canonical({"doc": forged["doc"], "sigs": true["sigs"]})

    for entry in (canonical(forged), under_its_id, with_the_old_signature):
        with pytest.raises(RefusedError, match=r"keyring\.signature"):
            checked([entry])


def test_an_entry_dated_before_the_one_it_follows_is_refused() -> None:
    chain = with_ana()

    with pytest.raises(RefusedError, match=r"keyring\.chain"):
        checked([*chain, renew(chain, LEAD, now=NOW - timedelta(seconds=1))])


def test_an_edited_entry_is_refused() -> None:
    chain = with_ana()
    other = with_ana()
    other[0] = found(LEAD, organisation=ORG, name="Other", server_public=SERVER.public, alias="Lea", now=NOW)

    with pytest.raises(RefusedError, match=r"keyring\.chain"):
        checked([other[0], chain[1]])


@pytest.mark.parametrize(
    ("mangle", "code"),
    [
        (lambda chain: chain[1:], "chain"),
        (lambda chain: [chain[0], chain[2]], "chain"),
        (lambda chain: [chain[0], chain[2], chain[1]], "chain"),
        (lambda chain: [*chain, chain[-1]], "chain"),
        (lambda chain: [chain[0], chain[0]], "chain"),
        (lambda _: [], "empty"),
        (lambda _: [b"junk"], "format"),
    ],
)
def test_a_dropped_reordered_or_repeated_entry_is_refused(
    mangle: Callable[[list[bytes]], list[bytes]], code: str
) -> None:
    with pytest.raises(RefusedError, match=rf"keyring\.{code}"):
        checked(mangle(with_two_leads()))


def test_a_chain_cut_back_to_bring_a_leaver_back_is_refused_once_its_end_was_seen() -> None:
    chain = with_ana()
    head = checked([*chain, remove_member(chain, LEAD, kid=ANA.kid, now=NOW)]).head

    with pytest.raises(RefusedError, match=r"keyring\.truncated"):
        checked(chain, seen=head)


def test_a_chain_that_forks_before_what_was_seen_is_refused() -> None:
    chain = with_ana()
    head = checked(chain).head
    fork = founded()
    fork.append(add_member(fork, LEAD, public=BEA.public, role=Role.CASEWORKER, alias="Bea", now=NOW))

    assert checked(chain, seen=head).head == head
    with pytest.raises(RefusedError, match=r"keyring\.truncated"):
        checked(fork, seen=head)


def test_a_keyring_lapses_unless_a_lead_renews_it() -> None:
    chain = with_ana()
    late = NOW + LONGEST_LIFE

    with pytest.raises(RefusedError, match=r"keyring\.expired"):
        checked(chain, now=late)
    renewed = [*chain, renew(chain, LEAD, now=late - timedelta(days=1))]
    assert checked(renewed, now=late).expires > late
    by_nobody = [*chain, renew(chain, ANA, now=LATER)]
    with pytest.raises(RefusedError, match=r"keyring\.signature"):
        checked(by_nobody)


def test_an_entry_from_the_future_is_refused() -> None:
    with pytest.raises(RefusedError, match=r"keyring\.clock"):
        checked(with_ana(), now=NOW - timedelta(hours=1))


def test_an_entry_that_sets_a_far_expiry_is_refused() -> None:
    at = int(NOW.timestamp())
    chain = with_ana()
    last = checked(chain).head.digest
    endless = sign_document(
        "keyring/entry",
        {
            "at": at,
            "change": {"kind": "renew"},
            "expires": at + 10**9,
            "number": 3,
            "org": ORG,
            "previous": last,
            "v": 1,
        },
        LEAD,
    )

    with pytest.raises(RefusedError, match=r"keyring\.change"):
        checked([*chain, endless])


def test_another_organisations_keyring_is_refused() -> None:
    with pytest.raises(RefusedError, match=r"keyring\.chain"):
        checked(with_ana(), org="pt-lantern")


def test_where_there_are_two_leads_one_alone_adds_nobody() -> None:
    chain = with_two_leads()
    alone = add_member(chain, LEAD, public=EVE.public, role=Role.CASEWORKER, alias="Eve", now=NOW)

    with pytest.raises(RefusedError, match=r"keyring\.signature"):
        checked([*chain, alone])
    assert names(checked([*chain, countersign(alone, SECOND)]))[-1] == "Eve"
    with pytest.raises(RefusedError, match=r"keyring\.signature"):
        checked([*chain, countersign(alone, ANA)])
    with pytest.raises(RefusedError, match=r"keyring\.signature"):
        checked([*chain, countersign(alone, LEAD)])


@pytest.mark.parametrize(
    "make",
    [
        lambda chain, *keys: rename(chain, *keys, name="Other", now=NOW),
        lambda chain, *keys: change_server(chain, *keys, server_public=EVE.public, now=NOW),
        lambda chain, *keys: remove_member(chain, *keys, kid=SECOND.kid, now=NOW),
    ],
)
def test_one_of_two_leads_alone_cannot_take_the_organisation_over(make: Callable[..., bytes]) -> None:
    chain = with_two_leads()

    with pytest.raises(RefusedError, match=r"keyring\.signature"):
        checked([*chain, make(chain, LEAD)])
    assert checked([*chain, make(chain, LEAD, SECOND)]).version == 4


def test_one_of_two_leads_alone_may_take_a_caseworker_out_at_once() -> None:
    chain = with_two_leads()
    keyring = checked([*chain, remove_member(chain, SECOND, kid=ANA.kid, now=NOW)])

    assert names(keyring) == ["Lea", "Mina"]
    assert [member.alias for member in keyring.former] == ["Ana"]


def test_one_of_two_leads_alone_keeps_the_keyring_alive() -> None:
    chain = with_two_leads()

    assert checked([*chain, renew(chain, SECOND, now=LATER)]).expires == LATER + LONGEST_LIFE


def test_a_former_lead_signs_nothing_any_more() -> None:
    chain = with_two_leads()
    chain.append(remove_member(chain, LEAD, SECOND, kid=SECOND.kid, now=NOW))
    late = add_member(chain, SECOND, public=EVE.public, role=Role.LEAD, alias="Eve", now=NOW)

    with pytest.raises(RefusedError, match=r"keyring\.signature"):
        checked([*chain, late])


def test_the_last_lead_cannot_leave() -> None:
    chain = with_ana()

    with pytest.raises(RefusedError, match=r"keyring\.change"):
        checked([*chain, remove_member(chain, LEAD, kid=LEAD.kid, now=NOW)])


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "found"},
        {"kind": "promote", "member": ANA.kid},
        {"kind": "renew", "more": 1},
        {"kind": "remove", "member": EVE.kid},
        {"kind": "remove", "member": "x"},
        {"kind": "rename", "name": ""},
        {"kind": "rename", "name": "two\nlines"},
        {"kind": "rename", "name": "\u202eredro"},
        {"kind": "rename", "name": " Lantern"},
        {"kind": "rename", "name": "L" * 81},
        {"kind": "rename", "name": 5},
        {"kind": "server", "server": "AAAA"},
        {"kind": "add", "member": "AAAA", "role": "lead", "alias": "x"},
        {"kind": None},
        {},
    ],
)
def test_a_change_that_makes_no_sense_is_refused_though_a_lead_signed_it(change: dict[str, str]) -> None:
    chain = with_ana()

    with pytest.raises(RefusedError, match=r"keyring\.(change|format)"):
        checked([*chain, sign_entry(chain, LEAD, change=change, now=NOW)])


def test_nobody_is_a_member_twice_and_an_unknown_role_is_refused() -> None:
    chain = with_ana()
    again = add_member(chain, LEAD, public=ANA.public, role=Role.LEAD, alias="Ana", now=NOW)

    with pytest.raises(RefusedError, match=r"keyring\.change"):
        checked([*chain, again])


def test_a_name_in_persian_keeps_its_joiners() -> None:
    chain = founded()
    name = "خانه‌ی فانوس"

    assert checked([*chain, rename(chain, LEAD, name=name, now=NOW)]).organisation_name == name


def test_a_leaver_who_comes_back_is_a_member_again() -> None:
    chain = with_ana()
    chain.append(remove_member(chain, LEAD, kid=ANA.kid, now=NOW))
    chain.append(add_member(chain, LEAD, public=ANA.public, role=Role.FOCAL_POINT, alias="Ana", now=NOW))
    keyring = checked(chain)

    assert names(keyring) == ["Lea", "Ana"]
    assert keyring.former == ()


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_any_changed_byte_anywhere_in_the_chain_is_refused(data: st.DataObject) -> None:
    chain = with_two_leads()
    number = data.draw(st.integers(0, len(chain) - 1))
    entry = bytearray(chain[number])
    entry[data.draw(st.integers(0, len(entry) - 1))] ^= data.draw(st.integers(1, 255))
    chain[number] = bytes(entry)

    with pytest.raises(RefusedError, match=r"keyring\."):
        checked(chain)


@given(st.lists(st.binary(max_size=100), min_size=1, max_size=3))
@settings(deadline=None)
def test_no_bytes_make_verification_fail_otherwise_than_by_refusing(chain: list[bytes]) -> None:
    with pytest.raises(RefusedError, match=r"keyring\."):
        checked(chain)


# --- the demo -------------------------------------------------------------------------------------------


def test_a_root_that_is_nobody_enrols_the_demo_organisation_and_no_other() -> None:
    chain = founded(demo=True, alias=None)
    chain.append(add_member(chain, LEAD, public=ANA.public, role=Role.LEAD, alias="Ana", now=NOW))
    chain.append(add_member(chain, LEAD, public=BEA.public, role=Role.CASEWORKER, alias="Bea", now=NOW))
    keyring = checked(chain)

    assert keyring.demo
    assert names(keyring) == ["Ana", "Bea"]
    with pytest.raises(RefusedError, match=r"keyring\.change"):
        checked(founded(demo=False, alias=None))


# --- recipients -----------------------------------------------------------------------------------------

DUTY_KEYS = {key.kid: SealingKey.from_secret(key.seed) for key in (LEAD, ANA, BEA, SECOND)}


def certificate(
    owner: SigningKey, *, now: datetime = NOW, duty: SealingKey | None = None, org: str = ORG
) -> bytes:
    return certify_duty_key(owner, duty or DUTY_KEYS[owner.kid], organisation=org, now=now)


def with_three() -> list[bytes]:
    chain = with_ana()
    chain.append(add_member(chain, LEAD, public=BEA.public, role=Role.CASEWORKER, alias="Bea", now=NOW))
    return chain


def aliases(keyring: Keyring, *on_duty: SigningKey) -> set[str]:
    kids = {to.kid for to in keyring.recipients({key.kid for key in on_duty})}
    return {member.alias for member in keyring.members if member.duty_kid in kids}


def test_a_case_goes_to_those_on_duty_two_where_there_are_two_and_to_all_when_nobody_is() -> None:
    keyring = checked(with_three(), duty=[certificate(key) for key in (LEAD, ANA, BEA)])

    assert aliases(keyring, ANA, BEA) == {"Ana", "Bea"}
    assert aliases(keyring, ANA) == {"Ana", "Lea"}
    assert aliases(keyring) == {"Lea", "Ana", "Bea"}
    assert aliases(keyring, EVE) == {"Lea", "Ana", "Bea"}


def test_where_only_one_has_a_key_it_goes_to_that_one_and_where_nobody_has_to_nobody() -> None:
    assert aliases(checked(with_three(), duty=[certificate(ANA)]), ANA, BEA) == {"Ana"}
    assert aliases(checked(with_three(), duty=[certificate(ANA)])) == {"Ana"}
    assert checked(with_three()).recipients({ANA.kid}) == ()


def test_only_a_members_own_certificate_for_this_organisation_counts() -> None:
    forged = [
        certificate(EVE, duty=DUTY_KEYS[ANA.kid]),
        certificate(ANA, org="pt-lantern"),
        certificate(BEA, now=NOW - timedelta(days=30)),
        b"junk",
    ]

    assert checked(with_three(), duty=forged).recipients(()) == ()


def test_a_duty_key_under_somebody_elses_id_is_left_out() -> None:
    stolen = certificate(EVE, duty=SealingKey.from_secret(b"E" * 32)).replace(
        EVE.kid.encode(), ANA.kid.encode()
    )

    assert checked(with_three(), duty=[stolen]).recipients(()) == ()


def test_the_newest_duty_key_counts_in_whatever_order_they_come() -> None:
    fresh = SealingKey.from_secret(b"F" * 32)
    both = [certificate(ANA, duty=fresh), certificate(ANA, now=NOW - timedelta(days=7))]

    for certificates in (both, both[::-1]):
        assert [to.kid for to in checked(with_three(), duty=certificates).recipients(())] == [fresh.kid]


def test_a_leavers_duty_key_receives_nothing() -> None:
    chain = with_three()
    chain.append(remove_member(chain, LEAD, kid=ANA.kid, now=NOW))
    keyring = checked(chain, duty=[certificate(ANA), certificate(BEA)])

    assert aliases(keyring, ANA) == {"Bea"}


def test_only_who_holds_no_duty_key_any_more_may_be_missing_from_an_envelope() -> None:
    chain = with_three()
    chain.append(remove_member(chain, LEAD, kid=ANA.kid, now=NOW))
    keyring = checked(chain, duty=[certificate(ANA), certificate(BEA)])
    ana, bea = DUTY_KEYS[ANA.kid].kid, DUTY_KEYS[BEA.kid].kid

    assert keyring.left([ana, bea]) == {ana}


def test_inbound_envelopes_are_the_servers_and_others_a_members() -> None:
    chain = with_three()
    chain.append(remove_member(chain, LEAD, kid=ANA.kid, now=NOW))
    keyring = checked(chain)

    assert keyring.signers("in") == {SERVER.kid: SERVER.public}
    assert set(keyring.signers("out")) == {LEAD.kid, ANA.kid, BEA.kid}
    assert keyring.signers("internal") == keyring.signers("out")
