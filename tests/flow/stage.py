"""A small library made of YAML, and a person who talks to it: the stage of the engine's tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from textwrap import dedent

from bot.content.marks import read_yaml
from bot.directory.matching import Directory
from bot.directory.model import (
    Hours,
    Member,
    Need,
    Network,
    Organisation,
    Phone,
    Place,
    Queue,
    Service,
    Taxonomy,
    Vetting,
)
from bot.flow.definition import Entry, Fact, Flow
from bot.flow.effects import CaseView, Effect, Mail, OpenCase, Say
from bot.flow.engine import LOST, Turn
from bot.flow.library import Library
from bot.flow.parse import parse_facts, parse_flow, parse_shared
from bot.flow.rehearsal import WORDS, Rehearsal, said, staffed
from bot.flow.session import Session
from bot.handoff.routing import Staffing
from bot.i18n.catalogue import Catalogue, Message, english_ui
from bot.i18n.languages import Language, Languages
from bot.i18n.po import parse_po
from bot.kernel.messages import Dropped, InboundMessage
from bot.kernel.problems import Node
from bot.nlu.crisis import CrisisLists
from bot.nlu.intents import IntentModel
from bot.nlu.normalise import fold

TODAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

ENTRIES = """
flow: start
title: Start
entry: start
start: language
steps:
  language:
    call: tongue
    next: menu
  menu:
    go: menu
---
flow: tongue
title: Language
entry: language
start: pick
remember: {language: language}
steps:
  pick:
    say: |
      Hello.
    ask: language
    next: end
---
flow: menu
title: Menu
entry: menu
start: need
steps:
  need:
    say: |
      What do you need?
    choices:
      sleep: A place to sleep -> sleep
      person: Talk to a person -> person
  sleep:
    go: housing
  person:
    go: human
---
flow: sos
title: Numbers
entry: sos
start: numbers
steps:
  numbers:
    say: |
      Police 192.
    choices:
      done: Enough -> end
---
flow: human
title: A person
entry: person
start: ask
remember: {note: sealed text}
steps:
  ask:
    say: |
      Write a few words.
    ask: note
    handoff: general
    share: [note]
    next: end
---
flow: forget
title: Erase
entry: erase
start: explain
steps:
  explain:
    say: |
      This deletes what is kept.
    next: end
---
flow: danger
title: Danger
entry: crisis
start: route
uses: [crisis_kind]
steps:
  route:
    next:
      - if: crisis_kind == "suicide"
        go: life
      - go: closest
  life:
    say: |
      Thank you for telling me.
    choices:
      person: A person now -> call
      plan: Later -> end
  closest:
    say: |
      What is closest?
    choices:
      harm: Someone may hurt me -> call
      life: I think about dying -> life
  call:
    handoff: general
    urgency: now
    next: end
"""

SHARED = """
remember:
  crisis_kind: text
  country: place
"""

FACTS = """
facts:
  hours_72:
    text: |
      You have 72 hours.
    source: A page, https://example.org/page
    checked on: 2026-11-01
    checked by: editor-a
    expires on: 2027-05-01
    state: reviewed
  lapsed:
    text: |
      An old sentence.
    source: A page, https://example.org/page
    checked on: 2025-11-01
    checked by: editor-a
    expires on: 2026-11-20
    state: reviewed
  unreviewed:
    text: |
      Nobody looked at this.
    source: A page, https://example.org/page
    checked on: 2026-11-01
    checked by: editor-a
    expires on: 2027-05-01
    state: unreviewed
  sos.rs:
    text: |
      Ambulance 194.
    source: A page, https://example.org/page
    checked on: 2026-11-01
    checked by: editor-a
    expires on: 2027-05-01
    state: sourced
"""

HOUSING = """
flow: housing
title: Find a safe place
start: ask_city
remember:
  city: place
  urgency: choice
  note: sealed text
steps:
  ask_city:
    say: |
      Which city are you in? You can skip this.
    ask: city
    try again: |
      I did not find that place. Another spelling?
    tries: 2
    give up: ask_urgency
    choices:
      skip: Skip -> ask_urgency
    next: ask_urgency
  ask_urgency:
    say: |
      When do you need a place?
    ask: urgency
    choices:
      tonight: Tonight -> results
      later:
        label: Later
        go: results
        words: [not now, next week]
  results:
    match: shelter
    near: city
    show: 2
    say: |
      I found {count} places.
    if none: person
    choices:
      more: Show more -> results
      human: Talk to a person -> person
      done: Done -> end
  person:
    say: |
      Tell the caseworker in your own words.
    ask: note
    handoff: shelter
    urgency: soon
    share: [city, urgency, note]
    if declined: results
    if closed: leave_message
    next: end
  leave_message:
    say: |
      Nobody is on duty now. Write to me any time to collect the answer.
    next: end
