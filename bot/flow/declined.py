"""An organisation cannot take a case: the person hears it, and is asked before anything goes to another one.

The server holds no copy of their words that it could pass on. They may say them again, or leave them out.
"""

from bot.flow.consent import handoff_of, receiver
from bot.flow.effects import Mail, MailRead
from bot.flow.exchange import Exchange
from bot.flow.recipients import askable, exclude, leave_out
from bot.flow.session import Asked, Carried, Frame
from bot.flow.steps import run
from bot.handoff.routing import Reception


def tell(ex: Exchange, mail: Mail, under: Asked | None) -> None:
    """Say that it was declined, and ask about the next organisation that fits; where there is none, say that.

    The note stays until this question is answered: who goes away before is asked again.
    """
    exclude(ex, *mail.excluded)
    _carry(ex, mail)
    ex.trace.append("declined")
    ex.say_with("engine/declined.told", organisation=mail.organisation_name)
    found = next_one(ex, mail.declined)
    if found is None:
        ex.trace.append("declined.none")
        ex.say("engine/declined.none")
        ex.ask("declined", "numbers", "later", data=f"{mail.case}\n{mail.declined}", under=under)
        return
    ex.say_with("engine/declined.ask", organisation=found.name)
    ex.ask("declined", "yes", "numbers", "later", data=f"{mail.case}\n{mail.declined}", under=under)


def _carry(ex: Exchange, mail: Mail) -> None:
    """What the next request of this kind keeps of the declined one: not to them, as quiet, no less urgent.

    Of several that were declined the quietest counts, and each queue keeps its own urgency.
    """
    listed = ex.ready.library.directory.network.queues.get(mail.declined)
    kind = mail.declined if listed is not None and listed.independent else ""
    leave_out(ex, kind, mail.organisation)
    carry(ex, Carried(kind, mail.declined, mail.urgency, mail.discreet, mail.check_word))


def carry(ex: Exchange, new: Carried) -> None:
    """Let the next request of this kind and queue be as urgent, and as quiet as this one or any before it."""
    before = [each for each in ex.carried if each.complaint == new.complaint]
    discreet = new.discreet or any(each.discreet for each in before)
    word = new.check_word or next((each.check_word for each in reversed(before) if each.check_word), "")
    rest = [
        each for each in ex.carried if each.complaint != new.complaint or each.queue not in ("", new.queue)
    ]
    ex.carried = (*rest, Carried(new.complaint, new.queue, new.urgency, discreet, word))


def take_yes(ex: Exchange, asked: Asked) -> None:
    """Begin the same handoff anew: the consent names the next organisation."""
    begin_anew(ex, settle(ex, asked))


def begin_anew(ex: Exchange, queue: str) -> None:
    """Go to the step that hands over to this queue: it asks for consent, by name, and sends nothing before."""
    frame = _frame_for(ex, queue)
    ex.asked = None
    ex.remember_place()
    ex.clear_question()
    if frame is not None:
        ex.frames[:] = [frame]
    run(ex)


def settle(ex: Exchange, asked: Asked) -> str:
    """The person has heard it: the note goes. The queue that the case was in."""
    case, _, queue = asked.data.partition("\n")
    ex.effects.append(MailRead(case))
    return queue


def next_one(ex: Exchange, queue: str) -> Reception | None:
    """Who would be asked next, by what is still remembered."""
    frame = _frame_for(ex, queue)
    if frame is None:
        return None
    ex.frames.append(frame)
    handoff = handoff_of(ex.step())
    found = receiver(ex, handoff) or receiver(ex, handoff, agreed=askable(ex))
    ex.frames.pop()
    return found


def _frame_for(ex: Exchange, queue: str) -> Frame | None:
    """The step that hands over to this queue: of the entry for a person, else of the first flow that has one.

    No answer is filled in: what was not said here is neither shown nor sent.
    """
    entry = ex.ready.entry("person")
    for flow in (*([entry] if entry is not None else []), *ex.ready.flows.values()):
        for name, prepared in flow.steps.items():
            if prepared.step.handoff is not None and prepared.step.handoff.queue == queue:
                return Frame(flow.flow.id, name, "new")
    return None
