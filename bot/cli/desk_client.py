"""A caseworker's side of the interface: keys in a locked file of their own, everything verified before it is believed."""

import getpass
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.cli.checkpoints import KeptCheckpoint
from bot.cli.connection import (
    Connection,
    DeskError,
    entries_of,
    fields_of,
    items_of,
    kid_of,
    number_of,
    text_of,
)
from bot.cli.keyring_change import told
from bot.cli.old_keys import without_old_keys
from bot.cli.opened_case import OpenedCase, grants_for, open_answer
from bot.cli.saved_case import HEAD, case_file, known_head
from bot.cli.terminal import shown
from bot.crypto.acknowledgement import sign_wishes_read
from bot.crypto.envelope import HeaderFields, Recipient, seal
from bot.crypto.identity import (
    certify_duty_key,
    make_duty_key,
    make_identity,
    sign_enrolment,
    sign_login,
    state_duty,
    verify_duty_certificate,
)
from bot.crypto.keyfile import CaseworkerKeys
from bot.crypto.keyring import (
    Keyring,
    Role,
    add_member,
    countersign,
    found,
    remove_member,
    renew,
    root_fingerprint,
    verify,
)
from bot.crypto.mailbox import seal_note, sign_note
from bot.crypto.wire import from_base64, to_base64
from bot.crypto.words import fingerprint_words
from bot.handoff.declining import declined_because
from bot.handoff.referral import ReferralOffer
from bot.handoff.summary import CaseMessage
from bot.kernel.errors import RefusedError
from bot.kernel.ids import KeyId

DEFAULT_SERVER = "http://localhost:8080"

_TIMEOUT = 30.0
_SHORTEST_PREFIX = 4
KEY_SHOWN = 16
"""Characters of a waiting key that a lead compares and writes: 64 bits."""
_RENEW_EXPIRY = timedelta(days=60)  # a keyring with less left is renewed whenever a lead works


def default_key_file() -> Path:
    """Where keys are kept unless `--keys` says otherwise."""
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "fener" / "caseworker.keys"


def read_passphrase(file: str | None, prompt: str) -> str:
    """The passphrase from a file's first line, or typed. Raises DeskError without a file and a terminal."""
    if file is not None:
        try:
            lines = Path(file).read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            raise DeskError("passphrase.file", f"{file} cannot be read.") from None
        if not lines or not lines[0].strip():
            raise DeskError("passphrase.file", f"{file} is empty: put the passphrase on its first line.")
        return lines[0].strip()
    if not sys.stdin.isatty():
        raise DeskError(
            "passphrase.needed", "Give --passphrase-file FILE, or start from a terminal and type it."
        )
    return getpass.getpass(prompt)


def read_keys(file: Path, passphrase_file: str | None) -> CaseworkerKeys:
    """The keys of a file, for what needs no server. Raises DeskError: `keys.missing`, `keys.passphrase`, `keys.damaged`."""
    return _keys_in(file, _passphrase_for(file, passphrase_file))


def _passphrase_for(file: Path, passphrase_file: str | None) -> str:
    if not file.is_file():
        raise DeskError(
            "keys.missing", f"There are no keys at {file}: run 'fener case enrol --invite LINK' first."
        )
    return read_passphrase(passphrase_file, "Passphrase: ")


def _keys_in(file: Path, passphrase: str) -> CaseworkerKeys:
    try:
        return CaseworkerKeys.from_file(file.read_bytes(), passphrase)
    except OSError:
        raise DeskError("keys.missing", f"{file} cannot be read.") from None
    except RefusedError as refused:
        if refused.code == "keyfile.passphrase":
            raise DeskError("keys.passphrase", "This passphrase does not open the keys.") from None
        raise DeskError("keys.damaged", f"{file} is damaged: use your copy.") from None


@dataclass(frozen=True, slots=True)
class Shared:
    """What sharing did: with whom, how many cases, and how many we cannot read ourselves."""

    alias: str
    cases: int = 0
    unreadable: int = 0


