"""The one type that can hold how a caseworker is rung: a mail address, or the chat with the bot for staff.

It is a caseworker's own data and never a person's; still nobody has to see it. Who may import this module is listed in the import
contracts of pyproject.toml. No text form exists by accident, and no serialiser accepts it.
"""

from typing import Literal, NoReturn, final

WayKind = Literal["email", "telegram"]

_SHOWN = "<staff address>"


@final
class StaffAddress:
    """Where one caseworker is rung. The value is had only by `unveil()`."""

    __slots__ = ("_kind", "_where")

    def __init_subclass__(cls) -> NoReturn:
        """Refuse kinds of addresses: one of them could learn to talk."""
        raise TypeError("there is one kind of staff address")

    def __init__(self, kind: WayKind, value: str) -> None:
        """Hold a mail address, or the number of a chat."""
        self._kind: WayKind = kind
        self._where = value

    @property
    def kind(self) -> WayKind:
        """Which way this is."""
        return self._kind

    def unveil(self) -> str:
        """The raw value, for who rings and for sealing only."""
        return self._where

    def __eq__(self, other: object) -> bool:
        """Whether both ring at the same place."""
        if not isinstance(other, StaffAddress):
            return NotImplemented
        return self._kind == other._kind and self._where == other._where

    def __hash__(self) -> int:
        """Hash for use in a set while ringing."""
        return hash((self._kind, self._where))

    def __repr__(self) -> str:
        """Say that there is an address, never which."""
        return _SHOWN

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        """Say that there is an address, never which."""
        return _SHOWN

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        """Refuse pickling and copying: both write the value down."""
        raise TypeError("a staff address is written down sealed only")

    def __getstate__(self) -> NoReturn:
        """Refuse every serialiser that asks for the state."""
        raise TypeError("a staff address is written down sealed only")
