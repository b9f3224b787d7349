"""Staff addresses sealed under a key of the server: a copy of the database alone rings nobody and names nobody."""

from typing import Final, get_args

from bot.crypto.derive import derive
from bot.crypto.keys import ServerKeys
from bot.crypto.vault import SessionSeal
from bot.kernel.errors import RefusedError
from bot.kernel.staff_address import StaffAddress, WayKind

_SIZE: Final = 320  # bytes that every address is padded to: its length says nothing


class WaySeal:
    """Seals and opens; raises StorageError `keys.locked` while the keys are."""

    __slots__ = ("_keys",)

    def __init__(self, keys: ServerKeys) -> None:
        """Take the server's keys, which may still be locked."""
        self._keys = keys

    def seal(self, address: StaffAddress, owner: str) -> bytes:
        """The address, sealed for one caseworker. Raises RefusedError `way.long`."""
        text = f"{address.kind}\n{address.unveil()}".encode()
        if len(text) > _SIZE:
            raise RefusedError("way.long", "This address is too long.")
        return self._seal().seal(text.ljust(_SIZE, b"\x00"), owner.encode())

    def open(self, sealed: bytes, owner: str) -> StaffAddress | None:
        """The address, or None when it is another caseworker's, or somebody else wrote it."""
        text = self._seal().open(sealed, owner.encode())
        if text is None:
            return None
        name, _, value = text.rstrip(b"\x00").decode().partition("\n")
        kinds: tuple[WayKind, ...] = get_args(WayKind)
        return next((StaffAddress(kind, value) for kind in kinds if kind == name), None)

    def _seal(self) -> SessionSeal:
        return SessionSeal(derive(self._keys.row_key, "staff/ways"), "way")
