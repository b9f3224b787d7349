"""Whom a case may go to, as the person said: not to these, which space feels safe, whether a state body may be asked."""

from collections.abc import Collection
from typing import Final

from bot.directory.model import pick
from bot.directory.recipients import barred, may_be_asked_about
from bot.flow.exchange import Exchange
from bot.nlu.normalise import words_of

SPACE_SLOT: Final = "safe_space"
AGE_SLOT: Final = "age"
"""Shared slots that only choose the team and never leave by themselves (flows/shared.yaml)."""

_TELLING: Final = 5  # letters: a shorter first word of a name is any word


def not_for(ex: Exchange, agreed: Collection[str], *, kind: str | None = None) -> tuple[str, ...]:
    """Organisations that get no case from this person, whoever else could. `agreed`: state bodies that may.

    `kind` is the independent queue of a complaint, or empty for an ordinary case: who declined one of that kind is left out.
    """
    directory = ex.ready.library.directory
    declined = [organisation for of_kind, organisation in ex.declined_by if of_kind == kind]
    return (*ex.not_to, *declined, *barred(directory.organisations, directory.network, agreed=agreed))


def askable(ex: Exchange) -> tuple[str, ...]:
    """State bodies that the person may be asked about."""
    directory = ex.ready.library.directory
    return may_be_asked_about(directory.organisations, directory.network)


def safe_space(ex: Exchange) -> str:
    """Which space feels safe, in the person's own answer; empty when they did not say."""
    return str(ex.value(SPACE_SLOT) or "")


def exclude(ex: Exchange, *organisations: str) -> None:
    """Keep in mind, for this conversation, whom the person does not want."""
    ex.not_to = tuple(dict.fromkeys((*ex.not_to, *organisations)))


def leave_out(ex: Exchange, kind: str, organisation: str) -> None:
    """Ask this organisation no more for a case of this kind. It is not the person's wish, so it is told to nobody."""
    ex.declined_by = tuple(dict.fromkeys((*ex.declined_by, (kind, organisation))))


def agreed_states(ex: Exchange, queue: str) -> tuple[str, ...]:
    """State bodies that the person said yes to being asked about, for a case through this queue."""
    return tuple([organisation for of_queue, organisation in ex.state_ok if of_queue == queue])


def called(ex: Exchange, organisation: str) -> str:
    """The name of an organisation: of its keyring where it has one."""
    for each in ex.situation.staffing:
        if each.organisation == organisation:
            return each.name
    found = ex.ready.library.directory.organisations.get(organisation)
    return (pick(found.name, ex.language) or organisation) if found is not None else organisation


def complaint_takers(ex: Exchange) -> tuple[str, ...]:
    """Every organisation that takes complaints now, whoever has a case of this person: the list tells nothing of that."""
    network = ex.ready.library.directory.network
    queues = {name for name, queue in network.queues.items() if queue.independent}
    reachable = {each.organisation for each in ex.situation.staffing if each.keys}
    return tuple(
        each.organisation
        for each in network.members
        if each.organisation in reachable and not queues.isdisjoint(each.queues)
    )


def is_named(ex: Exchange, organisation: str, words: str) -> bool:
    """Whether the words of a complaint name this organisation, by its name or by how that begins.

    Only once in a conversation: who then asks for it all the same, with its name before them, gets it.
    """
    name = words_of(called(ex, organisation))
    first = name.partition(" ")[0]
    said = f" {words_of(words)} "
    if f" {name} " not in said and (len(first) < _TELLING or f" {first} " not in said):
        return False
    cell = f"named/{organisation}"
    if cell in ex.counted:
        return False
    ex.counted = (*ex.counted, cell)
    return True


def excluded_names(ex: Exchange) -> str:
    """Whom the person does not want, to read."""
    return ", ".join(called(ex, each) for each in ex.not_to)


def ask_state(ex: Exchange, organisation: str) -> None:
    """Only a state body could take it: ask about that by itself, before anything is shown or sent."""
    ex.trace.append("state")
    ex.say_with("engine/consent.state_ask", organisation=called(ex, organisation))
    ex.ask("state", "no", "yes", data=organisation)


def ask_no_other(ex: Exchange) -> None:
    """Nobody is left whom the person wants: say so, and what else there is."""
    ex.trace.append("no_other")
    ex.say_with("engine/consent.no_other", organisations=excluded_names(ex))
    ex.ask("no_other", "numbers", "again", "menu")
