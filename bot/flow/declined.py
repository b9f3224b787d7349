"""An organisation cannot take a case: the person hears it, and is asked before anything goes to another one.

The server holds no copy of their words that it could pass on. What the conversation still remembers is filled in; the
rest they may say again, or leave out.
"""

from bot.flow.consent import handoff_of, receiver
from bot.flow.definition import Value
from bot.flow.effects import Mail, MailRead
from bot.flow.exchange import Exchange
from bot.flow.prepared import PreparedFlow
from bot.flow.recipients import askable, exclude
from bot.flow.session import Asked, Frame
from bot.flow.steps import run
from bot.handoff.routing import Reception


def tell(ex: Exchange, mail: Mail, under: Asked | None) -> None:
    """Say that it was declined, and ask about the next organisation that fits; where there is none, say that.

    The note stays until this question is answered: who goes away before is asked again.
    """
    exclude(ex, mail.organisation, *mail.excluded)
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
    """The step that hands over to this queue: of the entry for a person, else of the first flow that has one."""
    entry = ex.ready.entry("person")
    for flow in (*([entry] if entry is not None else []), *ex.ready.flows.values()):
        for name, prepared in flow.steps.items():
            if prepared.step.handoff is not None and prepared.step.handoff.queue == queue:
                return Frame(flow.flow.id, name, "new", _answers_before(flow, name))
    return None


def _answers_before(flow: PreparedFlow, target: str) -> dict[str, Value]:
    """The choice that leads to a step, as if it had been tapped: what it is about needs no question again."""
    for prepared in flow.steps.values():
        step = prepared.step
        for choice in step.choices:
            if choice.go == target and step.ask is not None and prepared.slot == "choice":
                return {step.ask: choice.name} if step.ask in flow.flow.remember else {}
    return {}
