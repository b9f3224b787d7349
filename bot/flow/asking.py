"""What can be chosen at the question that waits: its options, their numbers and pages, and which one was meant."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from bot.directory.trust import OUTCOMES
from bot.flow.code_words import hidden
from bot.flow.consent import offers_unwanted
from bot.flow.definition import Choice
from bot.flow.exchange import Exchange, LostError
from bot.flow.introduction import SAYS
from bot.flow.outcome import name_of
from bot.flow.prepared import FREE, PAGE, PreparedStep
from bot.flow.recipients import called
from bot.flow.session import Asked
from bot.flow.speaking import service_name, topic_label
from bot.i18n.languages import ENGLISH
from bot.kernel.messages import Option
from bot.nlu.choices import ChoiceMatch, Choosable, match_choice
from bot.nlu.normalise import bare_number, words_of

MORE: Final = "=more"
UNDO: Final = "=undo"
GATE: Final = "=gate"
MENU: Final = "=menu"
RATE: Final = "=rate"
INTRODUCE: Final = "=show"
CODE_WORDS: Final = "=words"
WIDER: Final = "=wider."
"""Begins the choices that let go of a filter: `=wider.place`."""

_GONE: Final = "–"

STUBBORN: Final = frozenset(
    {
        *("mail", "mail_word", "erase", "cancel", "personal", "safe", "idle", "whose", "referral"),
        *("state", "declined"),
    }
)
"""Questions that are asked again until they are answered; the others give way to what else was written."""

TAPPED: Final = "\x00"
"""Begins what is kept of a button that waits until another question is answered; its number follows."""

TYPED: Final = frozenset({"gate_word", "safe_word", "mail_word", "return_code", "return_word", "code_words"})
"""Questions whose answer is a word of the person's own, or a return code."""

_LABELS: Final[Mapping[str, str]] = {
    MORE: "engine/more",
    UNDO: "engine/undo",
    GATE: "engine/gate.label",
    MENU: "engine/menu",
    RATE: "engine/rate.label",
    INTRODUCE: "engine/show.label",
    CODE_WORDS: "engine/words.label",
    f"{WIDER}place": "engine/wider.place",
    f"{WIDER}language": "engine/wider.language",
    f"{WIDER}capacity": "engine/wider.capacity",
    "yes": "engine/yes",
    "no": "engine/no",
    "unsure": "engine/not_sure",
    "menu": "engine/menu",
    "person": "engine/person",
    "none": "engine/none_of_these",
    "skip": "engine/skip",
    "later": "engine/mail.later",
    "numbers": "engine/numbers",
    "again": "engine/no_other.again",
}
_OWN_LABELS: Final[Mapping[str, tuple[str, ...]]] = {
    "erase": ("yes", "no"),
    "permission": ("yes", "no"),
    "consent": ("yes", "no", "other"),
    "gate": ("tell", "silent", "word"),
    "mail": ("read", "later", "delete"),
    "return": ("make",),
    "referral": ("yes", "later"),
    "personal": ("remove", "send", "again"),
    "case": ("cancel",),
    "late": ("wait", "elsewhere", "numbers"),
    "idle": ("continue", "restart"),
    "rate": OUTCOMES,
    "show": SAYS,
}
"""Kinds of question whose choices have labels of their own: `engine/<kind>.<choice>`."""

_YES_NO: Final = frozenset({"yes", "no"})
_NUMBERS: Final = range(1, PAGE + 1)
_MARKS: Final = tuple(f".{number}" for number in _NUMBERS)


def choosables(ex: Exchange) -> Sequence[Choosable]:
    """Everything that can be chosen now, in order, numbered through without pages."""
    if ex.asked is not None:
        return _of_engine(ex, ex.asked)
    if not ex.frames:
        return ()
    phase = ex.frames[-1].phase
    if phase == "consent":
        unwanted = ("again",) if offers_unwanted(ex) else ()
        return _of_engine(ex, Asked(phase, ("yes", "no", "other", *unwanted)))
    if phase == "permission":
        return _of_engine(ex, Asked(phase, ("yes", "no")))
    prepared = ex.step()
    listed = (prepared.voices.get(ex.language) or ex.ready.voice(prepared, ex.language)).choosables
    if not prepared.simple:
        listed = tuple(each for each in listed if _is_open(ex, prepared, each.name))
    extras = _extras(ex)
    if len(listed) + len(extras) > PAGE:
        extras = []
    if ex.services and prepared.step.match is not None:
        extras += (INTRODUCE, RATE)[: max(0, PAGE - len(listed) - len(extras))]
    if prepared.step.tells_words and hidden(ex) is not None:
        extras = [*extras, CODE_WORDS]
    if extras:
        return [*listed, *[Choosable(name, 0, ex.label(_LABELS[name])) for name in extras]]
    return listed


def _is_open(ex: Exchange, prepared: PreparedStep, name: str) -> bool:
    index = prepared.by_name.get(name)
    if index is None:
        return True
    condition = prepared.step.choices[index].condition
    return condition is None or bool(condition.evaluate(ex.value))


def _extras(ex: Exchange) -> list[str]:
    """Choices of the engine's own under a step: look wider, take back what was understood, how answers arrive, the menu."""
    if not (ex.undo or ex.gate_due or ex.no_way or ex.wider):
        return []
    present = ((UNDO, ex.undo), (GATE, ex.gate_due), (MENU, ex.no_way))
    return [*_wider(ex), *[name for name, wanted in present if wanted]]


