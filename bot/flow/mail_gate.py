"""Answers that wait: nothing is shown before the person says that now is a good time."""

from typing import Final

from bot.flow import declined, referral
from bot.flow.effects import CheckWordTried, Mail, MailDeleted, MailRead
from bot.flow.exchange import Exchange
from bot.flow.session import Asked
from bot.flow.steps import ask_again
from bot.nlu.normalise import fold

CHECK_WORD_TRIES: Final = 3

SPOILT: Final = "case.spoilt"
"""In the trace of a turn in which the person was told."""


def is_due(ex: Exchange) -> bool:
    """Whether a waiting note has to be offered before anything else."""
    return _due(ex) is not None


def _due(ex: Exchange) -> Mail | None:
    """The next note to offer unasked. Notes of several cases come one after the other, each by its own question."""
    mails = ex.situation.mails
    if ex.asked is not None and ex.asked.kind in ("mail", "mail_word", "referral", "declined"):
        return None  # another one is being settled
    if ex.mails_asked:  # what is gone since may be offered anew when another comes
        ex.mails_asked = tuple([mail.case for mail in mails if mail.case in ex.mails_asked])
    for mail in mails:
        if not (mail.case in ex.mails_asked or mail.discreet or mail.already_shown or _is_closed(ex, mail)):
            return mail
    return None


def _at_hand(ex: Exchange) -> Mail | None:
    """The notes that the question at hand is about."""
    return next((mail for mail in ex.situation.mails if mail.case == ex.mail_at), None)


def _looked_for(ex: Exchange) -> Mail | None:
    """The notes that `note` opens: of several first those not offered yet, then each in turn."""
    mails = ex.situation.mails
    fresh = [mail for mail in mails if mail.case not in ex.mails_asked]
    if fresh or not mails:
        return fresh[0] if fresh else None
    at = next((number for number, mail in enumerate(mails) if mail.case == ex.mail_at), -1)
    return mails[(at + 1) % len(mails)]


def ask_time(ex: Exchange, under: Asked | None = None) -> None:
    """Offer the note that is due, else the one asked about last. `under` comes back after it."""
    _offer(ex, _due(ex) or _at_hand(ex), under)


def _offer(ex: Exchange, mail: Mail | None, under: Asked | None = None) -> None:
    """Say that there is a note, and nothing more, not even of whom; ask whether now is a good time."""
    if mail is not None:
        if mail.case != ex.mail_at:
            ex.word_tries = 0
        ex.mail_at = mail.case
        ex.mails_asked = tuple(dict.fromkeys((*ex.mails_asked, mail.case)))
    if mail is not None and _is_closed(ex, mail):
        ex.trace.append("mail.locked")
        ex.say("engine/mail.word_locked")
        return
    ex.trace.append("mail")
    ex.say("engine/mail.gate")
    ex.ask("mail", "read", "later", "delete", under=under)


def open_by_command(ex: Exchange) -> None:
    """`note`: look for an answer now."""
    mail = _looked_for(ex)
    if mail is None:
        if ex.situation.spoilt:
            say_spoilt(ex)
        else:
            ex.say("engine/mail.none" if ex.situation.answers_can_come else "engine/mail.answers_locked")
        ask_again(ex)
        return
    _offer(ex, mail)


def answer_time(ex: Exchange, name: str) -> bool:
    """Read, later or delete. True when the question is settled and the conversation can go on."""
    under = ex.asked.under if ex.asked is not None else None
    ex.asked = None
    mail = _at_hand(ex)
    if mail is None:
        ex.say("engine/mail.none")
        return True
    if name == "read":
        return _read(ex, mail, under)
    if name == "delete":
        ex.effects.append(MailDeleted(mail.case))
        ex.say("engine/mail.deleted")
    else:
        ex.not_now = True
        ex.say("engine/mail.later_done")
    return True


def _read(ex: Exchange, mail: Mail, under: Asked | None) -> bool:
    if _is_closed(ex, mail):
        ex.say("engine/mail.word_locked")
        return True
    if mail.check_word:
        ex.say("engine/mail.word_ask")
        ex.ask("mail_word", "later", under=under)
        return False
    return _show(ex, mail, under)


def try_word(ex: Exchange, text: str) -> bool:
    """Take a check word. True when the question is settled."""
    mail = _at_hand(ex)
    under = ex.asked.under if ex.asked is not None else None
    if mail is None:
        ex.asked = None
        ex.say("engine/mail.none")
        return True
    if not _is_closed(ex, mail) and fold(text) == fold(mail.check_word):
        under = ex.asked.under if ex.asked is not None else None
        ex.asked = None
        ex.word_tries = 0
        return _show(ex, mail, under)
    ex.word_tries += 1
    ex.effects.append(CheckWordTried(mail.case))
    left = min(CHECK_WORD_TRIES - ex.word_tries, mail.tries - 1)  # some may be gone since before
    if left <= 0 or mail.locked:
        ex.asked = None
        ex.trace.append("mail.locked")
        ex.say("engine/mail.word_locked")
        return True
    ex.say_with("engine/mail.word_wrong", left=left)
    return False


def _is_closed(ex: Exchange, mail: Mail) -> bool:
    return mail.locked or (mail.case == ex.mail_at and ex.word_tries >= CHECK_WORD_TRIES)


def _show(ex: Exchange, mail: Mail, under: Asked | None) -> bool:
    """What waits, and then what it asks. True when nothing is asked and the conversation can go on."""
    ex.trace.append("mail.read")
    words = tuple(note for note in mail.notes if note)
    if words:
        ex.say_with("engine/mail.from", organisation=mail.organisation_name)
        ex.tell_all(lambda: words)
        if mail.code_words:
            ex.say_with("engine/words.proof", words=mail.code_words)
    if mail.unproven:
        ex.trace.append("mail.unproven")
        ex.say("engine/mail.unverified")
    referral.tell_news(ex, mail)
    if mail.declined:
        ex.not_now = ex.paused = False
        declined.tell(ex, mail, under)
        return False
    if mail.notes:
        ex.say("engine/mail.after")
    if mail.notes or mail.news:
        ex.effects.append(MailRead(mail.case))
        ex.from_case = True
        ex.into = mail.case  # who answers now, answers those who wrote this
    ex.not_now = False
    ex.paused = False
    return not referral.ask_next(ex, mail, under)


def say_spoilt(ex: Exchange) -> None:
    """Say once that what was kept of a case is not used any more; nothing of it is believed or shown."""
    if SPOILT not in ex.trace:
        ex.trace.append(SPOILT)
        ex.say("engine/case.spoilt")