class DeskClient:
    """One caseworker at work. Make with `enrol` or `unlock`."""

    def __init__(self, connection: Connection, keys: CaseworkerKeys, file: Path, passphrase: str) -> None:
        self._connection = connection
        self._keys = keys
        self._file = file
        self._passphrase = passphrase
        self._checkpoint = KeptCheckpoint(file)
        self.warning = ""  # what is wrong with the organisation's audit, if anything

    @property
    def organisation(self) -> str:
        """The caseworker's organisation."""
        return self._keys.notes["organisation"]

    def words(self) -> tuple[str, ...]:
        """Eight words of this caseworker's key, to read to the lead by voice."""
        return fingerprint_words(self._keys.identity.public)

    # --- the first day and every day -------------------------------------------------------------------

    @classmethod
    def enrol(
        cls, link: str, *, server: str | None, alias: str, file: Path, passphrase: str
    ) -> tuple["DeskClient", str]:
        """Make keys here, introduce them with the one-time link, and keep them locked; the client and what is left to do.

        What is left: `member` (nothing), `pin ROOT` (the operator pins this root), `wait` (a lead compares words).
        """
        address, _, token = link.partition("#enrol=")
        if not token:
            raise DeskError("enrol.link", "This is not an enrolment link: it ends with #enrol=...")
        connection = Connection(server or address or DEFAULT_SERVER)
        told = fields_of(connection.call("POST", "/invitation", {"token": token}))
        organisation = text_of(told, "organisation")
        identity, duty = make_identity(), make_duty_key()
        now = datetime.now(UTC)  # noqa: TID251  # a caseworker's own machine: the clock is theirs
        certificate = certify_duty_key(identity, duty, organisation=organisation, now=now)
        enrolled = fields_of(
            connection.call(
                "POST",
                "/enrol",
                {
                    "token": token,
                    "alias": alias,
                    "identity_public": to_base64(identity.public),
                    "duty_certificate": certificate.decode(),
                    "proof": to_base64(sign_enrolment(identity, token)),
                },
            )
        )
        notes = {"server": connection.server, "organisation": organisation, "alias": alias, "root": ""}
        client = cls(connection, CaseworkerKeys(identity, (duty,), notes), file, passphrase)
        client._save()
        client.sign_in()
        standing = text_of(enrolled, "standing")
        if standing == "found-keyring":
            return client, f"pin {client._found(enrolled, alias, now)}"
        if standing == "wait-for-lead":
            return client, "wait"
        client._trust_first(fields_of(connection.call("GET", "/team")))
        client.go_on_duty(hours=8)
        return client, "member"

    @classmethod
    def unlock(cls, file: Path, *, server: str | None, passphrase_file: str | None) -> "DeskClient":
        """Open the keys and sign in. Raises DeskError."""
        passphrase = _passphrase_for(file, passphrase_file)
        keys = _keys_in(file, passphrase)
        client = cls(Connection(server or keys.notes.get("server", DEFAULT_SERVER)), keys, file, passphrase)
        client.sign_in()
        client.renew_if_due()
        return client

    def sign_in(self) -> None:
        """Answer the server's challenge with the identity key."""
        kid = self._keys.identity.kid
        told = fields_of(self._connection.call("POST", "/login/challenge", {"kid": kid}))
        challenge = text_of(told, "challenge")
        server = self._connection.server
        signature = sign_login(self._keys.identity, from_base64(challenge, "login"), server=server)
        session = fields_of(
            self._connection.call(
                "POST",
                "/login",
                {"kid": kid, "challenge": challenge, "signature": to_base64(signature), "server": server},
            )
        )
        self._connection.use(text_of(session, "token"))

    def renew_if_due(self) -> None:
        """Make this week's duty key, drop those that no open case needs, and renew the keyring when a lead works."""
        now = datetime.now(UTC)  # noqa: TID251  # a caseworker's own machine
        team = fields_of(self._connection.call("GET", f"/team?since={self._checkpoint.lines}"))
        mine = [each for each in items_of(team.get("staff")) if each.get("kid") == self._keys.identity.kid]
        if not mine:
            return
        certificate = text_of(mine[0], "duty_certificate").encode()
        try:
            known = verify_duty_certificate(
                certificate, self._keys.identity.public, organisation=self.organisation, now=now
            )
            due, certified = known.rotation_is_due(now), known.recipient.kid
        except RefusedError:
            due, certified = True, KeyId("")
        if due:
            duty = make_duty_key()
            self._keys = replace(self._keys, duty=(*self._keys.duty, duty))
            self._save()
            fresh = certify_duty_key(self._keys.identity, duty, organisation=self.organisation, now=now)
            self._connection.call("POST", "/duty-key", {"document": fresh.decode()})
            certified = duty.kid
        kept = without_old_keys(self._keys, certified, now, self._connection)
        if kept != self._keys:
            self._keys = kept
            self._save()
        self._renew_keyring(team, now)

    def go_on_duty(self, hours: int) -> datetime:
        """Sign 'on duty' for so many hours; until when."""
        now = datetime.now(UTC)  # noqa: TID251  # a caseworker's own machine
        until = now + timedelta(hours=hours)
        statement = state_duty(self._keys.identity, organisation=self.organisation, now=now, until=until)
        self._connection.call("POST", "/duty", {"document": statement.decode()})
        return until

    def go_off_duty(self) -> None:
        """Off duty at once."""
        self._connection.call("DELETE", "/duty")

    # --- cases -------------------------------------------------------------------------------------------

    def cases(self) -> list[Mapping[str, object]]:
        """The queue, most urgent first."""
        return items_of(self._connection.call("GET", "/cases"))

    def find(self, wanted: str) -> str:
        """The id of the case that was named by designation or by the beginning of its id. Raises DeskError."""
        name = " ".join(wanted.replace("-", " ").split()).casefold()
        rows = self.cases()
        found_ = [row for row in rows if str(row.get("designation", "")).casefold() == name]
        if not found_ and len(wanted) >= _SHORTEST_PREFIX:
            found_ = [row for row in rows if str(row.get("id", "")).startswith(wanted.lower())]
        if len(found_) == 1:
            return text_of(found_[0], "id")
        if not found_:
            raise DeskError("case.unknown", f"There is no open case '{wanted}': see 'fener case list'.")
        raise DeskError("case.ambiguous", f"Several cases begin with '{wanted}': write more of the id.")

    def open(self, case: str) -> OpenedCase:
        """A case with every message verified and decrypted here.

        Raises DeskError: `case.sealed` when it was sealed before this caseworker joined.
        """
        answer = fields_of(self._connection.call("GET", f"/cases/{case}"))
        keyring = self._keyring(fields_of(answer.get("team")))
        return open_answer(answer, case, self._keys, keyring)

    def export(self, case: str) -> bytes:
        """A locked copy of a case, verified and opened here before it is kept. Raises as `open`."""
        answer = fields_of(self._connection.call("POST", f"/cases/{case}/export", {}))
        opened = open_answer(answer, case, self._keys, self._keyring(fields_of(answer.get("team"))))
        now = datetime.now(UTC)  # noqa: TID251  # a caseworker's own machine
        return case_file(answer, opened, self._keys, now=now)

    def share(self, kid: str) -> Shared:
        """Hand the keys of every open case that we can read to a member of the keyring who cannot. Raises DeskError."""
        keyring = self.team()[0]
        chosen = [member for member in keyring.members if kid and member.kid.startswith(kid)]
        if len(chosen) != 1:
            raise DeskError("staff.unknown", "Nobody in the keyring has this key: see 'fener case team'.")
        [to] = chosen
        own = self._keys.duty[-1]
        if to.duty is None or to.duty.kid == own.kid:
            raise DeskError("staff.duty", "They have no key that is in use: let them sign in once.")
        shared = Shared(to.alias)
        for row in self.cases():
            shared = self._share(shared, text_of(row, "id"), to.duty, Recipient.of(own.public, own.suite))
        return shared

    def _share(self, shared: Shared, case: str, to: Recipient, own: Recipient) -> Shared:
        now = datetime.now(UTC)  # noqa: TID251  # a caseworker's own machine
        try:
            opened = self.open(case)
        except DeskError as fault:
            if fault.code != "case.sealed":
                raise
            return replace(shared, unreadable=shared.unreadable + 1)
        if to not in opened.recipients:
            return shared
        notes = sum(each.parsed.header.dir == "internal" for each in opened.sealed)
        grants = grants_for(opened, to, self._keys.identity, own=own, notes=notes, now=now)
        for number, sealed in enumerate(grants, start=notes + 1):
            note = {"sequence": number, "sealed": sealed.decode()}
            self._connection.call("POST", f"/cases/{case}/note", note)
        return replace(shared, cases=shared.cases + bool(grants))

    def claim(self, case: str) -> None:
        """Take the case."""
        self._connection.call("POST", f"/cases/{case}/claim")

    def close(self, case: str) -> None:
        """Close the case."""
        self._connection.call("POST", f"/cases/{case}/close")

    def reply(self, opened: OpenedCase, text: str, *, wishes_read: bool = False) -> bool:
        """Seal and sign a reply; whether it went out at once. Raises DeskError.

        `wishes_read`: the caseworker read how the person wants to be spoken to, which the first reply says for every case.
        """
        first = self._first(opened, wishes_read=wishes_read)
        case = text_of(opened.case, "id")
        now = datetime.now(UTC)  # noqa: TID251  # a caseworker's own machine
        body = CaseMessage("reply", text, now)
        told = self._connection.call(
            "POST", f"/cases/{case}/reply", self._sealed(opened, body, body, now) | first
        )
        return fields_of(told).get("delivered") is True

    def _first(self, opened: OpenedCase, *, wishes_read: bool) -> dict[str, object]:
        """What goes with the first thing that is written to a person. Raises DeskError while wishes were not read."""
        if number_of(opened.case, "replies") > 0:
            return {}
        if opened.summary.wishes and not wishes_read:
            raise _unread_wishes(opened)
        case = text_of(opened.case, "id")
        read = sign_wishes_read(self._keys.identity, case=case, organisation=self.organisation)
        return {"wishes_read": to_base64(read)}

    def decline(self, opened: OpenedCase, reason: str, words: str) -> None:
        """Say for the organisation that it cannot take the case, with the reason for colleagues only. Raises DeskError."""
        now = datetime.now(UTC)  # noqa: TID251  # a caseworker's own machine
        told = CaseMessage("declined", "", now, excluded=opened.summary.excluded)
        copy = replace(told, text=declined_because(reason, words))
        case = text_of(opened.case, "id")
        self._connection.call("POST", f"/cases/{case}/decline", self._sealed(opened, told, copy, now))

    def _sealed(
        self, opened: OpenedCase, told: CaseMessage, copy: CaseMessage, now: datetime
    ) -> dict[str, object]:
        """What goes into the mailbox, signed, and what colleagues keep of it."""
        if now >= opened.reachable_until:
            raise DeskError("case.unreachable", "The person was away too long: no reply can find them.")
        case = text_of(opened.case, "id")
        sequence = number_of(opened.case, "replies") + 1
        place = {"case": case, "organisation": self.organisation}
        sealed = seal_note(opened.mailbox_public, told.to_bytes(), sequence=sequence, **place)
        signature = sign_note(self._keys.identity, sealed, sequence=sequence, **place)
        header = HeaderFields(case, self.organisation, sequence, "out", number_of(opened.case, "epoch"))
        able = opened.recipients
        kept = seal(copy.to_bytes(), able, header, self._keys.identity) if able else b""
        return {
            "sequence": sequence,
            "sealed": to_base64(sealed),
            "signature": to_base64(signature),
            "copy_for_team": kept.decode(),
            "mailbox": to_base64(opened.mailbox_public),
        }

    # --- a second organisation ---------------------------------------------------------------------------

    def referrals(self, case: str) -> Mapping[str, object]:
        """How the referrals of a case stand, whom else it can go to, and what may leave."""
        return fields_of(self._connection.call("GET", f"/cases/{case}/referrals"))

    def refer(
        self, opened: OpenedCase, offer: ReferralOffer, told: str, *, wishes_read: bool = False
    ) -> None:
        """Ask the person whether another organisation may help. `told` is what colleagues read of it. Raises DeskError.

        `wishes_read` as in `reply`.
        """
        if offer.to in opened.summary.excluded:
            raise DeskError("referral.receiver", "The person said that they do not want this organisation.")
        first = self._first(opened, wishes_read=wishes_read)
        now = datetime.now(UTC)  # noqa: TID251  # a caseworker's own machine
        body = CaseMessage("referral", told, now, offer=offer)
        asked = self._sealed(opened, body, body, now) | first
        case = text_of(opened.case, "id")
        self._connection.call("POST", f"/cases/{case}/refer", {**asked, "to": offer.to, "queue": offer.queue})

    def send_back(self, case: str, reason: str) -> None:
        """Do not take a case that another organisation referred: it is deleted here."""
        self._connection.call("POST", f"/cases/{case}/send-back", {"reason": reason})

    # --- the team ----------------------------------------------------------------------------------------

    def team(self) -> tuple[Keyring, list[Mapping[str, object]]]:
        """The verified keyring, and everybody enrolled whom no lead has signed yet."""
        told = fields_of(self._connection.call("GET", "/team"))
        keyring = self._keyring(told)
        waiting = [each for each in items_of(told.get("staff")) if keyring.member(kid_of(each)) is None]
        return keyring, waiting

    def admit(self, kid: str) -> tuple[str, bytes | None]:
        """Sign somebody into the keyring, after their words were compared by voice.

        `kid` is long enough that no other key can be made to begin with it: what is signed is what was compared.
        Their work name, and None when they are in; else the entry that a second lead has to sign as well.
        """
        if len(kid) < KEY_SHOWN:
            raise DeskError(
                "staff.key", f"Write all {KEY_SHOWN} characters of the key, as 'fener case team' shows it."
            )
        told = fields_of(self._connection.call("GET", "/team"))
        entries = entries_of(told)
        chosen = [each for each in items_of(told.get("staff")) if kid_of(each).startswith(kid)]
        if len(chosen) != 1:
            raise DeskError("staff.unknown", "Nobody waits under this key: see 'fener case team'.")
        entry = add_member(
            entries,
            self._keys.identity,
            public=from_base64(text_of(chosen[0], "identity_public"), "staff"),
            role=Role(text_of(chosen[0], "role")),
            alias=text_of(chosen[0], "alias"),
            now=datetime.now(UTC),  # noqa: TID251  # a lead's own machine
        )
        return text_of(chosen[0], "alias"), self._offer(entry, len(entries))

    def remove(self, kid: str) -> tuple[str, bytes | None]:
        """Take somebody out of the keyring: later cases are not sealed to them. As `admit` for two leads."""
        told = fields_of(self._connection.call("GET", "/team"))
        keyring, entries = self._keyring(told), entries_of(told)
        chosen = [member for member in keyring.members if member.kid.startswith(kid)]
        if len(chosen) != 1:
            raise DeskError("staff.unknown", "Nobody in the keyring has this key: see 'fener case team'.")
        now = datetime.now(UTC)  # noqa: TID251  # a lead's own machine
        entry = remove_member(entries, self._keys.identity, kid=chosen[0].kid, now=now)
        return chosen[0].alias, self._offer(entry, len(entries))

    def told(self, entry: bytes) -> Sequence[str]:
        """What a change that another lead began would do, in lines to read before signing. Raises DeskError."""
        team = fields_of(self._connection.call("GET", "/team"))
        return told(entry, entries_of(team), self._keyring(team))

    def cosign(self, entry: bytes) -> None:
        """Add a second lead's signature to a change of the keyring, and hand it in. Show `told` first."""
        team = fields_of(self._connection.call("GET", "/team"))
        signed = countersign(entry, self._keys.identity)
        if self._offer(signed, len(entries_of(team))) is not None:
            raise DeskError(
                "keyring.signature", "A different lead than the first has to sign, and of this organisation."
            )

    def _offer(self, entry: bytes, expected: int) -> bytes | None:
        """Hand in a change; None when it is done, the change itself when another lead has to sign it first."""
        try:
            self._connection.call("POST", "/keyring", {"entry": entry.decode(), "expected": expected})
        except DeskError as refused:
            if refused.code == "keyring.signature":
                return entry
            raise
        return None

    # --- private -----------------------------------------------------------------------------------------

    def _save(self) -> None:
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self._file.with_suffix(".new")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(self._keys.to_file(self._passphrase))
        fresh.replace(self._file)

    def _note(self, **changed: str) -> None:
        self._keys = replace(self._keys, notes={**self._keys.notes, **changed})
        self._save()

    def _found(self, enrolled: Mapping[str, object], alias: str, now: datetime) -> str:
        entry = found(
            self._keys.identity,
            organisation=self.organisation,
            name=text_of(enrolled, "organisation_name"),
            server_public=from_base64(text_of(enrolled, "server_public"), "server"),
            alias=alias,
            now=now,
        )
        self._connection.call("POST", "/keyring", {"entry": entry.decode(), "expected": 0})
        root = root_fingerprint(self._keys.identity.public)
        self._note(root=root)
        return root

    def _trust_first(self, team: Mapping[str, object]) -> None:
        if not self._keys.notes.get("root"):
            self._note(root=text_of(team, "root"))

    def _keyring(self, team: Mapping[str, object]) -> Keyring:
        self._trust_first(team)
        if not self._keys.notes.get("root"):
            raise DeskError(
                "keyring.unpinned", "The operator has to pin your organisation's keyring in fener.toml first."
            )
        certificates = [text_of(each, "duty_certificate").encode() for each in items_of(team.get("staff"))]
        now = datetime.now(UTC)  # noqa: TID251  # a caseworker's own machine
        try:
            keyring = verify(
                entries_of(team),
                self._keys.notes["root"],
                now,
                organisation=self.organisation,
                seen=known_head(self._keys.notes),
                duty_certificates=certificates,
            )
        except RefusedError as refused:
            raise DeskError(
                "keyring.refused",
                f"The keyring of your organisation does not verify ({refused.code}): tell your lead, answer nobody.",
            ) from None
        head = f"{keyring.head.version}:{keyring.head.digest}"
        if self._keys.notes.get(HEAD) != head:
            self._note(**{HEAD: head})
        return keyring

    def _renew_keyring(self, team: Mapping[str, object], now: datetime) -> None:
        keyring = self._keyring(team)
        self.warning = self._checkpoint.compare(team, keyring.server_public, self.organisation)
        member = keyring.member(self._keys.identity.kid)
        if member is None or member.role != Role.LEAD or keyring.expires - now > _RENEW_EXPIRY:
            return
        entries = entries_of(team)
        entry = renew(entries, self._keys.identity, now=now)
        self._connection.call("POST", "/keyring", {"entry": entry.decode(), "expected": len(entries)})


def _unread_wishes(opened: OpenedCase) -> DeskError:
    wishes = "; ".join(shown(wish) for wish in opened.summary.wishes)
    return DeskError(
        "reply.wishes",
        f"This person said how to speak with them: {wishes}. Read it, then add --wishes-read to your first reply.",
    )
