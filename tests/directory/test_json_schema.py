"""What an editor underlines is what the check refuses: schemas and parsers come from one description and agree."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, get_args

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cli.main import main
from bot.content.directory_folder import load_directory
from bot.content.marks import read_yaml
from bot.directory import model, record_format
from bot.directory.json_schema import FILES, schema_of
from bot.directory.parse import parse_network, parse_organisation, parse_places, parse_taxonomy
from bot.directory.record_format import Key
from bot.kernel.problems import Node, Problem
from bot.nlu.normalise import fold
from tests.directory.as_json import as_json
from tests.directory.test_parse import EXAMPLE, NETWORK

ROOT: Final = Path(__file__).parents[2]
SHIPPED: Final = sorted((ROOT / "directory").rglob("*.yaml"))
VISIBLE: Final = {"D101", "D102", "D103", "D104", "D110", "D111", "D115", "D118"}
"""Problems that a schema can see: those of keys, shapes and words. Days, hours, phones and ages it sees in part."""

PARSERS: Final[dict[str, Callable[[Node], list[Problem]]]] = {
    "organisation": lambda node: parse_organisation(node, "rs-lantern")[1],
    "network": lambda node: parse_network(node)[1],
    "taxonomy": lambda node: parse_taxonomy(node)[1],
    "places": lambda node: parse_places(node)[1],
}
TAXONOMY: Final = """\
needs:
  legal_asylum: {label: {en: Lawyers}, words: {en: [lawyer, asylum], sr: advokat}, note: old}
  after: {label: {en: After}, parent: legal_asylum}
populations: {minor: {label: {en: minor}, age: [0, 17], words: {en: [child]}}, trans: trans people}
attributes: {led: {label: {en: led by}, field: led, answer: yes}}
"""
PLACES: Final = """\
places:
  - {id: RS, kind: country, country: RS, names: {en: [Serbia], sr: Srbija}}
  - {id: rs-nis, kind: city, country: RS, parent: RS, at: [43.32, 21.9], names: {sr: [Nis]}, note: x}
