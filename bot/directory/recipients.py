"""Who may receive a case by what it is: never a consulate, a state body only where the person agreed to that by itself."""

import re
from collections.abc import Collection, Mapping
from typing import Final

from bot.directory.model import Network, Organisation

CONSULATE: Final = "consulate"
STATE_BODIES: Final = frozenset({"state", "referral mechanism"})

_CALLED_SO: Final = re.compile(
    r"\b(embass(y|ies)|consulates?|ambassades?|consulats?|embajadas?|consulados?|embaixadas?|ambasad\w*|konzulat\w*"
    r"|b[uü]y[uü]kel[cç]ili[gğ]i|konsoloslu[gğ]u|посольств\w*|консульств\w*)\b|سفارة|قنصلية|سفارت|قونصل|کنسولگری|سفارتخانه",
    re.IGNORECASE,
)
"""What consulates and embassies call themselves in the languages of the network: whoever writes another kind is not believed."""


def represents_a_state(organisation: Organisation) -> bool:
    """Whether it is a consulate or an embassy of any country, by its kind or by its name."""
    return organisation.kind == CONSULATE or any(map(_CALLED_SO.search, organisation.name.values()))


def is_state_body(organisation: Organisation) -> bool:
    """Whether it is an office of a state, or a state's referral mechanism."""
    return organisation.kind in STATE_BODIES


def barred(
    organisations: Mapping[str, Organisation], network: Network, *, agreed: Collection[str]
) -> frozenset[str]:
    """Members that get no case from this person. `agreed` are state bodies that they said yes to, each by itself."""
    found = set()
    for member in network.members:
        organisation = organisations.get(member.organisation)
        if organisation is None:
            continue
        asked = member.separate_consent and member.organisation in agreed
        if represents_a_state(organisation) or (is_state_body(organisation) and not asked):
            found.add(member.organisation)
    return frozenset(found)


def may_be_asked_about(organisations: Mapping[str, Organisation], network: Network) -> tuple[str, ...]:
    """State bodies that people may be asked about, in file order."""
    return tuple(
        member.organisation
        for member in network.members
        if member.separate_consent
        and (organisation := organisations.get(member.organisation)) is not None
        and is_state_body(organisation)
        and not represents_a_state(organisation)
    )
