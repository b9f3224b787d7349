"""One Telegram update and all it causes, the same for polling and webhook: done, answered, then acknowledged."""

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Protocol

from bot.channels.telegram import Update
from bot.kernel.address import Address
from bot.kernel.errors import FenerError, SendError
from bot.kernel.messages import OutboundMessage
from bot.ports import Delivery
from bot.telemetry.logs import logger, place_of
from bot.usecases.take_turn import Answer

if TYPE_CHECKING:
    from bot.channels.telegram_api import TelegramChannel  # with its library, which not every server needs


class Turns(Protocol):
    """What the inbox needs of TakeTurn."""

    async def __call__(self, delivery: Delivery) -> Answer:
        """The answer to one message."""
        ...

    def apology(self) -> OutboundMessage:
        """What is said when a turn could not be done."""
        ...

    async def sent(self, address: Address, ids: tuple[int, ...]) -> None:
        """Remember message ids of this chat in memory."""
        ...

    async def left(self, address: Address) -> None:
        """The person blocked the bot or deleted the chat."""
        ...


class TelegramInbox:
    """Takes updates one at a time for each person; answers whether an update may be acknowledged."""

    def __init__(self, turns: Turns, channel: "TelegramChannel") -> None:
        """Take the turns and the bot that answers."""
        self._turns = turns
        self._channel = channel

    async def take(self, update: Update) -> bool:
        """Do one update. Raises what went wrong, for the polling loop to decide."""
        if update.group is not None:
            await self._quietly(self._channel.leave(update.group))
        if update.left is not None:
            await self._turns.left(update.left)
        if update.query:
            await self._quietly(self._channel.answer(update.query))
        if update.delivery is None:
            return True
        answer = await self._turns(update.delivery)
        return answer.message is None or await self._say(update, answer.message)

    async def take_or_log(self, update: Update) -> bool:
        """Do one update of a webhook; False asks Telegram to bring it again."""
        try:
            return await self.take(update)
        except Exception as fault:  # noqa: BLE001  # the outer edge: Telegram redelivers what was not done
            kind = fault.code if isinstance(fault, FenerError) else type(fault).__name__
            logger().error("turn.failed", channel="telegram", kind=kind, place=place_of(fault))
            return False

    async def apologise(self, update: Update) -> None:
        """Ask the person to send again what was given up."""
        if update.delivery is not None:
            await self._apologised(update.delivery.address)

    async def _apologised(self, address: Address) -> None:
        await self._channel.send(address, self._turns.apology())

    async def _say(self, update: Update, message: OutboundMessage) -> bool:
        if update.delivery is None:
            return True
        address = update.delivery.address
        try:
            ids = await self._channel.send(address, message)
        except SendError as fault:
            logger().warning("send.failed", channel="telegram", reason=fault.code, retryable=fault.retryable)
            if fault.gone:
                await self._turns.left(address)
                return True
            if fault.retryable:
                raise
            await self._quietly(self._apologised(address))  # plain words may go through where these did not
            return True
        own = (update.message,) if update.message else ()
        await self._turns.sent(address, (*own, *ids))
        return True

    async def _quietly(self, call: Awaitable[None]) -> None:
        try:
            await call
        except SendError as fault:
            logger().warning("send.failed", channel="telegram", reason=fault.code, retryable=fault.retryable)
