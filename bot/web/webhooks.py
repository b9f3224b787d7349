"""What the messengers call. Signature first; then the turn is done whole; only then is the call answered.

A bad signature gets 403 and an empty body. After a valid one Telegram gets 5xx when the turn was not done, so that
it redelivers; WhatsApp always gets 200, because a 5xx copies number and text into the provider's debugger.
"""

from collections.abc import Awaitable, Callable

from bot.channels import whatsapp
from bot.channels.signatures import TwilioSignatures, same_secret
from bot.channels.telegram import Update, read_update
from bot.kernel.errors import RefusedError
from bot.kernel.messages import OutboundMessage
from bot.ports import Delivery
from bot.telemetry.logs import logger, place_of
from bot.telemetry.metrics import Metrics
from bot.usecases.take_turn import Answer
from bot.web.bodies import Receive, Scope, Send, answer, body_or_refusal, header

TakeTurn = Callable[[Delivery], Awaitable[Answer]]
TakeUpdate = Callable[[Update], Awaitable[bool]]

_SIGNATURE = b"x-twilio-signature"
_SECRET = b"x-telegram-bot-api-secret-token"
_XML = whatsapp.CONTENT_TYPE.encode()


class WhatsAppWebhook:
    """`POST /channels/whatsapp`: a signed Twilio form in, TwiML out. Without a token every call is refused."""

    def __init__(
        self,
        take_turn: TakeTurn,
        apology: Callable[[], OutboundMessage],
        *,
        signatures: TwilioSignatures | None,
        metrics: Metrics,
        test_mark: str | None = None,
    ) -> None:
        """`apology` is said when a turn could not be done; `test_mark` stands before every message of a demo."""
        self._take_turn = take_turn
        # Made now: when texts are what is broken, it still can be said.
        self._sorry = whatsapp.twiml(whatsapp.render(apology(), test_mark))
        self._signatures = signatures
        self._metrics = metrics
        self._test_mark = test_mark

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        if scope["method"] != "POST":
            await answer(send, 405, extra=[(b"allow", b"POST")])
            return
        body = await body_or_refusal(scope, receive, send)
        if body is None:
            return
        try:
            form = whatsapp.parse_form(body)
        except RefusedError:
            form = []
        query = scope["query_string"].decode("latin-1")
        if self._signatures is None or not self._signatures.valid(form, header(scope, _SIGNATURE), query):
            self._metrics.count("whatsapp", "refused")
            await answer(send, 403)
            return
        await answer(send, 200, await self._twiml(form), _XML)

    async def _twiml(self, form: whatsapp.Form) -> bytes:
        try:
            delivery = whatsapp.parse(form)
            said = (await self._take_turn(delivery)).message if delivery is not None else None
            return whatsapp.twiml(whatsapp.render(said, self._test_mark) if said is not None else ())
        except Exception as fault:  # noqa: BLE001  # the outer edge: nobody may be left without a word
            self._metrics.count("whatsapp", "failed")
            logger().error(
                "turn.failed", channel="whatsapp", kind=type(fault).__name__, place=place_of(fault)
            )
            return self._sorry


class TelegramWebhook:
    """`POST /channels/telegram`: an update with our secret in, 200 out once the turn was done and answered."""

    def __init__(self, take_update: TakeUpdate | None, *, secret: str, metrics: Metrics) -> None:
        """An empty secret refuses every call; so does a missing bot."""
        self._take_update = take_update
        self._secret = secret
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        if scope["method"] != "POST":
            await answer(send, 405, extra=[(b"allow", b"POST")])
            return
        if self._take_update is None or not same_secret(self._secret, header(scope, _SECRET)):
            self._metrics.count("telegram", "refused")
            await answer(send, 403)
            return
        body = await body_or_refusal(scope, receive, send)
        if body is None:
            return
        update = read_update(body)
        if update is None:  # not an update at all: asking for it again would bring the same
            await answer(send, 200)
            return
        await answer(send, 200 if await self._take_update(update) else 503)
