"""Directory files: every key of the format is read, every fault comes back with its place and its mend."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.directory_folder import load_directory
from bot.content.marks import read_yaml
from bot.directory.codes import CODES
from bot.directory.model import (
    Capacity,
    Hours,
    LanguageOffer,
    Notice,
    Organisation,
    Phone,
    Postal,
    Source,
    Taxonomy,
    Vetting,
)
from bot.directory.parse import parse_network, parse_organisation, parse_places, parse_taxonomy
from bot.kernel.problems import Problem
from bot.nlu.normalise import fold

EXAMPLE = """\
organisation: rs-lantern          # equals the file name
name: {en: Lantern Demo Centre, sr: Demo centar Fenjer}
country: RS
kind: ngo
website: https://example.org
services:
  - service: legal
    status: active
    name: {en: Free lawyers}
    needs: [legal_asylum]
    populations: [asylum_seeker, lgbtiq]
    age: [18, null]
    languages: [{code: sr, by: staff}, {code: fa, by: interpreter}]
    cost: free
    documents: none
    documents note: {en: not even a name}
    safety: {shares_with_authorities: no, asks_legal_status: no, sogiesc_trained: yes, trans_competent: unknown,
             women_only: no, address_confidential: no, records_calls: no, locates_callers: no, must_report_when: {en: a child is in danger}}
    access: [phone, walk_in]
    phones: [{number: "+381 11 000 0000", visibility: public}]
    address: {text: Demo street 1, place: rs-beograd, visibility: matched}
    hours: {open: "Mo-Fr 09:00-17:00; PH off", zone: Europe/Belgrade}
    areas: [RS]
    not_offered: {en: No accommodation}
    next_step: {en: Call and ask for a lawyer}
    capacity: {state: open, on: 2026-11-20}
    vetting: {state: vetted, by: [vetter-a, vetter-b], on: 2026-11-01, expires: 2027-05-01, evidence: {en: "visited, policy read"}}
    sources: [{field: phones, source: "example.org/contact", checked_on: 2026-11-01}]
    notice: {text: {en: Closed on Monday}, until: 2026-11-30}
"""

NETWORK = """\
organisations:
  rs-lantern: {queues: [general, legal], places: [RS], languages: [sr, en], serves: [adults, minors, women, men, trans, lgbtiq], limits_short: {en: We must act when a child is in danger.}}
queues:
  general: {}
  legal: {needs: [legal_asylum, legal_other]}
  psea: {independent: true}
