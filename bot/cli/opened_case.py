"""A case as the server hands it out, verified and opened on this machine: no key and no word of it leaves it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from bot.cli.connection import DeskError, fields_of, items_of, number_of, text_of, texts_of
from bot.crypto.case_file import CaseFile
from bot.crypto.envelope import (
    HeaderFields,
    Parsed,
    Position,
    Recipient,
    Way,
    check_envelope,
    content_key_of,
    open_with,
    parse_envelope,
    seal,
)
from bot.crypto.keyfile import CaseworkerKeys
from bot.crypto.keyring import Keyring
from bot.crypto.signing import SigningKey
from bot.handoff.summary import CaseMessage, CaseSummary, GrantedKey, read_body
from bot.kernel.errors import RefusedError
from bot.kernel.ids import KeyId

_HOUR: Final = 3600
MOST_GRANTED: Final = 400
"""Keys in one note: they fit into the largest envelope."""


_SAYS: Final[Mapping[str, frozenset[str]]] = {
    "in": frozenset({"message", "cancel", "erased", "key", "moved"}),
    "out": frozenset({"reply", "referral", "declined"}),
    "internal": frozenset({"internal", "grant"}),
}
"""What each may say: a colleague's note can neither speak as the person nor move their mailbox."""


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a case. `sender` is `person` or `caseworker`; of what is sealed to others the text is empty.

    `consent` is what the person agreed to anew for it, empty for words that they only wrote.
    """

    sender: str
    kind: str
    text: str
    at: datetime
    consent: str = ""


@dataclass(frozen=True, slots=True)
class Sealed:
    """One envelope that verified. `key` opens it, where a recipient's key or a colleague gave it to us.

    `hour` is when the server stored it; None in a saved copy, which does not hold that.
    """

    parsed: Parsed
    hour: int | None
    key: bytes | None = field(default=None, repr=False)

    @property
    def place(self) -> tuple[str, int]:
        """Direction and number, which name an envelope of a case."""
        return self.parsed.header.dir, self.parsed.header.seq


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """A case, decrypted on this machine. `case` is what the server says of it."""

    case: Mapping[str, object]
    summary: CaseSummary
    lines: tuple[Line, ...]
    mailbox_public: bytes
    reachable_until: datetime
    keyring: Keyring
    sealed: tuple[Sealed, ...]
    is_complaint: bool = False

    @property
    def recipients(self) -> tuple[Recipient, ...]:
        """Whom words about this case are sealed to."""
        team = self.keyring.for_queue(is_complaint=self.is_complaint)
        return tuple(member.duty for member in team.members if member.duty is not None)


def open_answer(
    answer: Mapping[str, object], case: str, keys: CaseworkerKeys, keyring: Keyring
) -> OpenedCase:
    """The case in a server's answer. What is sealed to colleagues only is verified all the same.

    Raises:
        DeskError: `case.tampered`, `case.gap`; `case.sealed` when we cannot read how it began.
    """
    row = fields_of(answer.get("case"))
    stored = [
        (text_of(each, "sealed").encode(), number_of(each, "sequence"), number_of(each, "hour"))
        for each in items_of(answer.get("envelopes"))
    ]
    envelopes = [
        _verified(sealed, keys, keyring, place=(case, sequence), hour=hour)
        for sealed, sequence, hour in stored
    ]
    is_complaint = row.get("queue") in texts_of(fields_of(answer.get("team")).get("complaints"))
    return replace(_opened(row, envelopes, keyring), is_complaint=is_complaint)


def open_saved(found: CaseFile, keys: CaseworkerKeys, keyring: Keyring) -> OpenedCase:
    """The case in a saved copy that `read_case_file` let pass, opened without a server. Raises as `open_answer`."""
    envelopes = []
    counts: Counter[str] = Counter()
    for sealed in found.envelopes:
        way = _way(sealed)
        counts[way] += 1
        envelopes.append(_verified(sealed, keys, keyring, place=(found.case, counts[way]), hour=None))
    return _opened({"id": found.case, "messages": found.messages}, envelopes, keyring)


def _way(sealed: bytes) -> Way:
    try:
        return parse_envelope(sealed).header.dir
    except RefusedError as refused:
        raise _tampered(refused) from None


def _opened(row: Mapping[str, object], envelopes: list[Sealed], keyring: Keyring) -> OpenedCase:
    inbound = [each.parsed.header for each in envelopes if each.parsed.header.dir == "in"]
    if [header.seq for header in inbound] != list(range(1, number_of(row, "messages") + 1)):
        raise DeskError(
            "case.gap", "A message of this case is missing or changed: tell the operator before you answer."
        )
    try:
        envelopes = _with_granted(envelopes)
        bodies = [(each, _body(each)) for each in envelopes]
    except RefusedError as refused:
        raise _tampered(refused) from None
    return _assembled(row, bodies, keyring)


def grants_for(
    opened: OpenedCase, to: Recipient, granter: SigningKey, *, own: Recipient, notes: int, now: datetime
) -> Sequence[bytes]:
    """Notes that hand the keys of what we can read, and `to` cannot, to them alone; none when they can read it all.

    `own` is our duty key: the note opens for us too. `notes` is how many the case has.
    """
    handed = {
        (key.direction, key.sequence, key.key)
        for each, body in ((each, _body(each)) for each in opened.sealed)
        if isinstance(body, CaseMessage) and body.kind == "grant" and to.kid in each.parsed.recipients
        for key in body.keys
    }
    missing = [
        GrantedKey(*each.place, each.key)
        for each in opened.sealed
        if each.key is not None
        and to.kid not in each.parsed.recipients
        and (*each.place, each.key) not in handed  # a wrong key gave nothing
        and not _is_grant(each)
    ]
    header = opened.sealed[0].parsed.header
    epoch = number_of(opened.case, "epoch")
    readers = (to,) if to.kid == own.kid else (to, own)
    sealed: list[bytes] = []
    for start in range(0, len(missing), MOST_GRANTED):
        body = CaseMessage("grant", "", now, keys=tuple(missing[start : start + MOST_GRANTED])).to_bytes()
        place = HeaderFields(header.case, header.org, notes + len(sealed) + 1, "internal", epoch)
        sealed.append(seal(body, readers, place, granter))
    return sealed


def _verified(
    sealed: bytes, keys: CaseworkerKeys, keyring: Keyring, *, place: tuple[str, int], hour: int | None
) -> Sealed:
    case, sequence = place
    try:
        parsed = parse_envelope(sealed)
        way = parsed.header.dir
        check_envelope(
            parsed,
            expected=Position(case, keyring.organisation, sequence, way),
            signers=keyring.signers(way),
            left=keyring.left(parsed.recipients),
        )
        return Sealed(parsed, hour, _own_key(parsed, keys))
    except RefusedError as refused:
        raise _tampered(refused) from None


def _own_key(parsed: Parsed, keys: CaseworkerKeys) -> bytes | None:
    mine = [key for kid in parsed.recipients if (key := keys.duty_key(kid)) is not None]
    held = [key for key in mine if parsed.wraps.get(key.kid) is not None]
    if not held:
        return None
    try:
        return content_key_of(parsed, held[0].kid, held[0])
    except RefusedError:
        if parsed.header.dir == "in":
            raise
        return None  # a colleague signed it so


def _with_granted(envelopes: Sequence[Sealed]) -> list[Sealed]:
    """The envelopes, those that colleagues handed us the keys of included.

    Of each colleague the last key is tried, so that nobody takes away what another gave.
    """
    granted: dict[tuple[str, int], dict[KeyId, bytes]] = {}
    for each in envelopes:
        body = _body(each) if each.parsed.header.dir == "internal" else None
        if isinstance(body, CaseMessage) and body.kind == "grant":
            for key in body.keys:
                granted.setdefault((key.direction, key.sequence), {})[each.parsed.signer] = key.key
    return [
        each if each.key is not None else _tried(each, granted.get(each.place, {}).values())
        for each in envelopes
    ]


def _tried(sealed: Sealed, keys: Iterable[bytes]) -> Sealed:
    """With the granted key that fits: a wrong one opens nothing and proves nothing against the envelope."""
    for key in keys:
        with suppress(RefusedError):
            open_with(sealed.parsed, key)
            return replace(sealed, key=key)
    return sealed


def _body(sealed: Sealed) -> CaseSummary | CaseMessage | None:
    """What it says. What a colleague signed and nobody can read is as if it were sealed to others."""
    if sealed.key is None:
        return None
    try:
        return read_body(open_with(sealed.parsed, sealed.key).body)
    except RefusedError:
        if sealed.parsed.header.dir == "in":
            raise
        return None


def _is_grant(sealed: Sealed) -> bool:
    body = _body(sealed)
    return isinstance(body, CaseMessage) and body.kind == "grant"


def _assembled(
    row: Mapping[str, object],
    bodies: Sequence[tuple[Sealed, CaseSummary | CaseMessage | None]],
    keyring: Keyring,
) -> OpenedCase:
    first = next((body for sealed, body in bodies if sealed.place == ("in", 1)), None)
    if first is None and bodies:
        raise DeskError(
            "case.sealed", "This case was sealed to colleagues only: ask one of them to share it."
        )
    if not isinstance(first, CaseSummary):
        raise DeskError("case.gap", "The summary of this case is missing: tell the operator.")
    mailbox, reachable = first.mailbox_public, first.reachable_until
    lines, before = [], first.opened
    for sealed, said in bodies:
        sender = "person" if sealed.parsed.header.dir == "in" else "caseworker"
        body = said if said is not None and _may_say(sealed, said) else None
        if body is None:
            stored = datetime.fromtimestamp(sealed.hour * _HOUR, UTC) if sealed.hour is not None else before
            lines.append(Line(sender, "sealed", "", stored))
        elif isinstance(body, CaseSummary) or body.kind == "grant":
            continue
        else:
            if body.mailbox_public:
                mailbox, reachable = body.mailbox_public, body.reachable_until or reachable
            if body.kind == "key":
                continue
            lines.append(Line(sender, body.kind, body.text, body.at, body.consent))
            before = body.at
    lines.sort(key=lambda line: line.at)
    return OpenedCase(
        row, first, tuple(lines), mailbox, reachable, keyring, tuple(sealed for sealed, _ in bodies)
    )


def _may_say(sealed: Sealed, body: CaseSummary | CaseMessage) -> bool:
    way = sealed.parsed.header.dir
    return way == "in" if isinstance(body, CaseSummary) else body.kind in _SAYS[way]


def _tampered(refused: RefusedError) -> DeskError:
    return DeskError(
        "case.tampered",
        f"A message of this case was changed ({refused.code}): tell the operator before you answer.",
    )
