"""How it was at a service: said in one tap by who wants to, never asked for."""

from typing import Final

from bot.directory.model import Service, pick
from bot.directory.trust import OUTCOMES, Outcome
from bot.flow.effects import RateService
from bot.flow.exchange import Exchange

MOST_SHOWN: Final = 5
"""Of how many of the services that were shown last somebody can tell."""

_SKIP: Final = "skip"


def note_shown(ex: Exchange, service: str) -> None:
    """A service was shown in this conversation."""
    if service not in ex.services:
        ex.services = (*ex.services, service)[-MOST_SHOWN:]


def ask_which(ex: Exchange) -> None:
    """Of which of the services that were shown; only one needs no question."""
    known = [name for name in ex.services if service_of(ex, name) is not None]
    if len(known) == 1:
        ask_how(ex, known[0])
        return
    ex.say("engine/rate.which")
    ex.ask("rate_which", *known, "none")


def ask_how(ex: Exchange, service: str) -> None:
    """How it was there. Nothing is typed, so nothing can be said that names somebody."""
    ex.tell(lambda: ex.sentence("engine/rate.ask", service=name_of(ex, service)))
    ex.ask("rate", *OUTCOMES, _SKIP, data=service)


def take(ex: Exchange, service: str, name: str) -> None:
    """Have it counted, once for a service and conversation; where it was not safe, a person is offered."""
    for outcome in OUTCOMES:
        if outcome == name:
            _count(ex, service, outcome)
    ex.say("engine/menu.offer")
    ex.ask("menu", "menu", "person")


def _count(ex: Exchange, service: str, outcome: Outcome) -> None:
    ex.count_once(f"rate/{service}", RateService(service, outcome))
    ex.say("engine/rate.not_safe.then" if outcome == "not_safe" else "engine/rate.thanks")


def service_of(ex: Exchange, name: str) -> Service | None:
    """The service that `organisation/service` names in this release."""
    organisation, _, wanted = name.partition("/")
    found = (ex.situation.directory or ex.ready.library.directory).organisations.get(organisation)
    return next((each for each in found.services if each.id == wanted), None) if found else None


def name_of(ex: Exchange, name: str) -> str:
    """What a service is called, in the person's language where it has such a name."""
    found = service_of(ex, name)
    return (pick(found.name, ex.language) or found.id) if found is not None else name
