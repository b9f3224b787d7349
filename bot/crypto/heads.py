"""How far each organisation's chains had come, kept in KEYS_DIR: who writes the database cannot turn them back."""

from collections.abc import Mapping
from pathlib import Path

from bot.crypto.derive import derive
from bot.crypto.keystore import locked, read_private, write_private
from bot.crypto.mac import MAC, row_mac, row_mac_ok
from bot.crypto.members import Head
from bot.crypto.wire import ORGANISATION, SHA256, canonical, read_canonical
from bot.kernel.errors import RefusedError, StartError

KEYRINGS = "keyring-heads"
"""The newest verified entry of each keyring."""

AUDIT_HEADS = "audit-heads"
"""The newest line seen of each audit chain: how many there were, and its hash."""

AUDIT_FLOORS = "audit-floors"
"""Where each audit chain may begin: how many lines we deleted ourselves, and the hash that the next one holds."""

LEDGER_HEADS = "directory-heads"
"""The newest verified line of the directory's ledger."""

_COMPARED = {
    LEDGER_HEADS: "the directory's history",
    KEYRINGS: "the keyrings",
    AUDIT_HEADS: "the audit chains",
    AUDIT_FLOORS: "the audit chains",
}
_LARGEST = 64 * 1024  # bytes


class KnownHeads:
    """One head an organisation, such as `keyring.verify` takes as `seen`. A head only ever moves forward."""

    def __init__(self, folder: Path, installation: bytes | None, name: str = KEYRINGS) -> None:
        """Take KEYS_DIR, the secret that the file is authenticated with, and the file's name: what it is for.

        Without the secret, while the keys are locked, heads are read as they stand and none is written.
        """
        self._folder = folder
        self._path = folder / name
        self._key = derive(installation, name) if installation is not None else None

    def unlock(self, installation: bytes) -> None:
        """From now on check what is read, and write."""
        self._key = derive(installation, self._path.name)

    def all(self) -> Mapping[str, Head]:
        """Every organisation's head.

        Raises:
            StartError: `keys.damaged` when the file was changed.
        """
        return self._load()

    def get(self, organisation: str) -> Head | None:
        """The newest head seen of this organisation.

        Raises:
            StartError: `keys.damaged` when the file was changed.
        """
        return self._load().get(organisation)

    def remember(self, organisation: str, head: Head) -> None:
        """Keep a verified head. An older one changes nothing.

        Raises:
            StartError: `keys.damaged`, `keys.unwritable`.
        """
        known = self._load().get(organisation)
        if self._key is None or (known and known.version >= head.version):
            return
        with locked(self._folder):
            heads = self._load()
            known = heads.get(organisation)
            if known is None or known.version < head.version:
                heads[organisation] = head
                self._write(heads)

    def forget(self, organisation: str) -> None:
        """Begin anew: another keyring under another pinned root, or a backup that was restored."""
        with locked(self._folder):
            heads = self._load()
            heads.pop(organisation, None)
            self._write(heads)

    def _load(self) -> dict[str, Head]:
        if not self._path.exists():
            return {}
        data = read_private(self._path)
        written, mac = data[:-MAC], data[-MAC:]
        try:
            return _parse(self._key, written, mac)
        except RefusedError:
            raise StartError(
                "keys.damaged",
                f"{self._path} is damaged: compare {_COMPARED[self._path.name]} with their organisations, then remove it.",
            ) from None

    def _write(self, heads: dict[str, Head]) -> None:
        if self._key is None:
            raise RefusedError("keys.locked")
        written = canonical(
            {name: {"digest": head.digest, "version": head.version} for name, head in heads.items()}
        )
        write_private(self._path, written + row_mac(self._key, [written]))


def _parse(key: bytes | None, written: bytes, mac: bytes) -> dict[str, Head]:
    if key is not None and not row_mac_ok(key, mac, [written]):
        raise RefusedError("heads.mac")
    fields = read_canonical(written, "heads", _LARGEST)
    heads = {}
    for organisation in fields.fields:
        if not ORGANISATION.fullmatch(organisation):
            fields.refuse()
        each = fields.inner(organisation)
        heads[organisation] = Head(each.integer("version", 1), each.text("digest", SHA256))
    return heads
