"""What happened at run time goes into the files as a careful person would write it: nothing else in them changes."""

import difflib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.directory_changes import edit_organisation
from bot.content.directory_folder import load_directory
from bot.content.marks import read_yaml
from bot.content.value_edits import EditError, YamlEdits, inline
from bot.directory.ledger import Event, Json, Kind, said
from bot.directory.model import CHECKLIST, Organisation
from bot.directory.parse import parse_organisation
from bot.directory.standing import stand
from bot.directory.vetting import state_today
from bot.nlu.normalise import fold

ROOT = Path(__file__).parents[2]
DAY = date(2026, 11, 20)
HOUR = 498_660

BLOCK = """\
# A remark at the top.
organisation: rs-a
name: {en: House}   # the name
country: RS
services:
  - service: legal
    name: Lawyers     # short
    needs: [legal_asylum]
    phones:
      # the old one
      - {number: "+381 11 000 0000", visibility: public}
    hours: {open: "Mo-Fr 09:00-17:00", zone: Europe/Belgrade, note: ask for Ana}
    safety:
      records_calls: no    # they said so
    sources:
      - field: phones
        source: a page
  - {service: small, name: Small, needs: [legal_asylum], capacity: {state: open, on: 2026-11-01}}
# A remark at the end.
"""


def parsed(text: str, stem: str = "rs-a") -> Organisation:
    node, problems = read_yaml(text.encode(), f"directory/rs/{stem}.yaml")
    assert node is not None, problems
    read, problems = parse_organisation(node, stem)
    assert read is not None, problems
    return read


def written_back(text: str, *events: tuple[Kind, str, dict[str, object]]) -> str:
    """The file after these things happened to services of its organisation."""
    organisation = parsed(text)
    services = {service.id: service for service in organisation.services}
    made: dict[str, list[Event]] = {}
    for position, (kind, name, told) in enumerate(events):
        base = said(services[name], str(told.get("field", "vetting")))
        event = Event(kind, f"rs-a/{name}", HOUR, **{"by": "Ana", "base": base, "position": position, **told})  # type: ignore[arg-type]  # each test names fields of Event
        made.setdefault(name, []).append(event)
    standings = {f"rs-a/{name}": stand(services[name], told, country="RS") for name, told in made.items()}
    edited = edit_organisation(organisation, standings, text)
    assert edited is not None
    assert edited.text is not None
    return edited.text


def differences(before: str, after: str) -> list[str]:
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in lines if line[0] in "+-"]


def vouched(name: str) -> list[tuple[Kind, str, dict[str, object]]]:
    word = {"checklist": CHECKLIST, "expires": date(2027, 5, 1), "words": "visited"}
    return [("proposed", name, word), ("vetted", name, {**word, "by": "Bo"})]


def test_two_vetters_are_written_below_the_service_and_nothing_else_changes() -> None:
    after = written_back(BLOCK, *vouched("legal"))

    assert "".join(differences(BLOCK, after)) == (
        '+     vetting: {state: vetted, by: [Ana, Bo], on: 2026-11-20, expires: 2027-05-01, evidence: {en: "visited; visited"}, '
        "checklist: {reached: yes, agreed: yes, read_back: yes, safety_asked: yes, no_complaint: yes, independent: yes}}"
    )
    assert state_today(parsed(after).services[0].vetting, DAY) == "vetted"


def change(name: str, field: str, value: Json) -> tuple[Kind, str, dict[str, object]]:
    return ("changed", name, {"field": field, "value": value, "source": "they called"})


def test_values_change_where_they_stand_and_comments_stay() -> None:
    after = written_back(
        BLOCK,
        change("legal", "hours", {"open": "Sa 10:00-12:00", "zone": "Europe/Belgrade"}),
        change("legal", "notice", {"text": {"en": "Ring twice: 'Ana'"}, "until": "2026-12-01"}),
        ("safety_proposed", "legal", {"field": "safety/records_calls", "value": "yes", "source": "told"}),
        ("safety_accepted", "legal", {"field": "safety/records_calls", "by": "Bo", "of": 2}),
    )

    assert [line for line in differences(BLOCK, after) if not line.startswith("?")] == [
        '-     hours: {open: "Mo-Fr 09:00-17:00", zone: Europe/Belgrade, note: ask for Ana}',
        '+     hours: {open: "Sa 10:00-12:00", zone: "Europe/Belgrade", note: ask for Ana}',
        "-       records_calls: no    # they said so",
        "+       records_calls: yes    # they said so",
        "+       - {field: hours, source: they called, checked_on: 2026-11-20}",
        "+     notice: {text: {en: \"Ring twice: 'Ana'\"}, until: 2026-12-01}",
    ]


