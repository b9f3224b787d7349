"""The same reply as lines of a terminal, for `fener chat` and `/try/`."""

from bot.channels.rendering import clean, footer_line, option_lines
from bot.kernel.messages import OutboundMessage


def lines(reply: OutboundMessage, test_mark: str | None = None) -> list[str]:
    """Each line of the reply; options as `  1 Label`, the footer as one line. Blank lines between ideas are kept."""
    texts = [text for text in (clean(text).strip() for text in reply.texts) if text]
    shown = [clean(test_mark)] if test_mark else []
    for number, text in enumerate(texts):
        if number:
            shown.append("")
        shown += text.split("\n")
    shown += [f"  {line}" for line in option_lines(reply.options, numbered=reply.numbered)]
    footer = footer_line(reply.footer, numbered=reply.numbered)
    return [*shown, footer] if footer else shown