"""


def a_tree(text: str, file: str = "flows/x.yaml") -> Node:
    node, problems = read_yaml(dedent(text).encode(), file)
    assert not problems, problems
    assert node is not None
    return node


def flows_in(text: str, shared: str = SHARED) -> dict[str, Flow]:
    """The flows of several YAML documents; any problem is a fault of the test."""
    slots, problems = parse_shared(a_tree(shared))
    assert not problems, problems
    flows: dict[str, Flow] = {}
    for document in dedent(text).strip().split("\n---\n"):
        name = document.partition("flow: ")[2].partition("\n")[0].strip()
        draft, found = parse_flow(a_tree(document, f"flows/{name}.yaml"), name, slots)
        assert not found, found
        assert draft is not None
        flows[name] = draft.flow
    return flows


@cache
def ui_sentences() -> Mapping[str, Message]:
    pot = Path("translations/ui.pot").read_text(encoding="utf-8")
    entries, problems = parse_po(pot, "translations/ui.pot")
    assert not problems, problems
    return english_ui(entries)


def a_service(name: str, *, needs: Sequence[str] = ("shelter",), place: str = "rs-beograd") -> Service:
    return Service(
        id=name,
        name={"en": name.title()},
        needs=tuple(needs),
        phones=(Phone("+381 11 000 0000", "public"),),
        hours=Hours("24/7", "Europe/Belgrade"),
        areas=(place, "RS"),
        vetting=Vetting("vetted", ("a", "b"), date(2026, 11, 1), date(2027, 5, 1)),
    )


def a_directory(*services: Service, members: Sequence[Member] = ()) -> Directory:
    needs = {
        "shelter": Need("shelter", {"en": "A place to sleep"}, words={"en": ("bed", "room")}),
        "legal_asylum": Need("legal_asylum", {"en": "A lawyer"}, words={"en": ("lawyer",)}),
    }
    places = (
        Place("RS", "country", "RS", {"en": ("Serbia",)}),
        Place("rs-beograd", "city", "RS", {"en": ("Belgrade",), "sr": ("Beograd",)}, parent="RS"),
        Place("rs-nis", "city", "RS", {"en": ("Nis",)}, parent="RS"),
        Place("rs-novi-pazar", "city", "RS", {"en": ("Novi Pazar",)}, parent="RS"),
        Place("rs-novi-sad", "city", "RS", {"en": ("Novi Sad",)}, parent="RS"),
    )
    network = Network(
        members=tuple(members)
        or (
            Member(
                "rs-demo",
                queues=("general", "shelter"),
                limits_short={"en": "We must act when a child is in danger."},
            ),
        ),
        queues={
            "general": Queue("general"),
            "shelter": Queue("shelter", needs=("shelter",)),
            "psea": Queue("psea", independent=True),
        },
    )
    organisation = Organisation("rs-demo", {"en": "Demo Lantern"}, "RS", services=tuple(services))
    return Directory.build((organisation,), Taxonomy(needs=needs), places, network, fold=fold)


LANGUAGES = Languages(
    (
        Language("en", "English"),
        Language("sr", "Srpski", fallback=("en",)),
        Language("ar", "العربية", "rtl", fallback=("en",)),
    )
)


def a_library(
    text: str = HOUSING,
    *,
    services: Sequence[Service] = (),
    members: Sequence[Member] = (),
    translations: Mapping[str, Mapping[str, Message]] | None = None,
    ui: Mapping[str, Mapping[str, Message]] | None = None,
    phrases: Mapping[str, Sequence[str]] | None = None,
    shared: str = SHARED,
    languages: Languages = LANGUAGES,
    version: str = "release-1",
    commands: Mapping[str, Mapping[str, tuple[str, ...]]] | None = None,
) -> Library:
    """The entry flows and those of `text`; later documents replace earlier ones of the same name."""
    flows = {**flows_in(ENTRIES, shared), **(flows_in(text, shared) if text.strip() else {})}
    entries: dict[Entry, str] = {entry: flow.id for flow in flows.values() for entry in flow.entry}
    facts, problems = parse_facts(a_tree(FACTS))
    assert not problems, problems
    listed: dict[str, Fact] = {fact.id: fact for fact in facts}
    return Library(
        version=version,
        flows=flows,
        entries=entries,
        shared=parse_shared(a_tree(shared))[0],
        facts=listed,
        directory=a_directory(*services, members=members),
        catalogue=Catalogue(languages, translations or {}, {"en": ui_sentences(), **(ui or {})}),
        commands=commands or {"sr": {"leave": ("izadji",), "person": ("osoba",)}, "ar": {"sos": ("نجدة",)}},
        crisis=CrisisLists(
            {
                "en": {
                    "suicide": ("kill myself", "want to die"),
                    "danger now": ("in danger", "not safe"),
                    "violence": ("beats me",),
                },
                "sr": {"suicide": ("samoubistvo",)},
            }
        ),
        intents=IntentModel.train({"en": dict(phrases or {})}),
    )


@dataclass
class Person:
    """Talks to a library; what was read last is at hand."""

    rehearsal: Rehearsal
    turn: Turn = field(default_factory=lambda: Turn(None, ()))

    def _took(self, turn: Turn) -> "Person":
        assert LOST not in turn.trace, self.read_in(turn)
        self.turn = turn
        return self

    def at(self, flow: str, *, language: str = "en", **slots: str | int | bool) -> "Person":
        return self._took(self.rehearsal.start(flow, language=language, slots=slots))

    def says(self, *texts: str) -> "Person":
        for text in texts:
            self._took(self.rehearsal.say(text))
        return self

    def picks(self, *names: str) -> "Person":
        for name in names:
            number = self.names.index(name) + 1
            session = self.rehearsal.session
            assert session is not None
            self._took(self.rehearsal.tap(f"{session.nonce}.{number}"))
        return self

    def taps(self, payload: str) -> "Person":
        return self._took(self.rehearsal.tap(payload))

    def sends(self, *, dropped: Dropped | None = None, edited: bool = False, text: str = "") -> "Person":
        return self._took(
            self.rehearsal.take(InboundMessage("telegram", "x", text, dropped=dropped, edited=edited))
        )

    def after(self, pause: timedelta) -> "Person":
        self.rehearsal.wait(pause)
        return self

    @staticmethod
    def read_in(turn: Turn) -> str:
        return "\n".join(said(turn).texts)

    @property
    def reads(self) -> str:
        return self.read_in(self.turn)

    @property
    def names(self) -> tuple[str, ...]:
        return self.rehearsal.question().names

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(option.label for option in said(self.turn).options)

    @property
    def place(self) -> str:
        session = self.rehearsal.session
        if session is None or not session.frames:
            return "end"
        return f"{session.frames[-1].flow}/{session.frames[-1].step}"

    @property
    def session(self) -> Session:
        session = self.rehearsal.session
        assert session is not None
        return session

    @property
    def effects(self) -> list[Effect]:
        return [effect for effect in self.turn.effects if not isinstance(effect, Say)]

    @property
    def opened(self) -> OpenCase:
        return next(effect for effect in self.turn.effects if isinstance(effect, OpenCase))

    def slot(self, name: str) -> object:
        frame = self.session.frames[-1]
        return frame.slots.get(name, self.session.shared.get(name))


def a_person(
    library: Library | None = None,
    *,
    on_duty: bool = True,
    keys: int = 2,
    staffing: Sequence[Staffing] | None = None,
    case: CaseView | None = None,
    mail: Mail | None = None,
    now: datetime = NOON,
) -> Person:
    found = library or a_library()
    return Person(
        Rehearsal(
            found,
            now,
            staffing=staffed(found, on_duty=on_duty, keys=keys) if staffing is None else staffing,
            demo=True,
            cases=[case] if case is not None else [],
            mails=[mail] if mail is not None else [],
        )
    )


def an_open_case(**changes: object) -> CaseView:
    view = CaseView("amber heron", "rs-demo", "Demo Lantern", "waiting", code_words=WORDS)
    return replace(view, **changes)  # type: ignore[arg-type]  # a test names the fields it changes


def a_note(*notes: str, **changes: object) -> Mail:
    mail = Mail(notes or ("I am here.",), "Demo Lantern", "amber heron")
    return replace(mail, **changes)  # type: ignore[arg-type]  # a test names the fields it changes