def test_a_service_in_braces_and_one_that_lacks_a_key_are_edited_too() -> None:
    after = written_back(
        BLOCK,
        change("small", "capacity", {"state": "waiting list", "on": "2026-11-20"}),
        change("small", "phones", [{"number": "+381 11 000 0009", "visibility": "public"}]),
    )
    small = parsed(after).services[1]

    assert small.capacity.state == "waiting list"
    assert [phone.number for phone in small.phones] == ["+381 11 000 0009"]
    assert [source.about for source in small.sources] == ["phones"]
    assert len(differences(BLOCK, after)) == 2
    assert after.endswith("# A remark at the end.\n")


def test_a_first_vetters_word_and_a_doubt_are_not_written() -> None:
    organisation = parsed(BLOCK)
    service = organisation.services[0]
    events = [
        Event("proposed", "rs-a/legal", HOUR, "Ana", checklist=CHECKLIST, expires=date(2027, 5, 1), base=said(service, "vetting"), position=0),
        Event("safety_proposed", "rs-a/legal", HOUR, "Ana", field="safety/records_calls", value="yes", position=1),
        Event("flagged", "rs-a/legal", HOUR, position=2),
    ]  # fmt: skip

    assert edit_organisation(organisation, {"rs-a/legal": stand(service, events)}, BLOCK) is None


def test_once_it_is_written_the_file_says_it_by_itself_and_the_event_no_longer_counts() -> None:
    after = written_back(BLOCK, *vouched("legal"), ("suspended", "legal", {"words": "a report"}))
    service = parsed(after).services[0]
    word = {
        "checklist": CHECKLIST,
        "expires": date(2027, 5, 1),
        "base": said(parsed(BLOCK).services[0], "vetting"),
    }
    events = [
        Event("proposed", "rs-a/legal", HOUR, "Ana", position=0, **word),  # type: ignore[arg-type]  # fields of Event
        Event("vetted", "rs-a/legal", HOUR, "Bo", position=1, **word),  # type: ignore[arg-type]  # fields of Event
        Event("suspended", "rs-a/legal", HOUR, "Ana", position=2),
    ]

    assert stand(service, events).service.vetting.state == "suspended"
    back = Event("reinstated", "rs-a/legal", HOUR, "Bo", base=said(service, "vetting"), position=3)
    assert state_today(stand(service, [*events, back]).service.vetting, DAY) == "vetted"


def test_a_file_that_a_program_cannot_edit_is_named_and_left_alone() -> None:
    text = BLOCK.replace("country: RS\n", "country: RS\n").replace(
        "name: Lawyers     # short", "name: >\n      Lawyers"
    )
    organisation = parsed(text)
    service = organisation.services[0]
    moved = replace(stand(service, ()), service=replace(service, notice=None, hours=None))
    assert edit_organisation(organisation, {"rs-a/legal": moved}, "services: []\n") is not None
    edited = edit_organisation(organisation, {"rs-a/legal": moved}, "services: []\n")
    assert edited is not None
    assert (edited.text, edited.services) == (None, ("rs-a/legal",))


def test_line_ends_and_a_missing_last_one_are_kept() -> None:
    windows = BLOCK.replace("\n", "\r\n")
    after = written_back(windows, change("legal", "hours", None))

    assert "hours: null\r\n" in after
    bare = BLOCK.partition("# A remark at the end")[0].rstrip("\n")
    assert parsed(written_back(bare, *vouched("small"))).services[1].vetting.state == "vetted"


def test_every_shipped_file_can_be_edited() -> None:
    directory, problems = load_directory(ROOT, fold=fold)
    assert directory is not None, problems
    for organisation in directory.organisations.values():
        text = (ROOT / organisation.at[""].file).read_text("utf-8")
        standings = {}
        for service in organisation.services:
            name = f"{organisation.id}/{service.id}"
            notice: Json = {"text": {"en": "Ring twice"}, "until": "2026-12-01"}
            events = [
                Event("suspended", name, HOUR, "Ana", words="a test", position=0),
                Event("changed", name, HOUR, "Ana", field="notice", value=notice, base=said(service, "notice"), position=1),
            ]  # fmt: skip
            standings[name] = stand(service, events, country=organisation.country)
        edited = edit_organisation(organisation, standings, text)
        if organisation.services:
            assert edited is not None
            assert edited.text is not None, organisation.id


@given(
    st.recursive(
        st.none() | st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), inner, max_size=3)
        ),
        max_leaves=5,
    )
)
@settings(max_examples=60, deadline=None)
def test_whatever_is_written_in_one_line_reads_back_as_it_was(value: object) -> None:
    import yaml

    assert yaml.load(f"x: {inline(value)}\n", Loader=yaml.CBaseLoader)["x"] == _as_text(value)  # type: ignore[arg-type]  # what the strategy gives


def _as_text(value: object) -> object:
    if isinstance(value, dict):
        return {key: _as_text(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_as_text(each) for each in value]
    return "null" if value is None else value


@pytest.mark.parametrize("text", ["", "- a\n", "a: [\n", "a: 1\n"])
def test_what_is_no_record_is_refused(text: str) -> None:
    with pytest.raises(EditError):
        YamlEdits(text).item("services", "service", "x")
