"""Who never gets a case, and who gets one only after a question of its own."""

import pytest

from bot.directory.lint import check_references
from bot.directory.matching import Directory
from bot.directory.model import Member, Network, Organisation, Taxonomy
from bot.directory.recipients import barred, may_be_asked_about, represents_a_state
from bot.kernel.problems import Mark, Problem
from bot.nlu.normalise import fold

MARK = Mark("directory/network.yaml", 3, 3)


def a_directory(*organisations: Organisation, separate: bool = False) -> Directory:
    members = tuple(Member(each.id, separate_consent=separate, at={"": MARK}) for each in organisations)
    return Directory.build(organisations, Taxonomy(), (), Network(members), fold=fold)


def an_organisation(kind: str = "ngo", name: str = "Lantern") -> Organisation:
    return Organisation("xx-one", {"en": name}, "XX", kind)


def problems_of(directory: Directory) -> list[Problem]:
    return [each for each in check_references(directory) if each.code in {"D210", "D211"}]


@pytest.mark.parametrize(
    "organisation",
    [
        an_organisation("consulate"),
        an_organisation("ngo", "Embassy of Nowhere"),
        an_organisation("state", "Consulate General of Nowhere"),
        an_organisation("ngo", "Konzulat Nedođije"),
        an_organisation("ngo", "Consulado de Ninguém"),
        an_organisation("ngo", "سفارة لا مكان"),
        an_organisation("ngo", "Посольство Нигдеи"),
    ],
)
def test_a_consulate_gets_no_case_whatever_is_written_and_whoever_agrees(organisation: Organisation) -> None:
    directory = a_directory(organisation, separate=True)

    [problem] = problems_of(directory)
    assert (problem.code, problem.severity, problem.mark) == ("D210", "error", MARK)
    assert "take it out" in problem.mend
    assert may_be_asked_about(directory.organisations, directory.network) == ()
    assert barred(directory.organisations, directory.network, agreed=["xx-one"]) == {"xx-one"}


@pytest.mark.parametrize("name", ["Lantern Demo Centre", "Ambassadors of Light Demo", "Consultation Centre"])
def test_a_name_that_only_sounds_like_one_is_let_be(name: str) -> None:
    assert not represents_a_state(an_organisation(name=name))


@pytest.mark.parametrize("kind", ["state", "referral mechanism"])
def test_a_state_body_is_off_until_the_network_has_people_asked(kind: str) -> None:
    directory = a_directory(an_organisation(kind))

    [problem] = problems_of(directory)
    assert (problem.code, problem.severity) == ("D211", "error")
    assert "separate consent: yes" in problem.mend
    assert barred(directory.organisations, directory.network, agreed=["xx-one"]) == {"xx-one"}


@pytest.mark.parametrize("kind", ["state", "referral mechanism"])
def test_a_state_body_gets_a_case_only_of_who_said_yes_to_it(kind: str) -> None:
    directory = a_directory(an_organisation(kind), separate=True)

    assert problems_of(directory) == []
    assert may_be_asked_about(directory.organisations, directory.network) == ("xx-one",)
    assert barred(directory.organisations, directory.network, agreed=[]) == {"xx-one"}
    assert barred(directory.organisations, directory.network, agreed=["xx-one"]) == frozenset()


@pytest.mark.parametrize("kind", ["ngo", "un", "community", "clinic", "hotline"])
def test_everybody_else_gets_cases_without_another_question(kind: str) -> None:
    directory = a_directory(an_organisation(kind))

    assert problems_of(directory) == []
    assert barred(directory.organisations, directory.network, agreed=[]) == frozenset()


def test_who_receives_cases_says_when_it_must_tell_somebody_else() -> None:
    silent = Member(
        "xx-one", limits_short={"sr": "Moramo."}, at={"": MARK}
    )  # everybody falls back to the English
    said = Member("xx-one", limits_short={"en": "We must act when a child is in danger."}, at={"": MARK})

    def found(member: Member) -> list[Problem]:
        built = Directory.build((an_organisation(),), Taxonomy(), (), Network((member,)), fold=fold)
        return [each for each in check_references(built) if each.code == "D212"]

    [problem] = found(silent)
    assert (problem.mark, problem.severity) == (MARK, "warning")
    assert "limits_short: {en:" in problem.mend
    assert found(said) == []
