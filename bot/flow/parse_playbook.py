"""One file of flows/playbooks/ as a Playbook, with every problem in it."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final, NamedTuple, cast, get_args

from bot.flow.forms import Form, plain
from bot.handoff.playbook import Playbook, PlaybookState
from bot.handoff.triage import URGENCIES
from bot.kernel.problems import Fields, Items, Mark, Node, Problem

_SOURCES: Final = "sources"
LINES: Final = ("do", "do not", "words", "signs", "ask a colleague")
KEYS: Final = frozenset(
    {
        *("playbook", "title", "version", "needs", "queues", "urgency"),
        *LINES,
        *(_SOURCES, "checked on", "checked by", "expires on", "state"),
    }
)
_NEVER: Final = date(1970, 1, 1)
_MOST: Final = 12
"""Lines under one heading: somebody reads them while a person waits."""
_LONGEST: Final = 180
"""Characters of one line, for the same reason. A source may be longer: its address is."""


class PlaybookDraft(NamedTuple):
    """A playbook as read, and where the needs and queues stand that it names."""

    playbook: Playbook
    needs: Mapping[str, Mark]
    queues: Mapping[str, Mark]


def parse_playbook(node: Node, stem: str) -> tuple[PlaybookDraft | None, list[Problem]]:
    """The playbook of a file called `stem`.yaml; None when it cannot be shown."""
    form = Form()
    fields = form.fields(node, "a playbook", KEYS)
    if fields is None:
        return None, form.problems
    name = _word(form, fields, "playbook")
    if name and name != stem:
        form.fault(
            "F105",
            fields.key_mark("playbook"),
            f"the playbook '{name}' is in a file called {stem}.yaml",
            f"write 'playbook: {stem}', or rename the file",
        )
    needs, queues, urgencies = (_names(form, fields, key) for key in ("needs", "queues", "urgency"))
    for urgency, mark in urgencies.items():
        if urgency not in URGENCIES:
            form.fault(
                "F110", mark, f"'urgency' cannot be '{urgency}'", f"write one of {', '.join(URGENCIES)}"
            )
    checked, expires = _day(form, fields, "checked on"), _day(form, fields, "expires on")
    if _NEVER not in {checked, expires} and expires <= checked:
        form.fault(
            "F605",
            fields.key_mark("expires on"),
            f"the playbook ends on {expires}, not after it was checked on {checked}",
            "read it again with somebody who knows the subject, and change both dates",
        )
    version_node = form.required(fields, "version", "a playbook")
    state_node = form.required(fields, "state", "a playbook")
    state = form.one_of(state_node, "state", get_args(PlaybookState)) if state_node is not None else None
    lines = {key: _lines(form, fields, key) for key in (*LINES, _SOURCES)}
    for key in ("do", "do not", "ask a colleague", _SOURCES):
        found = form.required(fields, key, "a playbook")
        if isinstance(found, Items) and not found.values:
            form.fault("F103", found.mark, f"'{key}' is empty", "write a line below it, behind a dash")
    playbook = Playbook(
        id=stem,
        title=_word(form, fields, "title"),
        version=(form.number(version_node, "version", least=1, most=9999) or 0) if version_node else 0,
        do=lines["do"],
        do_not=lines["do not"],
        words=lines["words"],
        signs=lines["signs"],
        ask_a_colleague=lines["ask a colleague"],
        sources=lines[_SOURCES],
        checked_on=checked,
        checked_by=_word(form, fields, "checked by"),
        expires_on=expires,
        state=cast("PlaybookState", plain(state)) if state else "unreviewed",
        needs=frozenset(needs),
        queues=frozenset(queues),
        urgencies=frozenset(urgencies),
    )
    return PlaybookDraft(playbook, needs, queues), form.problems


def check_playbooks(
    drafts: Collection[PlaybookDraft], *, needs: Collection[str], queues: Collection[str], today: date
) -> list[Problem]:
    """What is wrong beside the directory and the calendar: unknown needs and queues, pages to be read again."""
    form = Form()
    known_needs, known_queues = dict.fromkeys(needs), dict.fromkeys(queues)
    for draft in drafts:
        for need in draft.needs.items():
            form.unknown(
                "F203",
                need,
                known_needs,
                message=f"there is no need '{need[0]}' in directory/taxonomy.yaml",
                otherwise="write a need of directory/taxonomy.yaml",
            )
        for queue in draft.queues.items():
            form.unknown(
                "F204",
                queue,
                known_queues,
                message=f"there is no queue '{queue[0]}' in directory/network.yaml",
                otherwise="write a queue of directory/network.yaml",
            )
        if draft.playbook.lapsed(today):
            form.fault(
                "F607",
                Mark(f"flows/playbooks/{draft.playbook.id}.yaml", 1, 1),
                f"the playbook '{draft.playbook.title}' was to be read again by {draft.playbook.expires_on}",
                "read it with somebody who knows the subject, then change version, days and name",
                "warning",
            )
    return form.problems


def _word(form: Form, fields: Fields, key: str) -> str:
    node = form.required(fields, key, "a playbook")
    return (form.word(node, key) or "") if node is not None else ""


def _day(form: Form, fields: Fields, key: str) -> date:
    node = form.required(fields, key, "a playbook")
    return (form.day(node, key) or _NEVER) if node is not None else _NEVER


def _names(form: Form, fields: Fields, key: str) -> dict[str, Mark]:
    node = fields.get(key)
    return dict(form.words(node, key)) if node is not None else {}


def _lines(form: Form, fields: Fields, key: str) -> tuple[str, ...]:
    node = fields.get(key)
    if node is None:
        return ()
    nodes = node.values if isinstance(node, Items) else (node,)
    found = []
    for each in nodes:
        form.nothing_lost(each)
        scalar = form.scalar(each, key)
        if scalar is not None:
            line = " ".join(scalar.value.split())
            if key != _SOURCES and len(line) > _LONGEST:
                form.fault(
                    "F608",
                    scalar.mark,
                    f"a line of '{key}' has {len(line)} characters",
                    f"say it in {_LONGEST} or fewer, or make two lines of it: one idea each",
                )
            found.append(line)
    if len(found) > _MOST:
        form.fault(
            "F110",
            node.mark,
            f"'{key}' has {len(found)} lines",
            f"keep the {_MOST} that matter most: somebody reads them while a person waits",
        )
    return tuple(found)