"""
TEXTS: Final = {
    "organisation": EXAMPLE
    + "  - {service: van, name: Van, needs: [a], replaced_by: rs-b/c, notice: {text: {en: x}, until: 2026-12-01},\n"
    + "     visits: [{place: rs-sid, from: 2026-11-20, to: 2026-11-21, open: 24/7, holidays: RS, note: x}],\n"
    + "     vetting: {state: proposed, checklist: {reached: yes, read_back: no}}}\n"
    + "differs_from: [rs-other]\n",
    "network": NETWORK,
    "taxonomy": TAXONOMY,
    "places": PLACES,
}
PIECES: Final = (
    "null", "~", "''", "yes", "no", "unknown", "walk_in", "warm only", "RS", "rs", "fa", "farsi!", "[]", "{}", "[a]", "[null]",
    "{a: b}", "{en: x}", "{EN: x}", "'2026-11-01'", "a b", "https://x.org", "ftp", "[{code: fa}]", "[{number: 112}]",
    "{text: x, place: y}", "{open: 24/7}", "waiting list", "waiting_list", "{state: vetted}", "proposed", "12", "[1, 2]", "x-y.z",
    "{state: full, note: [x]}", "[[x]]", "{x: {y: z}}", "camp", "matched", "{needs: [a]}", "{label: {en: x}}",
)  # fmt: skip
VALIDATORS: Final = {file: jsonschema.Draft7Validator(schema_of(file)) for file in FILES}


def kind_of(path: Path) -> str:
    return path.stem if path.stem in FILES else "organisation"


def test_every_schema_is_a_schema() -> None:
    for file in FILES:
        jsonschema.Draft7Validator.check_schema(schema_of(file))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_shipped_file_is_what_its_schema_says_and_names_it(path: Path) -> None:
    text = path.read_text("utf-8")
    node, problems = read_yaml(text.encode(), path.name)
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)

    assert problems == []
    assert node is not None
    assert [fault.message for fault in VALIDATORS[kind_of(path)].iter_errors(as_json(node))] == []
    assert named is not None
    assert (path.parent / named[1]).resolve() == ROOT / "directory/schema" / f"{kind_of(path)}.json"


def test_the_kept_schemas_are_those_of_the_code(tmp_path: Path) -> None:
    assert main(["directory", "schema", "--content", str(ROOT), "--to", str(tmp_path)]) == 0

    for file in FILES:
        made, kept = tmp_path / f"{file}.json", ROOT / "directory/schema" / f"{file}.json"
        assert made.read_text("utf-8") == kept.read_text("utf-8"), "run 'fener directory schema'"


def test_a_schema_proposes_the_needs_and_places_that_there_are_and_explains_every_key() -> None:
    directory, _ = load_directory(ROOT, fold=fold)
    assert directory is not None
    schema = schema_of("organisation", directory.taxonomy, tuple(directory.places.by_id.values()))
    service = schema["properties"]["services"]["items"]["properties"]

    assert "legal_asylum" in json.dumps(service["needs"])
    assert "rs-beograd" in json.dumps(service["areas"])
    assert {one.field for one in directory.taxonomy.attributes.values()} <= {
        *service["safety"]["properties"],
        "must_report",
        "no_documents",
    }
    assert all(value["description"] for value in service.values())
    assert {"examples", "description"} <= service["phones"].keys()


@pytest.mark.parametrize("file", FILES)
def test_an_example_of_a_key_is_one(file: str) -> None:
    def check(schema: dict[str, Any]) -> int:
        found = 0
        for example in schema.get("examples", ()):
            jsonschema.Draft7Validator(schema).validate(example)
            found += 1
        inner = [schema["items"]] if isinstance(schema.get("items"), dict) else []
        inner += [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]
        inner += [one for one in (schema.get("additionalProperties"),) if isinstance(one, dict)]
        return found + sum(check(one) for one in inner)

    assert check(schema_of(file)) > 2


def mutated(text: str, at: int, piece: str, *, key: bool) -> str:
    """The text with one value, or one key, replaced."""
    found = list(
        re.finditer(
            r"([\w ]+)(?=: )" if key else r"(?<=: )[^\s,{}\[\]][^,{}\[\]\n]*|\[[^\[\]]*\]|\{[^{}]*\}", text
        )
    )
    if not found:
        return text
    where = found[at % len(found)]
    return text[: where.start()] + piece + text[where.end() :]


@settings(max_examples=250)
@given(
    st.sampled_from(FILES),
    st.lists(st.tuples(st.integers(0, 200), st.sampled_from(PIECES), st.booleans()), max_size=3),
)
def test_a_schema_refuses_what_the_parser_refuses_and_nothing_else(
    file: str, changes: list[tuple[int, str, bool]]
) -> None:
    text = TEXTS[file]
    for at, piece, key in changes:
        text = mutated(text, at, piece, key=key)
    node, faults = read_yaml(text.encode(), "rs-lantern.yaml")
    if node is None or faults:
        return
    problems = [one for one in PARSERS[file](node) if one.severity == "error"]
    refused = [fault.message for fault in VALIDATORS[file].iter_errors(as_json(node))]

    if not problems:
        assert refused == [], text
    if any(one.code in VISIBLE for one in problems):
        assert refused, (text, problems)


def test_the_words_of_a_choice_are_those_that_the_records_may_hold() -> None:
    pairs = (
        (record_format.STATUSES, model.Status), (record_format.COSTS, model.Cost),
        (record_format.DOCUMENTS, model.Documents), (record_format.SPOKEN, model.Spoken),
        (record_format.ROOM, model.CapacityState), (record_format.VETTING_STATES, model.VettingState),
        (record_format.PLACE_KINDS, model.PlaceKind), (record_format.ANSWERS, model.Answer),
    )  # fmt: skip

    for words, allowed in pairs:
        assert words == get_args(allowed)


def test_every_key_says_what_it_means() -> None:
    waiting: list[Key] = [
        *record_format.ORGANISATION, *record_format.NETWORK, *record_format.TAXONOMY, *record_format.PLACE,
    ]  # fmt: skip
    while waiting:
        key = waiting.pop()
        assert key.about.endswith((".", "?")), key.name
        assert bool(key.words) == (key.shape in {"choice", "choices", "flag"}), key.name
        waiting += key.inner
