"""Vendor numbers as data, each with the page it was read on and when."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one message of a channel may hold. `text` counts UTF-16 units, the strictest way to count."""

    text: int
    buttons: int = 0
    row: int = 0
    label: int = 0


TELEGRAM = Limits(
    text=4096,  # <https://core.telegram.org/bots/api#sendmessage>, read 2026-11
    buttons=100,  # on one keyboard; <https://limits.tginfo.me/en>, read 2026-11
    row=8,  # buttons side by side; the same page
    label=40,  # ours: about what one line of a small phone shows; longer labels are printed in the message
)

WHATSAPP = Limits(
    text=1600,  # error 21617; <https://www.twilio.com/docs/api/errors/21617>, read 2026-11
    # No buttons: numbered text needs no stored number to send to, and works on every phone.
)

PAYLOAD_BYTES = 64
"""Of a button; callback_data, <https://core.telegram.org/bots/api#inlinekeyboardbutton>, read 2026-11."""

TELEGRAM_DELETE = 100
"""Ids in one deleteMessages call; <https://core.telegram.org/bots/api#deletemessages>, read 2026-11."""

TELEGRAM_BATCH = 100
"""Updates in one getUpdates answer; <https://core.telegram.org/bots/api#getupdates>, read 2026-11."""

INBOUND_TEXT = 8192
"""Characters of a person's message that we take; both messengers allow 4096, so only nonsense is cut."""
