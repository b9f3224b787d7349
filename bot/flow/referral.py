"""A second organisation, proposed by the people who have a case: asked for here, with the very words that would leave.

Nothing leaves without a yes, a no costs nothing, and the text that the yes is for is the consent of the second case.
"""

from functools import partial
from typing import Final

from bot.flow.consent import checksum, limits_of
from bot.flow.effects import Mail, Offered, OpenCase, RefuseReferral, Shared
from bot.flow.exchange import Exchange, named
from bot.flow.handing_off import say_queued
from bot.flow.recipients import not_for
from bot.flow.session import Asked
from bot.handoff.referral import ReferralState
from bot.handoff.retention import LONGEST_AFTER_CLOSE, LONGEST_ENVELOPE
from bot.handoff.routing import GENERAL, Reception, serves_queue, takes_new
from bot.i18n.languages import ENGLISH

CHOICES: Final = ("yes", "no", "later")
_PERSONAL: Final = "sogiesc"


def ask_next(ex: Exchange, mail: Mail, under: Asked | None, *, after: int = 0) -> bool:
    """Put the next question of this case; False when there is none. What cannot be asked any more is over, silently."""
    for offer in mail.offers:
        if offer.sequence <= after:
            continue
        found = _receiver(ex, offer)
        if found is None:
            ex.effects.append(RefuseReferral(offer.sequence, mail.case, possible=False))
            continue
        texts = _texts(ex, mail, offer)
        ex.trace.append("referral")
        ex.tell_all(partial(_texts, ex, mail, offer))
        ex.ask("referral", *CHOICES, data=f"{mail.case} {offer.sequence} {checksum(texts)}", under=under)
        return True
    return False


def answer(ex: Exchange, asked: Asked, name: str) -> bool:
    """Yes, no or later. True when every question of the case is settled and the conversation can go on."""
    case, sequence, agreed = asked.data.split(" ")
    mail = next((each for each in ex.situation.mails if each.case == case), None)
    offer = next((each for each in mail.offers if str(each.sequence) == sequence), None) if mail else None
    ex.asked = None
    if (sent := ex.situation.taken) is not None and name == "yes" and offer is None:
        ex.mails_asked = tuple([each for each in ex.mails_asked if each != case])
        _say_sent(ex, Reception(sent.organisation, sent.organisation_name, on_duty=sent.on_duty))
        return True  # this very yes opened it before we fell over
    if mail is None or offer is None:
        ex.say("engine/referred.gone")
        return True
    found = _receiver(ex, offer)
    if name == "later":
        ex.say("engine/mail.later_done")
        ex.not_now = True
        return True
    ex.mails_asked = tuple(
        [each for each in ex.mails_asked if each != case]
    )  # what comes next is offered anew
    if name == "no":
        ex.effects.append(RefuseReferral(offer.sequence, case))
        ex.trace.append("referral.no")
        ex.say("engine/consent.declined")
    elif found is None:
        ex.effects.append(RefuseReferral(offer.sequence, case, possible=False))
        ex.say("engine/referred.gone")
        ex.say("engine/consent.declined")
    elif str(checksum(_read(ex, mail, offer))) != agreed:
        return not ask_next(ex, mail, asked.under, after=offer.sequence - 1)
    else:
        _send(ex, mail, offer, found)
        return True  # one case a turn: another question comes with the next note
    return not ask_next(ex, mail, asked.under, after=offer.sequence)


def tell_news(ex: Exchange, mail: Mail) -> None:
    """How the referrals of a case stand, each in one plain sentence."""
    for each in mail.news:
        key = f"engine/referred.{each.state}"
        if each.state == ReferralState.DECLINED:
            reason = each.reason or "other"
            ex.tell(partial(_declined, ex, each.name, reason))
        else:
            ex.say_with(key, receiver=each.name)


def _declined(ex: Exchange, receiver: str, reason: str) -> str:
    why = ex.sentence(f"engine/referred.reason.{reason}")
    return f"{ex.sentence('engine/referred.declined', receiver=receiver)} {why}"


def _receiver(ex: Exchange, offer: Offered) -> Reception | None:
    """The organisation, if it can be asked now: takes new cases and the queue, has keys, and has no case of this person of any kind.

    That they have one there is never said: who holds the phone may not know, and the team that asks may not either.
    """
    network = ex.ready.library.directory.network
    queue = network.queues.get(offer.queue or GENERAL)
    if (
        queue is None
        or queue.independent
        or offer.organisation in not_for(ex, ())
        or any(each.organisation == offer.organisation for each in ex.situation.cases)
    ):
        return None
    member = next((each for each in network.members if each.organisation == offer.organisation), None)
    staffed = next((each for each in ex.situation.staffing if each.organisation == offer.organisation), None)
    if member is None or staffed is None or staffed.keys < 1 or not serves_queue(member, queue.id):
        return None
    if not takes_new(member, ex.situation.now.date()):
        return None
    return Reception(offer.organisation, staffed.name, on_duty=staffed.on_duty > 0)


