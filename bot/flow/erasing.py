"""Erasing: the wish goes out, and what is said comes from what really went."""

from bot.flow.effects import ForgetPerson, Forgotten
from bot.flow.exchange import Exchange


def erase(ex: Exchange) -> None:
    """Ask the outside to forget the person. What went is said when it is known (`tell_forgotten`)."""
    ex.trace.append("erased")
    ex.effects.append(ForgetPerson())
    ex.say("engine/erase.done")
    ex.ended = True
    ex.bare = True


def tell_forgotten(ex: Exchange, done: Forgotten) -> None:
    """What went, what could not, and what remains: counts only, no organisation and no need.

    Where no case may be spoken of, the sentence about cases is the same for somebody who has one and for somebody who
    has none: whoever holds this telephone does not learn it by erasing.
    """
    ex.trace.append("erased")
    ex.say("engine/erase.done")
    ex.say("engine/erase.place")
    if not ex.situation.answers_can_come:
        ex.say("engine/erase.locked")
    elif ex.tells_all and (done.deleted or done.untied):
        _tell_cases(ex, done)
    else:
        ex.say("engine/erase.if_any")
    channel = ex.message.channel if ex.message is not None else "simulator"
    if channel == "telegram":
        _tell_messages(ex, done)
    elif channel == "whatsapp":
        ex.say("engine/erase.whatsapp")
    ex.say("engine/erase.remains")
    if channel in ("telegram", "whatsapp"):
        ex.say(f"engine/erase.clear.{channel}")
    ex.ended = True
    ex.bare = True


def _tell_cases(ex: Exchange, done: Forgotten) -> None:
    if done.deleted:
        ex.say_with("engine/erase.requests_deleted", count=done.deleted)
    if done.untied:
        ex.say_with("engine/erase.requests_untied", count=done.untied)
        if done.told:
            ex.say("engine/erase.asked")
        if done.told < done.untied:
            ex.say("engine/erase.not_told")
        ex.say("engine/erase.helper")
    if done.answers:
        ex.say_with("engine/erase.answers", count=done.answers)


def _tell_messages(ex: Exchange, done: Forgotten) -> None:
    """What became of our messages in an app that lets us delete them."""
    if done.broke:
        ex.say("engine/erase.broke")
    elif done.messages:
        ex.say_with("engine/erase.messages", gone=done.gone, count=done.messages)
        if done.gone < done.messages:
            ex.say("engine/erase.refused")
    ex.say("engine/erase.older")
