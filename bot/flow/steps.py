"""Walking from step to step until something waits for the person: say, set, match, call, go, end, next."""

from bot.flow import code_words, consent, handing_off
from bot.flow.definition import END, Avoid, Branch, Report
from bot.flow.effects import FlagService
from bot.flow.exchange import MAX_STEPS, Exchange, LostError
from bot.flow.prepared import PreparedStep
from bot.flow.recipients import complaint_takers, exclude
from bot.flow.session import Frame
from bot.flow.speaking import offer_wider, say_services, speak


def run(ex: Exchange) -> None:
    """Go on from the running step until the conversation waits for an answer or is at its end."""
    while ex.asked is None:
        if not ex.frames:
            offer_menu(ex)
            return
        if ex.frames[-1].phase != "new":
            return
        ex.steps += 1
        if ex.steps > MAX_STEPS:
            raise LostError
        flow = ex.flow()
        if flow.permission and flow.flow.id not in ex.permitted:
            consent.ask_permission(ex)
            return
        prepared = ex.step()
        if prepared.step.handoff is not None and ex.top.agreed is None:
            consent.ask_consent(ex, prepared)
            continue
        _perform(ex, prepared)


def _perform(ex: Exchange, prepared: PreparedStep) -> None:
    step = prepared.step
    ex.passed.append(prepared.key)
    if step.report is not None or step.avoid is not None:
        _ask_to_name(ex, prepared)
        return
    if step.match is None:
        before = len(ex.texts)
        _tell(ex, prepared)
        if len(ex.texts) > before or prepared.waits:
            ex.trace.append(prepared.key)
    if step.sets:
        for slot, expression in step.sets:
            ex.keep(slot, expression.evaluate(ex.value))
    if step.match is not None:
        if say_services(ex, prepared):
            ex.trace.append(prepared.key)
        else:
            ex.trace.append(f"{prepared.key}.empty")
            if step.match.if_none is not None:
                follow(ex, step.match.if_none)
                return
            ex.say("engine/empty")
    if prepared.waits and not (step.ask is not None and _already_given(ex, prepared)):
        top = ex.frames[-1]
        ex.frames[-1] = Frame(top.flow, top.step, "", top.slots, top.result, top.shown, top.agreed)
        ex.clear_question()
        offer_wider(ex)
        return
    leave_step(ex, prepared)


def look_wider(ex: Exchange, name: str) -> None:
    """Go to the step that found too little and look again without the filter `name`, which the person lets go of."""
    wider = ex.wider
    if wider is None:
        raise LostError
    top = ex.top
    shown = {key: count for key, count in top.shown.items() if key.partition("=")[0] != wider.step}
    shown[f"{wider.step}={name}"] = 0
    ex.frames[-1] = Frame(top.flow, wider.step, "new", top.slots, top.result, shown)
    run(ex)


def _tell(ex: Exchange, prepared: PreparedStep) -> None:
    """The code words, where the step tells them, and its own texts."""
    if prepared.step.tells_words:
        code_words.tell(ex)
    speak(ex, prepared)


def _ask_to_name(ex: Exchange, prepared: PreparedStep) -> None:
    """Ask for a service or an organisation by name."""
    if prepared.step.report is not None:
        _ask_which(ex, prepared, prepared.step.report)
    elif prepared.step.avoid is not None:
        _ask_whom_to_avoid(ex, prepared, prepared.step.avoid)


def _ask_which(ex: Exchange, prepared: PreparedStep, report: Report) -> None:
    """Ask which of the services shown it is about; the step stays new, so that it asks again after an interruption."""
    if not ex.seen:
        ex.trace.append(f"{prepared.key}.empty")
        follow(ex, report.if_none)
        return
    speak(ex, prepared)
    ex.trace.append(prepared.key)
    ex.ask("report", *ex.seen, "none")


def take_report(ex: Exchange, name: str) -> None:
    """The answer to which service it is about: note it, or go on as where there is none."""
    ex.asked = None
    prepared = ex.step()
    report = prepared.step.report
    if report is None or name == "none" or not ex.situation.may_report:
        if name != "none":
            ex.say("engine/report.full")
        follow(ex, report.if_none if report is not None else END)
    else:
        ex.effects.append(FlagService(name))
        leave_step(ex, prepared)
    run(ex)


