"""Which words a person gets: the text in their language when it may be served, else the nearest that may.

Never served: a fuzzy text, and one whose source has changed since. Where safety depends on a text, also none that
no person has reviewed. English is the source and is always there.

Right-to-left texts get their numbers and links isolated; English in a right-to-left conversation is isolated by lines.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.i18n.bidi import isolate_lines, isolate_pieces
from bot.i18n.formatting import fill
from bot.i18n.languages import ENGLISH, Language, Languages
from bot.i18n.po import PoEntry
from bot.kernel.messages import Direction

RESCUE_SENTENCES: Final = (
    "rescue/safe",
    "rescue/call",
    "rescue/person",
    "rescue/wait",
    "rescue/leave",
    "rescue/erase",
    "rescue/sos",
    "rescue/not_alone",
    "rescue/tonight",
    "rescue/child",
    "rescue/hurt",
    "rescue/thank_you",
)
"""Twelve sentences for the worst moments, read by native speakers first: translations/<lang>/rescue.md."""

RESCUE_KEYS: Final = frozenset(
    {
        *RESCUE_SENTENCES,
        "engine/footer.person",
        "engine/footer.leave",
        "engine/person",
        "engine/sos",
        "engine/leave",
        "engine/language.english",
        "engine/language.interpreter",
        "engine/erase.ask",
        "engine/erase.yes",
        "engine/erase.no",
        "engine/erase.done",
    }
)
"""Sentences that lead out or to a human: served unreviewed too, beside the English."""

NEEDED_KEYS: Final = RESCUE_KEYS | {
    "engine/more",
    "engine/back",
    "engine/menu",
    "engine/yes",
    "engine/no",
    "engine/not_sure",
    "engine/permission.ask",
    "engine/permission.yes",
    "engine/permission.no",
    "engine/not_understood",
    "engine/not_understood.menu",
    "engine/not_understood.person",
    "engine/help.title",
    "engine/menu.offer",
    "engine/fact.checking",
    "engine/crisis.soften",
    "engine/language.set",
}
"""What must be there before a language is offered: who chooses it can answer, find help, a person and the way out."""

CAREFUL: Final = (
    "engine/case.line",
    "engine/case.which",
    "engine/case.whose",
    "engine/consent.",
    "engine/declined.again",
    "engine/declined.ask",
    "engine/erase.",
    "engine/handoff.",
    "engine/gate.",
    "engine/personal.",
    "engine/referral.",
    "engine/return.",
    "card/safety.",
)
"""What people decide by: not served before it was reviewed."""

BESIDE: Final = " / "
_NEXT_LINE: Final = "\n"
_SENTENCE_ENDS: Final = (".", "?", "!")


@dataclass(frozen=True, slots=True)
class Message:
    """One translation. `source` is the English it was made from; empty when unknown."""

    context: str
    text: str
    fuzzy: bool = False
    unreviewed: bool = False
    source: str = ""

    @classmethod
    def of(cls, entry: PoEntry) -> "Message":
        """The message that a PO entry holds."""
        return cls(entry.context, entry.text, entry.fuzzy, entry.unreviewed, entry.source)


@dataclass(frozen=True, slots=True)
class Served:
    """A text and the language it is in. `translated` is false when the person's own language had none."""

    text: str
    language: str
    translated: bool


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All texts of one release: language -> context -> message. `sentences["en"]` holds the engine's own sentences.

    `withheld`: languages of the list that nobody can choose yet, because they lack `NEEDED_KEYS`.
    """

    languages: Languages = field(default_factory=Languages)
    flows: Mapping[str, Mapping[str, Message]] = field(default_factory=dict)
    sentences: Mapping[str, Mapping[str, Message]] = field(default_factory=dict)
    withheld: frozenset[str] = frozenset()

    @property
    def served(self) -> tuple[str, ...]:
        """Languages that have any texts of their own, in menu order."""
        return tuple(
            code
            for code in self.languages.codes
            if code == ENGLISH or self.flows.get(code) or self.sentences.get(code)
        )

    @property
    def offered(self) -> tuple[Language, ...]:
        """Languages that people can choose, in menu order."""
        return tuple(language for language in self.languages.all if language.code not in self.withheld)

    def flow_text(self, context: str, source: str, language: str, *, safety_critical: bool = False) -> Served:
        """The text of a flow in `language`, or along its fallbacks, or the English `source`."""
        direction = self.languages.direction(language)
        if language != ENGLISH:
            for code in self.languages.chain(language)[:-1]:
                message = self.flows.get(code, {}).get(context)
                if message and _may_be_served(message, source, reviewed_only=safety_critical):
                    text = _laid_out(message.text, self.languages.direction(code), direction)
                    return Served(text, code, translated=code == language)
        return Served(_laid_out(source, "ltr", direction), ENGLISH, translated=language == ENGLISH)

    def heard(self, context: str, source: str, language: str) -> tuple[str, ...]:
        """What a person may type for a text besides what they see: its draft in their language, and the English."""
        drafts = [
            message.text
            for code in self.languages.chain(language)[:-1]
            if (message := self.flows.get(code, {}).get(context)) is not None
            and _may_be_served(message, source, reviewed_only=False)
        ]
        return (*drafts, source)

    def ui(self, key: str, language: str, /, **values: str | int) -> str:
        """An engine sentence with its values filled in. Raises KeyError for an unknown key or a missing value."""
        english = self.sentences[ENGLISH][key].text
        direction = self.languages.direction(language)
        there = fill(_laid_out(english, "ltr", direction), values, direction)
        found = self._own(key, english, language)
        if found is None:
            return there
        code, message = found
        own = self.languages.direction(code)
        text = fill(_laid_out(message.text, own, direction), values, own)
        if not (message.unreviewed and key in RESCUE_KEYS):
            return text
        return f"{text}{_NEXT_LINE if english.endswith(_SENTENCE_ENDS) else BESIDE}{there}"

    def in_english(self, key: str, language: str) -> bool:
        """Whether an engine sentence that people decide by is served in English, for want of a reviewed one."""
        if language == ENGLISH or not _is_careful(key):
            return False
        return self._own(key, self.sentences[ENGLISH][key].text, language) is None

    def _own(self, key: str, english: str, language: str) -> tuple[str, Message] | None:
        """The sentence along the chain of a language, without English, and the language it was found in."""
        if language != ENGLISH:
            for code in self.languages.chain(language)[:-1]:
                message = self.sentences.get(code, {}).get(key)
                if message and _may_be_served(message, english, reviewed_only=_is_careful(key)):
                    return code, message
        return None

    def missing(self, keys: Iterable[str]) -> tuple[str, ...]:
        """Those of `keys` that have no English sentence."""
        known = self.sentences.get(ENGLISH, {})
        return tuple(key for key in keys if key not in known)


def english_ui(entries: Iterable[PoEntry]) -> dict[str, Message]:
    """The engine's own sentences from ui.pot: the source is the text."""
    return {entry.context: Message(entry.context, entry.source, source=entry.source) for entry in entries}


def translations(entries: Iterable[PoEntry]) -> dict[str, Message]:
    """The translations of a PO file by context; those not written yet are left out."""
    return {entry.context: Message.of(entry) for entry in entries if entry.text}


def lacking(own: Mapping[str, Message], english: Mapping[str, Message]) -> tuple[str, ...]:
    """Those of `NEEDED_KEYS` that a language's own sentences do not have, sorted. With none it can be offered."""
    return tuple(
        key
        for key in sorted(NEEDED_KEYS & english.keys())
        if key not in own or not _may_be_served(own[key], english[key].text, reviewed_only=False)
    )


def _laid_out(text: str, own: Direction, direction: Direction) -> str:
    """`text` of direction `own` as it stands in a conversation of `direction`."""
    if own == "rtl":
        return isolate_pieces(text)
    return isolate_lines(text) if direction == "rtl" else text


def _may_be_served(message: Message, source: str, *, reviewed_only: bool) -> bool:
    if not message.text or message.fuzzy or (message.source and message.source != source):
        return False
    return not (reviewed_only and message.unreviewed)


def _is_careful(key: str) -> bool:
    return key.startswith(CAREFUL) and key not in RESCUE_KEYS
