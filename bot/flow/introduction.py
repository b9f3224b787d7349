"""A short text to show or read out at a service: the person's language and, if they choose so, what they need. Never who they are.

It is made in the turn that asks for it, and kept nowhere but in the chat itself.
"""

from collections.abc import Mapping
from functools import partial
from typing import Final

from bot.directory.card import language_name
from bot.directory.model import pick
from bot.flow.exchange import Exchange
from bot.flow.outcome import service_of
from bot.flow.speaking import slot_or_word
from bot.i18n.languages import ENGLISH

SAYS: Final = ("need", "private", "language")
"""What the text may say: the need; that and the wish to speak in private; the language alone."""


def ask_which(ex: Exchange) -> None:
    """For which of the services that were shown; only one needs no question."""
    known = [name for name in ex.services if service_of(ex, name) is not None]
    if len(known) == 1:
        ask_what(ex, known[0])
        return
    ex.say("engine/rate.which")
    ex.ask("show_which", *known, "none")


def ask_what(ex: Exchange, service: str) -> None:
    """What the text may say there."""
    ex.say("engine/show.ask")
    ex.ask("show", *SAYS, "skip", data=service)


def show(ex: Exchange, service: str, says: str) -> None:
    """The text in a language of the service, in English and in the person's own, so that they know what it says."""
    ex.say("engine/show.how")
    for language in _languages(ex, service):
        ex.tell(partial(_text, ex, language, ex.language, says))
    ex.say("engine/menu.offer")
    ex.ask("menu", "menu", "person")


def _languages(ex: Exchange, name: str) -> list[str]:
    """The first language of ours that somebody at the service speaks, English, and the person's; each once."""
    service = service_of(ex, name)
    spoken = [offer.code for offer in service.languages if offer.by == "staff"] if service is not None else []
    ours = [code for code in spoken if ex.ready.library.catalogue.languages.get(code) is not None]
    return list(dict.fromkeys((*ours[:1], ENGLISH, ex.language)))


def _text(ex: Exchange, language: str, spoken: str, says: str) -> str:
    """The text in `language`, about somebody who speaks `spoken`."""
    catalogue = ex.ready.library.catalogue
    spoken = language_name(spoken, language)
    lines = [catalogue.ui("engine/show.text.language", language, language=spoken)]
    need = _need(ex)
    if says in ("need", "private") and need is not None:
        lines.append(catalogue.ui("engine/show.text.need", language, need=pick(need, language)))
    if says == "private":
        lines.append(catalogue.ui("engine/show.text.private", language))
    return "\n".join(lines)


def _need(ex: Exchange) -> Mapping[str, str] | None:
    """What was looked for at the list below which the text was asked for, in each language."""
    spec = ex.step().step.match
    if spec is None:
        return None
    need = ex.ready.library.directory.taxonomy.needs.get(slot_or_word(ex, ex.flow(), spec.need))
    return need.label if need is not None else None
