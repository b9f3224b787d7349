"""An opened case as text for a terminal, and as JSON for programs; where it came from makes no difference to its words."""

from collections.abc import Iterator, Mapping
from typing import Final

from bot.cli.opened_case import OpenedCase
from bot.cli.saved_case import SavedCase
from bot.cli.terminal import indented, shown
from bot.handoff.summary import version_of

_MARK: Final = 12
"""Letters of a SHA-256 that tell two texts apart; the whole is in the JSON."""


def as_text(opened: OpenedCase) -> str:
    """A case that the server handed out."""
    case, summary = opened.case, opened.summary
    status, urgency = shown(str(case["status"])), shown(str(case["urgency"]))
    head = f"{summary.designation}   {status}   urgency: {urgency}   language: {summary.language}"
    if case["reachable_until"] is None:
        reach = "This person erased the conversation: no reply can find them."
    else:
        reach = f"A reply finds this person until {opened.reachable_until:%Y-%m-%d}."
    return "\n".join(_told(opened, head, reach))


def saved_as_text(saved: SavedCase) -> str:
    """A case from a saved copy, which says when and by whom, and nothing of how the case stands now."""
    opened = saved.opened
    summary = opened.summary
    head = f"{summary.designation}   urgency: {summary.urgency}   language: {summary.language}"
    by = f"A copy of {saved.saved:%Y-%m-%d %H:%M} UTC, saved by {shown(saved.by)}. What came later is not in it."
    return "\n".join(_told(opened, head, by))


def as_json(opened: OpenedCase) -> Mapping[str, object]:
    """The same for programs."""
    summary = opened.summary
    return {
        "case": dict(opened.case),
        "summary": {
            "designation": summary.designation,
            "code_words": summary.code_words,
            "queue": summary.queue,
            "need": summary.need,
            "urgency": summary.urgency,
            "language": summary.language,
            "country": summary.country,
            "crisis": list(summary.crisis),
            "interpreter": dict(summary.interpreter),
            "excluded": list(summary.excluded),
            "shared": {answer.slot: answer.value for answer in summary.shared},
            "note": summary.note,
            "consent": summary.consent,
            "consent_sha256": summary.consent_hash,
            "opened": summary.opened.isoformat(),
            "reachable_until": opened.reachable_until.isoformat(),
        },
        "messages": [
            {
                "from": line.sender,
                "kind": line.kind,
                "text": line.text,
                "at": line.at.isoformat(),
                **({"consent": _agreed(line.consent)} if line.consent else {}),
            }
            for line in opened.lines
        ],
    }


def _agreed(consent: str) -> Mapping[str, str]:
    return {"text": consent, "sha256": version_of(consent)}


def saved_as_json(saved: SavedCase) -> Mapping[str, object]:
    """The same of a saved copy, with when and by whom."""
    return {**as_json(saved.opened), "saved": {"at": saved.saved.isoformat(), "by": saved.by}}


def _told(opened: OpenedCase, head: str, below: str) -> Iterator[str]:
    summary = opened.summary
    yield head
    yield f"need: {summary.need or '-'}   queue: {summary.queue}   opened {summary.opened:%Y-%m-%d %H:%M} UTC"
    yield below
    yield f"Code words, to be said first: {shown(summary.code_words) or '-'}"
    if summary.crisis:
        yield f"Crisis words were seen: {', '.join(summary.crisis)}"
    if summary.interpreter:
        yield "\nHow to speak with them (read this before you bring in an interpreter):"
        for about, wish in summary.interpreter.items():
            yield f"    {about}: {shown(wish)}"
    if summary.excluded:
        yield f"\nThey do not want: {', '.join(map(shown, summary.excluded))}"
    yield f"\nThey agreed to (text {summary.consent_hash[:_MARK]}):"
    yield indented(summary.consent)
    if summary.shared:
        yield "\nThey shared:"
        for answer in summary.shared:
            yield f"    {shown(answer.label)}: {shown(answer.value)}"
    if summary.note:
        yield "\nIn their own words:"
        yield indented(summary.note)
    for line in opened.lines:
        yield f"\n{line.at:%Y-%m-%d %H:%M} UTC, {_who(line.sender, line.kind)}:"
        yield indented(line.text)
        if line.consent:
            yield f"    They agreed to it (text {version_of(line.consent)[:_MARK]}):"
            yield indented(line.consent)


def _who(sender: str, kind: str) -> str:
    told = {
        "cancel": "the person asks to close this case",
        "moved": "the conversation moved to another phone or channel by the person's return code: make sure that it is them",
        "erased": "the person erased the conversation and asks you to delete it",
        "declined": "your organisation said that it cannot take this; the reason is for colleagues only",
        "internal": "a colleague, not sent",
        "referral": "the person is asked whether another organisation may help",
        "sealed": "sealed to colleagues only",
    }
    return told.get(kind, sender)
