"""Whatever happens to a service, in whatever order it is told: nothing that two people do not vouch for is offered."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import timedelta
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.directory.columns import Columns
from bot.directory.due import due, reminders
from bot.directory.ledger import KINDS, TAKES_AWAY, Event, Json, Kind, event_of, said
from bot.directory.matching import Directory, Query
from bot.directory.model import (
    CHECKLIST,
    Capacity,
    Hours,
    Notice,
    Phone,
    Postal,
    Safety,
    Service,
    Source,
    Vetting,
)
from bot.directory.places import Places
from bot.directory.standing import PROPOSAL_HOURS, Standing, different_people, stand
from bot.directory.vetting import may_be_offered, state_today, vetter_key
from bot.directory.week import week_of
from bot.nlu.normalise import fold
from tests.directory.samples import (
    NOW,
    ONE_DAY,
    PLACES,
    SERVICE,
    TODAY,
    VETTED,
    a_directory,
    a_service,
    an_organisation,
    offered,
    only,
)

HOUR = int(NOW.timestamp()) // 3600
UNKNOWN = a_service(vetting=Vetting())
NAME = "rs-0/legal"


def happened(kind: Kind, position: int = 0, *, on: Service = UNKNOWN, **told: object) -> Event:
    """One event about a service, bound to what its file says."""
    field = str(told.get("field", "")) or "vetting"
    given_: dict[str, object] = {
        "by": "Ana",
        "hour": HOUR,
        "base": said(on, field),
        "position": position,
        **told,
    }
    if kind in {"proposed", "vetted"}:
        given_ = {"checklist": CHECKLIST, "expires": TODAY + 100 * ONE_DAY, **given_}
    return Event(kind=kind, service=NAME, **given_)  # type: ignore[arg-type]  # each test names fields of Event


def state(service: Service, *events: Event) -> str:
    return state_today(stand(service, events).service.vetting, TODAY)


FIRST, SECOND = happened("proposed"), happened("vetted", 1, by="Bo")


def test_two_different_vetters_make_a_service_vetted_until_the_earlier_of_their_days() -> None:
    second = replace(SECOND, expires=TODAY + 50 * ONE_DAY, words="called")
    standing = stand(UNKNOWN, [replace(FIRST, words="visited"), second])

    assert standing.service.vetting == Vetting(
        "vetted",
        ("Ana", "Bo"),
        TODAY,
        TODAY + 50 * ONE_DAY,
        {"en": "visited; called"},
        dict.fromkeys(CHECKLIST, "yes"),
    )
    assert state(UNKNOWN, FIRST, second) == "vetted"


def test_one_vetter_is_not_enough() -> None:
    assert state(UNKNOWN, FIRST) == "proposed"
    assert stand(UNKNOWN, [FIRST]).proposed == FIRST
    assert state(UNKNOWN, SECOND) == "unverified"


@pytest.mark.parametrize(
    "second",
    [
        {"by": "ana"},
        {"by": " Ana "},
        {"by": "Ana (rs-demo-lantern)"},
        {"by": "Ａｎａ"},
        {"by": ""},
        {"by": "Bo", "staff": "f" * 32},
        {"checklist": CHECKLIST[1:]},
        {"expires": None},
        {"base": ""},
        {"base": said(SERVICE, "vetting")},
        {"hour": HOUR + PROPOSAL_HOURS + 1},
        {"hour": HOUR - 1},
    ],
)
def test_who_cannot_be_told_from_the_first_or_leaves_something_out_is_no_second_vetter(
    second: dict[str, object],
) -> None:
    first = replace(FIRST, staff="f" * 32)

    assert state(UNKNOWN, first, replace(SECOND, **second)) == "proposed"  # type: ignore[arg-type]  # fields of Event


def test_a_suspension_takes_out_what_file_and_vetters_vouch_for_until_somebody_puts_it_back() -> None:
    service = a_service()
    gone = happened("suspended", 2, on=service)

    assert state(service, gone) == "suspended"
    assert state(UNKNOWN, FIRST, SECOND, gone) == "suspended"
    assert state(service, gone, happened("reinstated", 3, on=service)) == "vetted"
    assert state(UNKNOWN, FIRST, SECOND, gone, happened("reinstated", 3)) == "vetted"
    assert state(UNKNOWN, gone, happened("reinstated", 3)) == "unverified"


def test_vouching_does_not_undo_a_suspension() -> None:
    assert state(
        UNKNOWN, happened("suspended", 0), replace(FIRST, position=1), replace(SECOND, position=2)
    ) == ("suspended")


def test_a_file_that_suspends_is_undone_only_by_who_looked_at_that_file() -> None:
    suspended = a_service(vetting=replace(VETTED, state="suspended"))

    assert state(suspended) == "suspended"
    assert state(suspended, happened("reinstated", on=a_service())) == "suspended"
    assert state(suspended, happened("reinstated", on=suspended)) == "vetted"
    assert state(a_service(vetting=Vetting("suspended")), happened("reinstated", on=suspended)) == "suspended"


def test_whoever_edits_the_file_takes_over_from_what_was_vouched_for() -> None:
    edited = a_service(vetting=Vetting("unverified", ("Cy",)))

    assert state(edited, FIRST, SECOND) == "unverified"


def test_a_new_word_about_what_is_vetted_takes_nothing_away() -> None:
    service = a_service()

    assert state(service, happened("proposed", on=service)) == "vetted"


def test_a_report_marks_a_service_until_somebody_looked() -> None:
    report = happened("flagged", 0, by="", base="")
    standing = stand(a_service(), [report])

    assert standing.flags == (report,)
    assert state(a_service(), report) == "vetted"
    for kind in ("dismissed", "reinstated"):
        assert stand(a_service(), [report, happened(kind, 1)]).flags == ()
    assert stand(a_service(), [happened("dismissed", 0), replace(report, position=1)]).flags


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hours", {"open": "Sa 10:00-12:00", "zone": "Europe/Belgrade"}),
        ("hours", None),
        ("capacity", {"state": "full", "on": "2026-11-20"}),
        ("phones", [{"number": "+381 11 000 0009", "visibility": "public"}]),
        ("phones", []),
        ("notice", {"text": {"en": "Ring twice"}, "until": "2026-11-30"}),
    ],
)
def test_what_changes_every_week_counts_at_once_until_the_file_says_otherwise(
    field: str, value: Json
) -> None:
    service = a_service()
    event = happened("changed", on=service, field=field, value=value, source="they called")
    after = stand(service, [event], country="RS").service
    expected = {
        "hours": Hours("Sa 10:00-12:00", "Europe/Belgrade", "RS") if value else None,
        "capacity": Capacity("full", TODAY),
        "phones": (Phone("+381 11 000 0009", "public"),) if value else (),
        "notice": Notice({"en": "Ring twice"}, TODAY + 10 * ONE_DAY),
    }

    assert getattr(after, field) == expected[field]
    if field in {"hours", "phones"}:
        assert after.sources == (Source(field, "they called", TODAY),)
    edited = replace(
        service,
        hours=Hours("Mo 09:00-10:00", "Europe/Belgrade", "RS"),
        capacity=Capacity("open", TODAY - ONE_DAY),
        phones=(),
        notice=Notice({"en": "Other"}, TODAY),
    )
    assert getattr(stand(edited, [event], country="RS").service, field) == getattr(edited, field)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hours", {"open": "whenever", "zone": "Europe/Belgrade"}),
        ("hours", {"open": "24/7", "zone": "Nowhere"}),
        ("capacity", {"state": "open"}),
        ("phones", [{"number": "call us"}]),
        ("notice", {"text": {"en": "x" * 200}, "until": "2026-11-30"}),
        ("notice", {"text": {"en": "x"}}),
        ("name", {"en": "x"}),
        ("vetting", {"state": "vetted"}),
    ],
)
def test_a_value_that_the_file_would_not_be_allowed_changes_nothing(field: str, value: Json) -> None:
    service = a_service()
    event = happened("changed", on=service, field=field, value=value)

    assert stand(service, [event], country="RS").service == service


WORD = "safety/shares_with_authorities"


def asked(answer: str, position: int = 0, **told: object) -> Event:
    return happened("safety_proposed", position, on=SERVICE, field=WORD, value=answer, **told)


def agreed(of: int, position: int = 1, **told: object) -> Event:
    return happened("safety_accepted", position, on=SERVICE, field=WORD, of=of, **{"by": "Bo", **told})


def answer_of(*events: Event, service: Service = SERVICE) -> str:
    return stand(service, events).service.safety.of("shares_with_authorities")


def test_a_safe_answer_that_somebody_doubts_is_unknown_until_a_second_person_looked() -> None:
    assert SERVICE.safety.of("shares_with_authorities") == "no"
    assert answer_of(asked("yes")) == "unknown"
    assert answer_of(asked("yes"), agreed(0)) == "yes"
    assert answer_of(asked("yes"), agreed(0, by="Ana")) == "unknown"
    assert answer_of(asked("yes"), replace(agreed(0), kind="safety_rejected")) == "no"


def test_a_danger_stays_named_until_a_second_person_agrees_that_it_is_gone() -> None:
    danger = replace(SERVICE, safety=Safety({"shares_with_authorities": "yes"}))
    doubt = replace(asked("no"), base=said(danger, WORD))

    assert answer_of(doubt, service=danger) == "yes"
    assert answer_of(doubt, agreed(0), service=danger) == "no"
    assert answer_of(replace(doubt, base=said(SERVICE, WORD)), agreed(0), service=danger) == "yes"


def test_agreeing_is_about_the_very_answer_that_was_asked_for() -> None:
    assert answer_of(asked("yes"), asked("unknown", 1), agreed(0, 2)) == "unknown"
    assert stand(SERVICE, [asked("yes"), asked("unknown", 1), agreed(0, 2)]).waiting
    assert not stand(SERVICE, [asked("yes"), asked("unknown", 1), agreed(1, 2)]).waiting


# --- whatever happens -------------------------------------------------------------------------------------

PEOPLE = ("Ana", "ana ", "Bo", "Cy (rs-house)", "")
FILES = (
    a_service(),
    UNKNOWN,
    a_service(vetting=replace(VETTED, state="suspended")),
    a_service(vetting=replace(VETTED, expires=TODAY - ONE_DAY)),
    a_service(vetting=Vetting("proposed", ("Ana",))),
    a_service(status="paused"),
)
VALUES: tuple[Json, ...] = (
    None,
    "yes",
    "no",
    [],
    {"open": "24/7", "zone": "Europe/Belgrade"},
    {"state": "full", "on": "2026-11-20"},
    [{"number": "+381 11 000 0009"}],
    {"text": {"en": "x"}, "until": "2026-11-30"},
)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Service, list[Event]]:
    file = draw(st.sampled_from(FILES))
    seen = st.sampled_from([file, *FILES])
    events = []
    for position in range(draw(st.integers(0, 8))):
        field = draw(st.sampled_from(["", "hours", "capacity", "phones", "notice", WORD, "name"]))
        events.append(
            Event(
                kind=draw(st.sampled_from(KINDS)),
                service=NAME,
                hour=HOUR + draw(st.integers(-2000, 0)),
                by=draw(st.sampled_from(PEOPLE)),
                staff=draw(st.sampled_from(["", "a" * 32, "b" * 32])),
                words=draw(st.sampled_from(["", "visited"])),
                checklist=draw(st.sampled_from([CHECKLIST, CHECKLIST[1:], ()])),
                expires=draw(st.sampled_from([None, TODAY - ONE_DAY, TODAY, TODAY + 90 * ONE_DAY])),
                field=field,
                value=draw(st.sampled_from(VALUES)),
                source=draw(st.sampled_from(["", "they called"])),
                base=draw(st.sampled_from(["", said(draw(seen), field or "vetting")])),
                of=draw(st.integers(-1, 7)),
                position=position,
            )
        )
    return file, events


def standing_directory(file: Service, standing: Standing) -> Directory:
    return only(file).as_it_stands({NAME: standing.service}, [NAME] if standing.flags else [])


@settings(max_examples=100, deadline=None)
@given(histories())
def test_no_history_lets_anything_be_offered_that_two_people_do_not_vouch_for(
    history: tuple[Service, list[Event]],
) -> None:
    file, events = history
    standing = stand(file, events, country="RS")
    vetting = standing.service.vetting
    told = offered(standing_directory(file, standing))

    if told:
        assert standing.suspended is None
        assert file.status == "active"
        assert vetting.state == "vetted"
        assert len({vetter_key(name) for name in vetting.by} - {""}) >= 2
        assert vetting.expires is not None
        assert vetting.expires >= TODAY
    last = [event.kind for event in events if event.kind in {"suspended", "reinstated"}][-1:]
    assert last != ["suspended"] or told == []
    assert bool(told) is may_be_offered(an_organisation(), standing.service, TODAY)


@settings(max_examples=60, deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_a_history_amounts_to_the_same_in_any_order_and_told_twice(
    history: tuple[Service, list[Event]], chance: object
) -> None:
    file, events = history
    mixed = [*events, *events[:3]]
    chance.shuffle(mixed)  # type: ignore[attr-defined]  # a random.Random

    assert stand(file, mixed, country="RS") == stand(file, events, country="RS")


@settings(max_examples=60, deadline=None)
@given(histories(), st.integers(0, 8))
def test_what_nobody_could_check_only_takes_away(history: tuple[Service, list[Event]], proven: int) -> None:
    file, events = history
    checked = stand(file, [event for event in events if event.position < proven], country="RS")
    standing = stand(file, events, country="RS", proven=proven)

    if offered(standing_directory(file, standing)):
        assert offered(standing_directory(file, checked))
        assert standing.service.vetting == checked.service.vetting
    assert standing.service.phones == checked.service.phones


@given(histories())
def test_an_event_comes_back_as_it_was_written_down(history: tuple[Service, list[Event]]) -> None:
    for event in history[1]:
        assert event_of(dict(event.fields()), event.position) == event


@given(
    st.dictionaries(
        st.sampled_from([*FIRST.fields(), "more"]), st.none() | st.text(max_size=4) | st.integers()
    )
)
def test_no_fields_of_a_stranger_make_reading_an_event_fail(changes: Mapping[str, object]) -> None:
    found = event_of({**FIRST.fields(), **changes}, 0)

    assert found is None or found.kind in get_args(Kind)


def test_only_what_takes_away_counts_unchecked() -> None:
    assert {"suspended", "flagged", "safety_proposed"} == TAKES_AWAY


@given(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE), st.booleans())
def test_two_people_are_never_one(one: str, other: str, same: bool) -> None:  # hypothesis gives it
    first = happened("proposed", by=one, staff="a" * 32)
    second = happened("vetted", by=other, staff="a" * 32 if same else "b" * 32)

    if different_people(first, second):
        assert not same
        assert vetter_key(one) != vetter_key(other)
        assert vetter_key(one) and vetter_key(other)  # noqa: PT018  # both have names


# --- columns ------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(st.lists(histories(), min_size=1, max_size=4))
def test_columns_that_were_changed_are_those_that_would_be_built_anew(
    several: list[tuple[Service, list[Event]]],
) -> None:
    files = [replace(file, id=f"s{number}") for number, (file, _) in enumerate(several)]
    stood = [
        replace(stand(file, events, country="RS").service, id=f"s{number}")
        for number, (file, events) in enumerate(several)
    ]
    release = a_directory([an_organisation(*files)])
    changed = {f"rs-lantern/{service.id}": service for service in stood}
    patched = release.as_it_stands(changed, ())._columns  # what matching reads
    built = Columns.build([an_organisation(*stood)], Places.build(PLACES, fold=fold))

    for field in fields(Columns):
        ours, theirs = getattr(patched, field.name), getattr(built, field.name)
        if field.name in {"hours", "all_hours"}:
            continue
        if isinstance(ours, np.ndarray):
            assert np.array_equal(ours, theirs, equal_nan=ours.dtype.kind == "f"), field.name
        elif field.name == "answers":
            for word in {*ours, *theirs}:
                none = np.zeros(len(stood), np.int8)
                assert np.array_equal(ours.get(word, none), theirs.get(word, none)), word
        elif field.name == "visiting":
            assert [bool(one.visits) for one in stood] == ours.teams.tolist() == theirs.teams.tolist()
        elif field.name not in {"needs", "populations", "languages", "reach", "country", "kinds"}:
            assert ours == theirs, field.name
    assert [patched.all_hours[at] if at >= 0 else None for at in patched.hours] == [
        built.all_hours[at] if at >= 0 else None for at in built.hours
    ]


def test_a_change_of_hours_is_open_at_once_and_one_of_safety_filters_at_once() -> None:
    release = only(a_service())
    later = a_service(hours=Hours("Fr 20:00-22:00", "Europe/Belgrade", "RS"), safety=Safety())
    now = release.as_it_stands({NAME: later}, ())

    assert "open_now" in release.match(Query("legal_asylum"), NOW).matches[0].reasons
    assert "open_now" not in now.match(Query("legal_asylum"), NOW).matches[0].reasons
    assert offered(release, safety=("no_shares_with_authorities",)) == ["legal"]
    assert offered(now, safety=("no_shares_with_authorities",)) == []


def test_a_reported_service_comes_last_and_says_so() -> None:
    services = [a_service(), a_service("other", capacity=Capacity()), a_service("third", cost="paid")]
    release = a_directory(an_organisation(one, ident=f"rs-{number}") for number, one in enumerate(services))
    before = release.match(Query("legal_asylum"), NOW).matches
    first = before[0]
    name = f"{first.organisation.id}/{first.service.id}"
    after = release.as_it_stands({name: first.service}, [name]).match(Query("legal_asylum"), NOW).matches

    assert [match.service.id for match in after] == [match.service.id for match in (*before[1:], first)]
    assert [match.flagged for match in after] == [False, False, True]


def test_a_reported_service_is_not_lifted_for_being_of_another_organisation() -> None:
    ours = an_organisation(*(a_service(f"s{number}") for number in range(4)))
    theirs = an_organisation(a_service("x"), ident="rs-x")
    release = a_directory([ours, theirs])
    now = release.as_it_stands({"rs-x/x": theirs.services[0]}, ["rs-x/x"])

    assert "x" in [match.service.id for match in release.match(Query("legal_asylum"), NOW).matches]
    assert "x" not in [match.service.id for match in now.match(Query("legal_asylum"), NOW).matches]


# --- what there is to do --------------------------------------------------------------------------------------


def todo(service: Service, *events: Event) -> list[tuple[str, str, int]]:
    return [(one.what, one.detail, one.mark) for one in reminders(stand(service, events), TODAY)]


@pytest.mark.parametrize(
    ("left", "mark"), [(31, None), (30, 30), (15, 30), (14, 14), (4, 14), (3, 3), (0, 3)]
)
def test_a_lapse_is_named_anew_thirty_fourteen_and_three_days_before(left: int, mark: int | None) -> None:
    end = TODAY + left * ONE_DAY
    expected = [] if mark is None else [("lapses", end.isoformat(), mark)]

    assert todo(a_service(vetting=replace(VETTED, expires=end))) == expected


def test_each_thing_there_is_to_do_is_named_once_and_reports_come_first() -> None:
    service = a_service(
        vetting=replace(VETTED, checklist={}),
        capacity=Capacity("open", TODAY - timedelta(days=15)),
        sources=(Source("phone", "a", conflict=True),),
    )
    events = (
        happened("flagged", 0, by=""),
        happened("safety_proposed", 1, on=service, field="safety/women_only", value="yes"),
        happened("proposed", 2, on=service),
    )

    assert todo(service, *events) == [
        ("flagged", "2026-11-20", 0),
        ("safety", "women_only", 0),
        ("proposed", "Ana", 0),
        ("conflict", "phones", 0),
        ("checklist", "", 0),
        ("capacity", "2026-11-05", 0),
    ]
    assert todo(a_service()) == []
    assert todo(UNKNOWN) == [("unverified", "", 0)]
    assert todo(a_service(), happened("suspended")) == [("suspended", "2026-11-20", 0)]
    assert todo(replace(UNKNOWN, status="closed")) == []
    assert todo(a_service(vetting=replace(VETTED, expires=TODAY - ONE_DAY)))[0][0] == "lapsed"


def test_the_most_urgent_service_comes_first() -> None:
    services = {
        "a": a_service("a", vetting=Vetting()),
        "b": a_service("b", vetting=replace(VETTED, expires=TODAY + 20 * ONE_DAY)),
        "c": a_service("c", vetting=replace(VETTED, expires=TODAY + 2 * ONE_DAY)),
        "d": a_service("d", vetting=replace(VETTED, expires=TODAY - ONE_DAY)),
        "e": a_service("e"),
        "f": a_service("f", address=Postal("x")),
    }
    flagged = {"rs-lantern/f": stand(services["f"], [happened("flagged", by="")])}
    found = due([an_organisation(*services.values())], flagged, TODAY, 30)

    assert [one.service.id for one in found] == ["f", "d", "c", "b", "a"]


def test_hours_are_told_day_by_day_as_people_will_read_them() -> None:
    week = week_of(
        Hours('Mo-Fr 09:00-17:00; Sa 20:00-02:00; Tu 10:00-11:00 "ask"', "Europe/Belgrade", "RS"), NOW
    )

    assert [day.day for day in week] == [TODAY + number * ONE_DAY for number in range(7)]
    assert [day.spans for day in week[:3]] == [
        (("09:00", "17:00"),),
        (("20:00", "24:00"),),
        (("00:00", "02:00"),),
    ]
    assert [day.unsure for day in week] == [False, False, False, False, True, False, False]