def _ask_whom_to_avoid(ex: Exchange, prepared: PreparedStep, avoid: Avoid) -> None:
    """Ask which organisation a complaint must not go to; the step stays new, as where a service is reported."""
    takers = complaint_takers(ex)
    if not takers:
        ex.trace.append(f"{prepared.key}.empty")
        follow(ex, avoid.if_none)
        return
    speak(ex, prepared)
    ex.trace.append(prepared.key)
    ex.ask("avoid", "none", *takers)


def take_avoided(ex: Exchange, name: str) -> None:
    """The answer to whom a complaint must not go to: kept for this conversation."""
    ex.asked = None
    prepared = ex.step()
    if name != "none":
        exclude(ex, name)
        ex.remember_place()
        leave_step(ex, prepared)
    else:
        avoid = prepared.step.avoid
        follow(ex, avoid.if_none if avoid is not None else END)
    run(ex)


def _already_given(ex: Exchange, prepared: PreparedStep) -> bool:
    """Whether the words for a handoff were written before what leaves had to be shown once more."""
    step = prepared.step
    return (
        step.handoff is not None and prepared.slot == "sealed text" and ex.value(step.ask or "") is not None
    )


def leave_step(ex: Exchange, prepared: PreparedStep, go: str | None = None) -> None:
    """Go on after a step and its answer: hand off, then call, go, end or next. `go` is a choice's own target."""
    step = prepared.step
    if go is not None:
        follow(ex, go)
        return
    if step.handoff is not None:
        if not handing_off.hand_off(ex, prepared):
            return
        if step.handoff.if_closed is not None and ex.off_duty:
            ex.off_duty = False
            follow(ex, step.handoff.if_closed)
            return
    if step.call is not None:
        ex.move(step.name, "call")
        ex.enter(step.call)
    elif step.go is not None:
        ex.jump(step.go)
    elif step.end is not None:
        end_flow(ex, step.end)
    else:
        follow(ex, _branch(ex, step.next))


def _branch(ex: Exchange, branches: tuple[Branch, ...]) -> str:
    for branch in branches:
        if branch.condition is None or branch.condition.evaluate(ex.value):
            return branch.target
    return END


def follow(ex: Exchange, target: str) -> None:
    """Put the running flow at `target`, or end it."""
    if target == END:
        end_flow(ex, "")
        return
    top = ex.top
    ex.frames[-1] = Frame(top.flow, target, "new", top.slots, top.result, top.shown)


def end_flow(ex: Exchange, word: str) -> None:
    """End the running flow with a word; the caller goes on, an interrupted question is asked again."""
    ended = ex.frames.pop()
    if ended.flow == ex.ready.library.entries.get("erase"):
        ex.trace.append(f"{ended.flow}/{ended.step}.erase")
        ex.say("engine/erase.ask")
        ex.ask("erase", "yes", "no")
        return
    if not ex.frames:
        ex.trace.append(f"{ended.flow}/{ended.step}.menu")
        return
    resume(ex, word)


def resume(ex: Exchange, word: str = "") -> None:
    """Go on below a flow that ended with `word`, or below an engine question that is answered."""
    ex.asked = None
    if not ex.frames or ex.frames[-1].phase != "call":
        ex.forget_visit()
        ask_again(ex)
        return
    caller = ex.frames[-1]
    ex.frames[-1] = Frame(caller.flow, caller.step, "", caller.slots, word, caller.shown)
    follow(ex, _branch(ex, ex.step().step.next))


def offer_menu(ex: Exchange) -> None:
    """The end of the outermost flow: how answers should arrive if a case was opened, else what now."""
    ex.clear_question()
    ex.trace.append("menu")
    if ex.gate_due:
        handing_off.ask_gate(ex)
        return
    ex.say("engine/menu.offer")
    ex.ask("menu", "menu", "person")


def ask_again(ex: Exchange) -> None:
    """Say the waiting question once more, without doing again what its step does."""
    ex.asked = None
    if not ex.frames:
        offer_menu(ex)
        return
    phase = ex.top.phase
    if phase in ("new", "call"):
        if phase == "call":
            ex.move(ex.top.step, "new")
        run(ex)
    elif phase == "permission":
        consent.ask_permission(ex)
    elif phase == "consent":
        top = ex.top
        ex.frames[-1] = Frame(top.flow, top.step, "new", top.slots, top.result, top.shown)
        run(ex)
    else:
        prepared = ex.step()
        ex.trace.append(prepared.key)
        if prepared.step.match is None:
            _tell(ex, prepared)
        elif not say_services(ex, prepared, again=True):
            ex.say("engine/empty")
        if prepared.step.match is not None:
            offer_wider(ex)
