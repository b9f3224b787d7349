"""What a change of a keyring would do, in plain lines for the second lead, before anything is signed."""

from collections.abc import Sequence

from bot.cli.connection import DeskError
from bot.cli.terminal import shown
from bot.crypto.chain import DOMAIN
from bot.crypto.documents import Document, read_document
from bot.crypto.keyring import Keyring, Role
from bot.crypto.signing import PUBLIC
from bot.crypto.wire import KEY_ID, ORGANISATION, Reader
from bot.crypto.words import fingerprint_words
from bot.kernel.errors import RefusedError
from bot.kernel.ids import KeyId

_SUBJECT = "keyring"


def told(entry: bytes, entries: Sequence[bytes], keyring: Keyring) -> Sequence[str]:
    """Lines that say who began this change and all that it does.

    `entries` make the verified `keyring`.

    Raises:
        DeskError: `keyring.file` for what is no change, or none that follows this keyring; `keyring.signature` when
            no lead of it signed.
    """
    try:
        document = read_document(entry, _SUBJECT)
        fields = document.fields
        follows = (
            fields.text("org", ORGANISATION) == keyring.organisation
            and fields.integer("number", 1) == len(entries) + 1
            and fields.fields.get("previous") == keyring.head.digest
        )
        lines = _lines(fields.inner("change"), keyring)
    except RefusedError:
        raise DeskError("keyring.file", "This file holds no change of a keyring.") from None
    if not follows:
        raise DeskError(
            "keyring.file",
            "This change does not fit the keyring as it is now: let the first lead make it again.",
        )
    return (
        f"{_first_lead(document, keyring)} began this change of {shown(keyring.organisation_name)}:",
        *lines,
    )


def _first_lead(document: Document, keyring: Keyring) -> str:
    for member in keyring.members:
        if member.role == Role.LEAD and member.kid in document.signatures:
            try:
                document.check(DOMAIN, member.identity_public, "keyring.signature")
            except RefusedError:
                continue
            return shown(member.alias)
    raise DeskError("keyring.signature", "No lead of your organisation signed this: do not sign it.")


def _lines(change: Reader, keyring: Keyring) -> Sequence[str]:
    kind = change.fields.get("kind")
    if kind == "add":
        words = fingerprint_words(change.data("member", PUBLIC))
        alias, role = shown(str(change.fields.get("alias"))), shown(str(change.fields.get("role")))
        return (
            f"    sign in     {alias}, as {role}",
            f"    their words {' '.join(words)}",
            "From then on cases are sealed to them. Call them yourself, on a number you know, and let them read",
            "their eight words to you. Do not write, and do not take the words from the first lead.",
        )
    if kind == "remove":
        member = keyring.member(KeyId(change.text("member", KEY_ID)))
        if member is None:
            change.refuse()
        return (
            f"    take out    {shown(member.alias)}, {member.role.value}",
            f"    their words {' '.join(member.words)}",
            "From then on no case is sealed to them.",
        )
    if kind == "rename":
        return (
            f"    new name    {shown(str(change.fields.get('name')))}",
            f"    old name    {shown(keyring.organisation_name)}",
            "People read this name in the consent before their words are sealed to you.",
        )
    if kind == "server":
        words = fingerprint_words(change.data("server", PUBLIC))
        return (
            f"    new server  {' '.join(words)}",
            "Only messages of this server are believed then. Let the operator read these eight words to you by voice.",
        )
    if kind == "renew":
        return ("    renew       nothing but its end, 90 days ahead",)
    raise RefusedError("keyring.change")