def _is_for_them(ex: Exchange, organisation: str) -> bool:
    """Whether the network says that it is an organisation of or for LGBTIQ+ people."""
    members = ex.ready.library.directory.network.members
    return any(each.organisation == organisation and each.lgbtiq for each in members)


def _texts(ex: Exchange, mail: Mail, offer: Offered) -> list[str]:
    """The whole question, one idea a text: who asks whom, what leaves, how it is kept, that a no costs nothing."""
    names = {"organisation": mail.organisation_name, "receiver": offer.name}
    lines = [_field(ex, label, value) for label, value in _leaving(ex, mail, offer)]
    texts = [
        ex.sentence("engine/referral.ask", **names),
        "\n".join(f"- {line}" for line in lines),
        "\n".join(
            (
                ex.sentence("engine/referral.only"),
                ex.sentence("engine/consent.locked", organisation=offer.name),
                ex.sentence(
                    "engine/consent.retention", days=LONGEST_AFTER_CLOSE.days, longest=LONGEST_ENVELOPE.days
                ),
            )
        ),
    ]
    if any(name == _PERSONAL for name, _ in offer.fields) and not _is_for_them(ex, offer.organisation):
        texts.append(ex.sentence("engine/referral.personal", **names))
    texts.append(limits_of(ex, offer.organisation))
    texts.append(ex.sentence("engine/referral.free", **names))
    texts.append(ex.sentence("engine/referral.question"))
    return texts


def _read(ex: Exchange, mail: Mail, offer: Offered) -> list[str]:
    """The same, read and not said: whether any of it is in English makes no difference to what is said."""
    foreign = ex.foreign
    texts = _texts(ex, mail, offer)
    ex.foreign = foreign
    return texts


def _field(ex: Exchange, label: str, value: str) -> str:
    return ex.sentence("engine/consent.field", label=label, value=value)


def _leaving(ex: Exchange, mail: Mail, offer: Offered) -> list[tuple[str, str]]:
    """Labels and words of all that leaves, as the person reads them."""
    spoken = ex.ready.library.catalogue.languages.get(_language(ex, mail))
    header = [
        (ex.sentence("engine/referral.from"), mail.organisation_name),
        (ex.sentence("engine/summary.language"), spoken.name if spoken else _language(ex, mail)),
        (ex.sentence("engine/summary.topic"), _topic(ex, offer)),
    ]
    return [*header, *((ex.sentence(f"engine/referral.field.{name}"), value) for name, value in offer.fields)]


def _language(ex: Exchange, mail: Mail) -> str:
    """The language of the case that the question belongs to: the second team answers in it."""
    found = next((each.language for each in ex.situation.cases if each.id == mail.case), "")
    return found or ex.told_in or ex.language


def _topic(ex: Exchange, offer: Offered) -> str:
    queue = ex.ready.library.directory.network.queues.get(offer.queue or GENERAL)
    labels = queue.label if queue is not None else {}
    return labels.get(ex.language) or labels.get(ENGLISH) or offer.queue or GENERAL


def _send(ex: Exchange, mail: Mail, offer: Offered, found: Reception) -> None:
    queue = ex.ready.library.directory.network.queues.get(offer.queue or GENERAL)
    needs = queue.needs if queue is not None else ()
    words = ex.rendered_in_english(lambda: _leaving(ex, mail, offer))
    slots = ("from", "language", "topic", *(name for name, _ in offer.fields))
    kept = [Shared(slot, label, value) for slot, (label, value) in zip(slots, words, strict=True)]
    ex.effects.append(
        OpenCase(
            organisation=offer.organisation,
            queue=offer.queue,
            urgency="normal",
            language=_language(ex, mail),
            need=needs[0] if len(needs) == 1 else "",
            designation=ex.situation.designation,
            consent="\n\n".join(_read(ex, mail, offer)),
            shared=tuple(each for each in kept if each.slot not in ("language", "topic")),
            referred_from=mail.case,
            referred=offer.sequence,
            code_words=ex.situation.code_words,
        )
    )
    _say_sent(ex, found)


def _say_sent(ex: Exchange, found: Reception) -> None:
    designation = ex.situation.designation
    ex.trace.append("referral.sent")
    say_queued(ex, found, designation, ex.situation.code_words)
    ex.say("engine/case.apart")
    ex.opened = named(found.organisation, designation)
    ex.into = ""  # of several the person says anew whom they write to
    ex.gate_due = True
