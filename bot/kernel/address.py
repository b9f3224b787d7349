"""The one type that can hold a raw channel address: a number, a chat id, a business-scoped id.

Who may import this module is listed in the import contracts of pyproject.toml. The value lives in
local variables of a request and in the return-route vault, and nowhere else: no text form of it exists
by accident, and no serialiser accepts it.
"""

from typing import NoReturn, final

from bot.kernel.messages import ChannelName

_SHOWN = "<address>"


@final
class Address:
    """Where a message came from and where its answer goes.

    Two addresses are equal when channel and canonical value are. The value is had only by `reveal()`,
    so that every place that uses it can be found by searching for that word.
    """

    __slots__ = ("_channel", "_value")

    def __init_subclass__(cls) -> NoReturn:
        """Refuse kinds of addresses: one of them could learn to talk."""
        raise TypeError("there is one kind of address")

    def __init__(self, channel: ChannelName, value: str) -> None:
        """Hold `value` in the channel's canonical form: `+381601234567`, `RS.1349...`, `77123`."""
        self._channel: ChannelName = channel
        self._value = value

    @property
    def channel(self) -> ChannelName:
        """The messenger this address belongs to."""
        return self._channel

    def reveal(self) -> str:
        """The raw value, for the provider's API and for key derivation only."""
        return self._value

    def __eq__(self, other: object) -> bool:
        """Whether both name the same person on the same channel."""
        if not isinstance(other, Address):
            return NotImplemented
        return self._channel == other._channel and self._value == other._value

    def __hash__(self) -> int:
        """Hash for use as a key of short-lived dicts in memory."""
        return hash((self._channel, self._value))

    def __repr__(self) -> str:
        """Say that there is an address, never which."""
        return _SHOWN

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        """Say that there is an address, never which."""
        return _SHOWN

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        """Refuse pickling and copying: both write the value down."""
        raise TypeError("an address is never written down")

    def __getstate__(self) -> NoReturn:
        """Refuse every serialiser that asks for the state."""
        raise TypeError("an address is never written down")
