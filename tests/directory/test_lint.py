"""What only the whole directory shows: needs and queues nobody serves, vettings that lapse, addresses to hide."""

from dataclasses import replace

from bot.directory.lint import check_references, lint_directory
from bot.directory.matching import Directory
from bot.directory.model import Member, Network, Postal, Safety, Service, Source, Vetting
from bot.kernel.problems import Mark
from tests.directory.samples import (
    ONE_DAY,
    TODAY,
    VETTED,
    a_directory,
    a_service,
    a_visit,
    an_organisation,
    only,
)

HERE = Mark("flows/x.yaml", 7, 5)


def codes(directory: Directory, **used: dict[str, Mark]) -> list[tuple[str, str]]:
    found = lint_directory(directory, TODAY, needs=used.get("needs"), queues=used.get("queues"))
    return [(one.code, one.severity) for one in found if one.code != "D302" or used.get("queues")]


def marked(**changes: object) -> Service:
    return a_service("legal", **{"at": {"": Mark("directory/rs/a.yaml", 7, 5)}, **changes})


def test_a_sound_directory_has_no_problems() -> None:
    assert codes(only(marked())) == []


def test_a_lapse_is_announced_thirty_days_ahead_and_named_when_it_came() -> None:
    assert codes(only(marked(vetting=replace(VETTED, expires=TODAY + 31 * ONE_DAY)))) == []
    assert codes(only(marked(vetting=replace(VETTED, expires=TODAY + 30 * ONE_DAY)))) == [("D303", "warning")]
    assert codes(only(marked(vetting=replace(VETTED, expires=TODAY - ONE_DAY)))) == [("D304", "warning")]


def test_an_old_check_is_named() -> None:
    assert codes(only(marked(vetting=replace(VETTED, on=TODAY - 366 * ONE_DAY)))) == [("D308", "warning")]


def test_a_shelters_address_that_people_could_see_is_named() -> None:
    address = Postal("Demo street 1", "rs-beograd", "matched")

    assert codes(only(marked(needs=("shelter",), address=address))) == [("D305", "warning")]
    assert codes(only(marked(safety=Safety({"address_confidential": "yes"}), address=address))) == [
        ("D305", "warning")
    ]
    assert codes(only(marked(needs=("shelter",), address=replace(address, visibility="caseworker")))) == []


def test_a_fictitious_record_is_to_say_so_in_its_name() -> None:
    demo = replace(an_organisation(marked()), demo=True, at={"": Mark("directory/rs/a.yaml", 1, 1)})

    assert codes(a_directory([demo])) == [("D306", "warning")]
    assert codes(a_directory([replace(demo, name={"en": "Lantern Demo"})])) == []


def test_a_need_that_flows_use_and_no_service_has_is_an_error_where_the_flow_asks() -> None:
    found = lint_directory(only(marked()), TODAY, needs={"shelter": HERE})

    assert [(one.code, one.mark) for one in found if one.code == "D301"] == [("D301", HERE)]


def test_a_need_with_only_unvetted_services_is_a_warning() -> None:
    assert codes(only(marked(vetting=Vetting())), needs={"legal_asylum": HERE}) == [("D307", "warning")]


def test_a_country_of_the_network_without_the_need_is_a_warning() -> None:
    network = Network((Member("rs-lantern", places=("RS", "pt-lisboa")),))
    directory = a_directory([an_organisation(marked())], network)

    assert codes(directory, needs={"legal_asylum": HERE}) == [("D307", "warning")]


def test_a_queue_that_flows_use_and_no_member_serves_is_an_error() -> None:
    network = Network((Member("rs-lantern"),))
    directory = a_directory([an_organisation(marked())], network)

    assert codes(directory, queues={"general": HERE}) == []
    assert codes(only(marked()), queues={"general": HERE}) == [("D302", "error")]
    assert codes(directory, queues={"leagl": HERE}) == [("D205", "error")]


def test_a_vetting_that_leaves_out_a_point_of_the_checklist_is_named() -> None:
    partly = {point: answer for point, answer in VETTED.checklist.items() if point != "agreed"}

    found = lint_directory(only(marked(vetting=replace(VETTED, checklist=partly))), TODAY)

    assert [(one.code, one.severity) for one in found if one.code != "D302"] == [("D309", "warning")]
    assert "agreed" in found[-1].message
    assert codes(only(marked(vetting=replace(VETTED, checklist={})))) == []


def test_sources_that_silently_give_different_numbers_are_named_until_one_says_so() -> None:
    one, other = Source("phone", "a", TODAY, "+381 11 000"), Source("phones", "b", TODAY, "+381 11 001")

    assert codes(only(marked(sources=(one, replace(other, value="+38111000"))))) == []
    assert codes(only(marked(sources=(one, other)))) == [("D310", "warning")]
    assert codes(only(marked(sources=(one, replace(other, conflict=True))))) == []


def test_a_service_that_was_replaced_is_to_be_closed() -> None:
    replaced = marked(replaced_by="rs-0")

    assert codes(only(replaced)) == [("D311", "warning")]
    assert codes(only(replace(replaced, status="tombstone"))) == []


def test_a_mobile_team_of_which_every_visit_is_over_is_named() -> None:
    assert codes(only(marked(visits=(a_visit(TODAY),)))) == []
    assert codes(only(marked(visits=(a_visit(TODAY - ONE_DAY),)))) == [("D312", "warning")]


def test_a_visit_to_a_place_that_does_not_exist_is_an_error() -> None:
    nowhere = replace(a_visit(TODAY), place="rs-nowhere")

    assert [one.code for one in check_references(only(marked(visits=(nowhere,))))] == ["D204"]
