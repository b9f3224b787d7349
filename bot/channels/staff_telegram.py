"""The bot for staff: another bot than the one that people write to. It says "The queue", and takes the code that links a chat.

Whoever else writes to it hears one sentence. It never sees a person's address: they have no way to it.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from bot.channels.telegram import Update
from bot.kernel.address import Address
from bot.kernel.errors import SendError, StartError
from bot.kernel.messages import OutboundMessage
from bot.kernel.staff_address import StaffAddress

if TYPE_CHECKING:
    from bot.channels.telegram_api import TelegramChannel  # with its library, which not every server needs

NOTICE: Final = "The queue"
LINKED: Final = "This chat rings from now on. It never says more than: The queue"
NOT_LINKED: Final = "Write the code that your console shows. It can be used once, for ten minutes."

Link = Callable[[str, StaffAddress], Awaitable[bool]]
"""Whether a text is a code that links this chat."""


class TelegramBell:
    """Rings chats with the bot for staff."""

    def __init__(self, bot: "TelegramChannel") -> None:
        """Take the bot, which is no channel of persons."""
        self._bot = bot

    async def ring(self, where: StaffAddress) -> None:
        """Say that somebody waits. Raises SendError."""
        if where.kind != "telegram":
            raise SendError("telegram.wrong_way")
        await self.say(Address("telegram", where.unveil()), NOTICE)

    async def say(self, chat: Address, text: str) -> None:
        """One line of ours, and nothing under it. Raises SendError."""
        refused = False
        try:
            await self._bot.send(chat, OutboundMessage((text,)))
        except StartError:  # the token: nobody's chat is to blame
            refused = True
        if refused:
            raise SendError("telegram.token")


class LinkChats:
    """Takes what is written to the bot for staff."""

    def __init__(self, bot: "TelegramChannel", bell: TelegramBell, link: Link) -> None:
        """Take the bot, what speaks for it, and what knows codes."""
        self._bot = bot
        self._bell = bell
        self._link = link

    async def take(self, update: Update) -> bool:
        """Do one update; True when it is done. Raises what went wrong, for the polling loop to decide."""
        if update.group is not None:
            await self._bot.leave(update.group)
        if update.delivery is None:
            return True
        chat = update.delivery.address
        linked = await self._link(update.delivery.message.text, StaffAddress("telegram", chat.reveal()))
        await self._bell.say(chat, LINKED if linked else NOT_LINKED)
        return True