duty: {zone: Europe/Belgrade, hours: "Mo-Fr 09:00-17:00"}
"""


def organisation(text: str, stem: str = "rs-lantern") -> tuple[Organisation | None, list[Problem]]:
    node, problems = read_yaml(text.encode(), f"directory/rs/{stem}.yaml")
    assert node is not None, problems
    return parse_organisation(node, stem)


def test_the_example_of_the_format_is_read_whole() -> None:
    read, problems = organisation(EXAMPLE)

    assert problems == []
    assert read is not None
    service = read.services[0]
    assert (read.id, read.country, read.kind, read.demo) == ("rs-lantern", "RS", "ngo", False)
    assert service.needs == ("legal_asylum",)
    assert service.populations == ("asylum_seeker", "lgbtiq")
    assert service.age == (18, None)
    assert service.languages == (LanguageOffer("sr"), LanguageOffer("fa", "interpreter"))
    assert (service.cost, service.documents) == ("free", "none")
    assert service.documents_note == {"en": "not even a name"}
    assert service.safety.of("shares_with_authorities") == "no"
    assert service.safety.of("sogiesc_trained") == "yes"
    assert service.safety.of("trans_competent") == "unknown"
    assert service.safety.of("must_report") == "yes"
    assert service.safety.must_report_when == {"en": "a child is in danger"}
    assert service.phones == (Phone("+381 11 000 0000", "public"),)
    assert service.address == Postal("Demo street 1", "rs-beograd", "matched")
    assert service.hours == Hours("Mo-Fr 09:00-17:00; PH off", "Europe/Belgrade", "RS")
    assert service.areas == ("RS",)
    assert service.capacity == Capacity("open", date(2026, 11, 20))
    assert service.vetting == Vetting(
        "vetted",
        ("vetter-a", "vetter-b"),
        date(2026, 11, 1),
        date(2027, 5, 1),
        {"en": "visited, policy read"},
    )
    assert service.notice == Notice({"en": "Closed on Monday"}, date(2026, 11, 30))
    assert service.sources == (Source("phones", "example.org/contact", date(2026, 11, 1)),)


def test_keys_may_be_written_with_spaces_or_underscores() -> None:
    spaced = EXAMPLE.replace("not_offered", "not offered").replace("next_step", "next step")
    spaced = spaced.replace("shares_with_authorities", "shares with authorities").replace(
        "checked_on", "checked on"
    )

    assert organisation(spaced) == organisation(EXAMPLE)


def test_a_record_without_vetting_is_unverified_and_without_safety_unknown() -> None:
    read, problems = organisation(
        "organisation: a\nname: A\ncountry: RS\nservices: [{service: s, name: S, needs: [n]}]\n", "a"
    )

    assert problems == []
    assert read is not None
    assert read.services[0].vetting == Vetting("unverified")
    assert read.services[0].safety.of("sogiesc_trained") == "unknown"
    assert read.services[0].capacity.state == "unknown"


FAULTS = [
    ("status: active", "status: activ", "D104", "write 'active'", 8),
    ("    cost: free", "    costs: free", "D101", "write 'cost', or remove it", 14),
    ("needs: [legal_asylum]", "needs: legal_asylum", "D103", "write it in brackets: [one, two]", 10),
    ("    needs: [legal_asylum]\n", "", "D102", "add 'needs:'", 7),
    ("organisation: rs-lantern ", "organisation: rs-lamp ", "D105", "write 'rs-lantern'", 1),
    ("on: 2026-11-20", "on: 20.11.2026", "D106", "write it as 2026-11-01", 26),
    ("on: 2026-11-20", "on: 2026-02-30", "D106", "write it as 2026-11-01", 26),
    ("expires: 2027-05-01", "expires: 2025-05-01", "D106", "write a later day", 27),
    ('"Mo-Fr 09:00-17:00; PH off"', '"Mon to Friday"', "D107", "write it like 'Mo-Fr 09:00-17:00; PH off'", 22),
    ("Europe/Belgrade", "Europe/Beograd", "D108", "write an IANA name such as Europe/Belgrade", 22),
    ("+381 11 000 0000", "call us", "D109", "write it like +381 11 000 0000", 20),
    ("{code: fa,", "{code: farsi,", "D110", "write the two or three letter code, such as en, sr, fa, ckb", 13),
    ("country: RS", "country: Serbia", "D111", "write two capital letters, such as RS", 3),
    ("[18, null]", "[18]", "D112", "write [18, null] or [16, 25]", 12),
    ("[18, null]", "[25, 18]", "D112", "write [18, 25]", 12),
    ("[asylum_seeker, lgbtiq]", "[lgbtiq, lgbtiq]", "D113", "keep one", 11),
    ("https://example.org", "example", "D115", "start it with https://", 5),
    ("service: legal", "service: le gal", "D118", "use letters, digits, '-' and '_' only", 7),
    ("sogiesc_trained: yes", "sogiesc_trained: maybe", "D104", "write one of: no, unknown, yes", 17),
    ("Closed on Monday", "Closed " * 30, "D119", "say it in 160 at most", 29),
    (", until: 2026-11-30", "", "D102", "add 'until:'", 29),
    ("status: active", "replaced by: a b", "D118", "write the id of an organisation, or organisation/service", 8),
    ("evidence: {en: ", "checklist: {agred: yes}, evidence: {en: ", "D101", "write 'agreed', or remove it", 27),
    ("text: Demo street 1,", "text: Demo street 1, Beograd,", "D101", "put a text that holds a comma in quotes", 21),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "mend", "line"), FAULTS)
def test_each_fault_names_its_line_and_what_to_write(
    old: str, new: str, code: str, mend: str, line: int
) -> None:
    assert old in EXAMPLE
    read, problems = organisation(EXAMPLE.replace(old, new))

    assert read is None
    assert [(one.code, one.mark.line, one.mend) for one in problems] == [(code, line, mend)]


def test_all_faults_of_a_file_come_at_once_and_each_has_a_meaning() -> None:
    text = EXAMPLE
    for old, new, _, _, _ in FAULTS[:2] + FAULTS[8:12]:
        text = text.replace(old, new)

    _, problems = organisation(text)

    assert sorted(one.code for one in problems) == ["D101", "D104", "D107", "D108", "D109", "D110"]
    assert {one.code for one in problems} <= set(CODES)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("by: [vetter-a, vetter-b]", "by: [vetter-a]"),
        ("by: [vetter-a, vetter-b]", "by: [vetter-a, Vetter-A]"),
        (" expires: 2027-05-01,", ""),
    ],
)
def test_an_incomplete_vetting_is_a_warning_and_the_record_is_not_offered(old: str, new: str) -> None:
    read, problems = organisation(EXAMPLE.replace(old, new))

    assert read is not None
    assert [(one.code, one.severity) for one in problems] == [("D116", "warning")]


def test_a_conflict_of_the_organisations_sources_is_known_to_each_service() -> None:
    read, problems = organisation(
        EXAMPLE
        + "sources:\n  - {field: phone, source: example.org, conflict: yes}\n  - {field: hours, source: example.org}\n"
    )

    assert problems == []
    assert read is not None
    assert read.services[0].contested == {"phones"}


def test_a_vetting_against_its_own_checklist_counts_for_nothing_and_says_so() -> None:
    read, problems = organisation(
        EXAMPLE.replace(
            "expires: 2027-05-01", "expires: 2027-05-01, checklist: {read back: no, reached: yes}"
        )
    )

    assert read is not None
    assert read.services[0].vetting.checklist == {"read_back": "no", "reached": "yes"}
    assert [(one.code, one.severity, one.mark.line) for one in problems] == [("D116", "warning", 27)]
    assert "read_back" in problems[0].message


def test_a_tombstone_says_what_took_its_place(tmp_path: Path) -> None:
    for replaced_by, codes in (("rs-lantern", []), ("rs-lantern/legal", []), ("rs-lantern/gone", ["D209"])):
        text = EXAMPLE.replace("status: active", f"status: tombstone\n    replaced by: {replaced_by}")
        write(tmp_path, {**WHOLE, "rs/rs-lantern.yaml": text})
        directory, problems = load_directory(tmp_path, fold=fold)
        assert [one.code for one in problems] == codes
        if directory is not None:
            assert directory.organisations["rs-lantern"].services[0].replaced_by == replaced_by


def test_hours_without_a_zone_take_the_countrys() -> None:
    read, problems = organisation(
        EXAMPLE.replace('{open: "Mo-Fr 09:00-17:00; PH off", zone: Europe/Belgrade}', '"24/7"')
    )

    assert problems == []
    assert read is not None
    assert read.services[0].hours == Hours("24/7", "Europe/Belgrade", "RS")


def test_the_network_of_the_format_is_read_whole() -> None:
    node, _ = read_yaml(NETWORK.encode(), "directory/network.yaml")
    assert node is not None
    network, problems = parse_network(node)

    assert problems == []
    assert network is not None
    member = network.members[0]
    assert (member.organisation, member.queues) == ("rs-lantern", ("general", "legal"))
    assert (member.places, member.languages) == (("RS",), ("sr", "en"))
    assert member.limits_short == {"en": "We must act when a child is in danger."}
    assert list(network.queues) == ["general", "legal", "psea"]
    assert network.queues["psea"].independent
    assert network.queues["legal"].needs == ("legal_asylum", "legal_other")
    assert network.duty == Hours("Mo-Fr 09:00-17:00", "Europe/Belgrade")
    assert [one.organisation for one in network.serving("legal")] == ["rs-lantern"]


def test_a_member_that_names_no_queues_serves_general_which_always_exists() -> None:
    node, _ = read_yaml(b"organisations: {a: {}}\n", "directory/network.yaml")
    assert node is not None
    network, problems = parse_network(node)

    assert problems == []
    assert network is not None
    assert [one.organisation for one in network.serving("general")] == ["a"]


def test_a_queue_that_does_not_exist_is_named_where_it_stands() -> None:
    node, _ = read_yaml(b"organisations:\n  a: {queues: [leagl]}\n", "directory/network.yaml")
    assert node is not None

    assert [(one.code, str(one.mark)) for one in parse_network(node)[1]] == [
        ("D205", "directory/network.yaml:2:16")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "- {id: rs-sid, kind: city, country: RS, names: {sr: [Šid, Шид]}, at: [45.1, 19.2]}\n",
        "places: [{id: rs-sid, kind: city, country: RS, names: {sr: [Šid, Шид]}, at: [45.1, 19.2]}]\n",
        "rs-sid: {kind: city, country: RS, names: {sr: [Šid, Шид]}, at: [45.1, 19.2]}\n",
    ],
)
def test_places_are_a_list_or_a_mapping(text: str) -> None:
    node, _ = read_yaml(text.encode(), "directory/places.yaml")
    assert node is not None
    places, problems = parse_places(node)

    assert problems == []
    assert places is not None
    assert (places[0].id, places[0].names["sr"], places[0].at) == ("rs-sid", ("Šid", "Шид"), (45.1, 19.2))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("- {id: a, kind: village, country: RS}", "D104"),
        ("- {id: a, kind: city, country: RS, at: [145, 2]}", "D114"),
        ("- {id: a, kind: city, country: RS, parent: b}", "D208"),
        ("- {id: a, kind: city, country: RS, parent: a}", "D208"),
        ("- {id: a, kind: city, country: RS}\n- {id: a, kind: city, country: RS}", "D113"),
        ("- {kind: city, country: RS}", "D102"),
    ],
)
def test_a_place_that_cannot_be_is_a_problem(text: str, code: str) -> None:
    node, _ = read_yaml(text.encode(), "directory/places.yaml")
    assert node is not None

    assert code in {one.code for one in parse_places(node)[1]}


def test_the_taxonomy_takes_labels_words_and_parents() -> None:
    text = "needs:\n  gbv: {label: {en: Hurt}, words: {en: [hurt, beaten]}}\n  rape: {parent: gbv}\npopulations: [lgbtiq]\nattributes: {lgbtiq_led: Led by us}\n"
    node, _ = read_yaml(text.encode(), "directory/taxonomy.yaml")
    assert node is not None
    taxonomy, problems = parse_taxonomy(node)

    assert problems == []
    assert taxonomy is not None
    assert taxonomy.needs["gbv"].words == {"en": ("hurt", "beaten")}
    assert taxonomy.under("gbv") == ("gbv", "rape")
    assert taxonomy.populations["lgbtiq"].label == {"en": "lgbtiq"}
    assert taxonomy.attributes["lgbtiq_led"].answer == "yes"


def terms_of(need: str, population: str = "[]") -> tuple[Taxonomy | None, list[Problem]]:
    text = f"needs:\n  law: {{open_eligibility: {need}}}\npopulations:\n  on: {{open_eligibility: {population}}}\n"
    node, _ = read_yaml(text.encode(), "directory/taxonomy.yaml")
    assert node is not None
    return parse_taxonomy(node)


def test_needs_and_populations_name_the_same_thing_in_open_eligibility() -> None:
    taxonomy, problems = terms_of(
        "[Legal / Advocacy & Legal Aid, Health / Sexual & Reproductive Health / STD/STI Treatment & Prevention]",
        "[Citizenship / Refugees]",
    )

    assert problems == []
    assert taxonomy is not None
    assert taxonomy.needs["law"].terms == (
        "Legal / Advocacy & Legal Aid",
        "Health / Sexual & Reproductive Health / STD/STI Treatment & Prevention",
    )
    assert taxonomy.populations["on"].terms == ("Citizenship / Refugees",)


@pytest.mark.parametrize(
    ("need", "population", "code", "mend"),
    [
        ("[Leegal / Advocacy]", "[]", "D104", "write 'Legal'"),
        ("[Citizenship / Refugees]", "[]", "D104", "write one of"),
        ("[]", "[Legal / Notary]", "D104", "write one of"),
        ("[Legal /  / Notary]", "[]", "D104", "write it like 'Legal / Advocacy & Legal Aid'"),
        ("[Work, Work]", "[]", "D113", "keep one"),
        ("Work", "[]", "D103", "write it in brackets"),
    ],
)
def test_a_term_that_open_eligibility_cannot_have_is_refused_with_its_mend(
    need: str, population: str, code: str, mend: str
) -> None:
    taxonomy, [problem] = terms_of(need, population)

    assert taxonomy is None
    assert problem.code == code
    assert problem.mend.startswith(mend)


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / "directory" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


WHOLE = {
    "taxonomy.yaml": "needs: {legal_asylum: {}, legal_other: {}}\npopulations: {asylum_seeker: {}, lgbtiq: {}, trans: {}}\n",
    "places.yaml": "- {id: RS, kind: country, country: RS}\n- {id: rs-beograd, kind: city, country: RS, parent: RS}\n",
    "network.yaml": NETWORK,
    "rs/rs-lantern.yaml": EXAMPLE,
}


def test_a_folder_of_the_format_becomes_a_directory(tmp_path: Path) -> None:
    write(tmp_path, WHOLE)

    directory, problems = load_directory(tmp_path, fold=fold)

    assert problems == []
    assert directory is not None
    assert list(directory.organisations) == ["rs-lantern"]
    assert [one.organisation for one in directory.network.members] == ["rs-lantern"]


@pytest.mark.parametrize(
    ("file", "old", "new", "code"),
    [
        ("rs/rs-lantern.yaml", "needs: [legal_asylum]", "needs: [legal_asylm]", "D201"),
        ("rs/rs-lantern.yaml", "lgbtiq]", "lgbtq]", "D202"),
        ("rs/rs-lantern.yaml", "records_calls", "record_calls", "D203"),
        ("rs/rs-lantern.yaml", "areas: [RS]", "areas: [rs-belgrade]", "D204"),
        ("rs/rs-lantern.yaml", "place: rs-beograd", "place: rs-belgrade", "D204"),
        ("rs/rs-lantern.yaml", "country: RS", "country: PT", "D117"),
        ("network.yaml", "  rs-lantern:", "  rs-lamp:", "D206"),
        ("network.yaml", "legal_other", "legal_others", "D201"),
    ],
)
def test_a_name_that_leads_nowhere_is_an_error_where_it_stands(
    tmp_path: Path, file: str, old: str, new: str, code: str
) -> None:
    assert old in WHOLE[file]
    write(tmp_path, {**WHOLE, file: WHOLE[file].replace(old, new)})

    directory, problems = load_directory(tmp_path, fold=fold)

    assert directory is None
    assert [one.code for one in problems] == [code]
    assert problems[0].mark.file == f"directory/{file}"
    assert problems[0].mark.line > 0


def test_a_file_in_the_wrong_place_is_named(tmp_path: Path) -> None:
    write(tmp_path, {**WHOLE, "rs-lamp.yaml": EXAMPLE})

    assert [(one.code, one.mark.file) for one in load_directory(tmp_path, fold=fold)[1]] == [
        ("D117", "directory/rs-lamp.yaml")
    ]


def test_a_folder_without_a_taxonomy_says_what_to_write(tmp_path: Path) -> None:
    directory, problems = load_directory(tmp_path, fold=fold)

    assert directory is None
    assert [(one.code, one.mark.file) for one in problems] == [("D102", "directory/taxonomy.yaml")]


# --- whatever a file holds, there is an answer -----------------------------------------------------------


def parse_everything(source: bytes) -> list[Problem]:
    node, problems = read_yaml(source, "directory/rs/x.yaml")
    if node is None:
        return problems
    return [
        *parse_organisation(node, "x")[1],
        *parse_network(node)[1],
        *parse_taxonomy(node)[1],
        *parse_places(node)[1],
    ]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_make_the_parser_fail(source: bytes) -> None:
    for problem in parse_everything(source):
        assert problem.mend


WORDS = [
    "yes",
    "null",
    "[]",
    "{}",
    "[18, x]",
    "{en: [a]}",
    "- a",
    "2026-13-01",
    '"24/7"',
    "٣",
    "a: b",
    "~",
    "''",
]


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from([EXAMPLE, NETWORK, WHOLE["taxonomy.yaml"], WHOLE["places.yaml"]]),
    st.lists(
        st.tuples(st.integers(0, 2500), st.integers(0, 30), st.sampled_from(WORDS) | st.text(max_size=8)),
        max_size=4,
    ),
)
def test_no_damage_to_a_good_file_makes_the_parser_fail(
    text: str, damage: list[tuple[int, int, str]]
) -> None:
    for start, length, put in damage:
        at = start % (len(text) + 1)
        text = text[:at] + put + text[at + length :]

    for problem in parse_everything(text.encode("utf-8", "surrogatepass")):
        assert problem.code[0] in "DY"
        assert problem.mark.line >= 1
        assert problem.message
        assert problem.mend


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from('MoTuFrSPH0123459:-,;+/"|[]() offunkwevastrJan'), max_size=24))
def test_no_opening_hours_make_the_parser_fail(hours: str) -> None:
    quoted = hours.replace('"', '\\"')

    organisation(EXAMPLE.replace("Mo-Fr 09:00-17:00; PH off", quoted))


@pytest.mark.parametrize("name", ["a" * 53, "lantern--complaints"])
def test_no_organisation_is_called_like_the_chain_of_anothers_complaints(name: str) -> None:
    tree, _ = read_yaml(EXAMPLE.replace("rs-lantern", name).encode(), f"{name}.yaml")
    assert tree is not None

    found, problems = parse_organisation(tree, name)

    assert found is None
    assert "D118" in {problem.code for problem in problems}
