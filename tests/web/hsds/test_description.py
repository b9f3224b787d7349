"""The OpenAPI document against the server: whatever a caller may ask by it, with ids that are there, is answered by it."""

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from bot.directory.hsds.objects import at_location_id
from bot.directory.hsds.published import Published, Wanted
from bot.directory.hsds.vocabulary import TAXONOMIES, service_id, taxonomy_id
from bot.nlu.normalise import fold
from bot.web.hsds.api import description
from tests.directory.hsds.world import canaries
from tests.directory.samples import TODAY
from tests.web.hsds.desk import HERE, PublicDesk

PATHS = (
    "/hsds/", "/hsds/services", "/hsds/services/{id}", "/hsds/organizations", "/hsds/organizations/{id}",
    "/hsds/taxonomies", "/hsds/taxonomies/{id}", "/hsds/taxonomy_terms", "/hsds/taxonomy_terms/{id}",
    "/hsds/service_at_locations", "/hsds/service_at_locations/{id}",
)  # fmt: skip
EXAMPLES = 8

Operation = APIOperation[Any, Any, Any, Any]


def real_ids() -> dict[str, list[str]]:
    """What can be asked for by id, by the list that it stands in."""
    shown = Published.build(canaries(), TODAY, fold=fold)
    return {
        "services": [service_id(each.organisation.id, each.service.id) for each in shown.listed],
        "organizations": list(shown.organisations),
        "taxonomies": [taxonomy_id(name) for name in TAXONOMIES],
        "taxonomy_terms": list(shown.vocabulary.by_id),
        "service_at_locations": [at_location_id(each) for each in shown.at_locations(Wanted())],
    }


@pytest.fixture(scope="module")
def operations() -> dict[str, Operation]:
    """Every operation of the document, its ids those that are there."""
    desk = PublicDesk(canaries())
    document: Any = json.loads(json.dumps(description(desk.router, f"{HERE}/hsds")))
    ids = real_ids()
    for path, item in document["paths"].items():
        for parameter in item["get"].get("parameters", []):
            if parameter["name"] == "id":
                parameter["schema"] = {"type": "string", "enum": ids[path.split("/")[2]]}
    schema = schemathesis.openapi.from_dict(document)
    schema.app = desk.app
    found = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    assert len(found) == len(document["paths"])
    return {each.path: each for each in found}


def test_every_address_of_hsds_is_described_and_no_other(operations: dict[str, Any]) -> None:
    assert set(operations) == set(PATHS)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("path", PATHS)
def test_whatever_is_asked_is_answered_as_described(
    operations: dict[str, Operation], path: str, mode: GenerationMode
) -> None:
    """All checks of schemathesis: no 5xx, status, type and form as described, what is wrong is refused, what is right is not."""

    @settings(max_examples=EXAMPLES, database=None, suppress_health_check=list(HealthCheck))
    @given(operations[path].as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        case.call_and_validate()

    ask()