def _wider(ex: Exchange) -> list[str]:
    """What may be let go of at the question that waits."""
    wider, top = ex.wider, ex.frames[-1]
    here = wider is not None and (wider.flow, wider.at) == (top.flow, top.step)
    return [f"{WIDER}{name}" for name in wider.names] if wider is not None and here else []


def _of_engine(ex: Exchange, asked: Asked) -> Sequence[Choosable]:
    return [
        Choosable.of(name, number, _label(ex, asked, name), _words(ex, name))
        for number, name in enumerate(asked.names, 1)
    ]


def _words(ex: Exchange, name: str) -> tuple[str, ...]:
    if name not in _YES_NO:
        return ()
    listed = ex.label(f"engine/{name}.words")
    return tuple(word.strip() for word in listed.split(","))


def _label(ex: Exchange, asked: Asked, name: str) -> str:
    if name in _OWN_LABELS.get(asked.kind, ()):
        return ex.label(f"engine/{asked.kind}.{name}")
    if name in _LABELS:
        return ex.label(_LABELS[name])
    naming = _NAMED.get(asked.kind)
    if naming is None:
        raise LostError
    return naming(ex, name)


def _place_name(ex: Exchange, name: str) -> str:
    return ex.ready.library.directory.places.name(name, ex.language)


def _need_label(ex: Exchange, name: str) -> str:
    need = ex.ready.library.directory.taxonomy.needs.get(name)
    return (need.label.get(ex.language) or need.label.get(ENGLISH) or name) if need else name


def _language_name(ex: Exchange, name: str) -> str:
    spoken = ex.ready.library.catalogue.languages.get(name)
    return spoken.name if spoken else name


def _case_name(ex: Exchange, name: str) -> str:
    """Its code words; a dash for one that is gone meanwhile, so that the numbers stay and no id is ever shown."""
    return next((each.designation for each in ex.cases if each.id == name), _GONE)


def _choice_label(ex: Exchange, name: str) -> str:
    return ex.ready.voice(ex.step(), ex.language).labels.get(name, name)


_NAMED: Final[Mapping[str, Callable[[Exchange, str], str]]] = {
    "suggest": topic_label,
    "tongue": _language_name,
    "which": _case_name,
    "whose": _case_name,
    "return_which": _case_name,
    "place": _place_name,
    "need": _need_label,
    "meant": _choice_label,
    "report": service_name,
    "avoid": called,
    "rate_which": name_of,
    "show_which": name_of,
}
"""Kinds of question whose choices are names of something: how each is called."""


def page(ex: Exchange) -> Sequence[Choosable]:
    """What is shown of it: at most eight; of a longer list seven and "more", which goes round."""
    listed = choosables(ex)
    if len(listed) <= PAGE:
        return listed
    room = PAGE - 1
    at = ex.page % _pages(len(listed))
    more = ex.label("engine/more")
    if at_languages(ex):
        more = f"… {more}"  # who looks for their language may not read this one
    return [*listed[at * room : (at + 1) * room], Choosable(MORE, PAGE, more)]


def at_languages(ex: Exchange) -> bool:
    """Whether the question is which language."""
    return ex.at_flow_question() and ex.frames[-1].phase == "" and ex.step().slot == "language"


def turn_page(ex: Exchange, by: int) -> int:
    """The number of the page `by` further on; after the last comes the first."""
    return (ex.page + by) % _pages(len(choosables(ex)))


def _pages(listed: int) -> int:
    return max(1, -(-listed // (PAGE - 1)))


def options(ex: Exchange, nonce: str) -> tuple[Option, ...]:
    """The options to print and to tap, numbered from 1."""
    labels = [each.label for each in page(ex)]
    return tuple(map(Option, _NUMBERS, labels, [f"{nonce}{mark}" for mark in _MARKS[: len(labels)]]))


def numbered(ex: Exchange) -> bool:
    """Whether a digit chooses; false where it is the answer itself."""
    return ex.asked is not None or not ex.frames or bool(ex.frames[-1].phase) or ex.step().digits


def by_number(ex: Exchange, number: int) -> str | None:
    """The choice that stands under `number` on the page shown."""
    shown = page(ex)
    return shown[number - 1].name if 0 < number <= len(shown) else None


def meant(ex: Exchange, text: str) -> ChoiceMatch | None:
    """The choice that typed text means: a number of this page, else a label or other word of any page."""
    if numbered(ex):
        number = bare_number(text)
        if number is not None:
            name = by_number(ex, number)
            return ChoiceMatch(name, sure=True) if name is not None else None
    elif bare_number(text) is not None:
        return None
    at_step = ex.asked is None and ex.frames and ex.frames[-1].phase == ""
    if at_step:
        prepared = ex.step()
        voice = ex.ready.voice(prepared, ex.language)
        found = voice.by_text.get(words_of(text))
        if found is not None and (prepared.simple or _is_open(ex, prepared, found)):
            return ChoiceMatch(found, sure=True)
        if prepared.slot in FREE:
            return None
    listed = choosables(ex)
    if not listed:
        return None
    if len(listed) <= PAGE:
        listed = [Choosable(e.name, n, e.label, e.words, e.folded) for n, e in enumerate(listed, 1)]
    return match_choice(text, listed)


def choice_of(prepared: PreparedStep, name: str) -> Choice | None:
    """The choice as written in the flow; None for one the engine gave."""
    index = prepared.by_name.get(name)
    return None if index is None else prepared.step.choices[index]
