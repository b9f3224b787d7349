"""Signs to listen for are questions to oneself: nothing takes an answer, and nothing of it can become a word about a person."""

from typing import Final

from bot.flow.library import Library
from bot.kernel.audit import AuditEvent
from bot.storage.tables import metadata
from tests.usecases.house import House
from tests.web.test_console_access import API
from tests.web.test_console_api import Console, console, routes

__all__ = ["console"]

LABELS: Final = {"label", "tag", "sign", "indicator", "victim", "suspected", "category", "assessment"}
"""What a word about a person would be called; also in the plural."""


def names_a_label(name: str) -> bool:
    return any(word.removesuffix("s") in LABELS for word in name.lower().replace("-", "_").split("_"))


async def everything_of_cases(house: House) -> dict[str, list[dict[str, object]]]:
    return {table: await house.rows(table) for table in ("cases", "envelopes", "notes", "audit", "counters")}


async def test_reading_every_prompt_beside_an_open_case_writes_nothing(console: Console) -> None:
    house = console.house
    ana = await house.caseworker("Ana")
    await house.person().hand_over()
    token = await console.token(ana)
    before = await everything_of_cases(house)

    pages = (await console.call("GET", f"{API}/playbooks", token=token)).json()

    assert any(page["signs"] for page in pages)
    assert await everything_of_cases(house) == before


def test_there_is_one_call_about_playbooks_and_it_only_reads(console: Console) -> None:
    assert {each for each in routes(console.app.routes) if "playbook" in each[1]} == {
        ("GET", f"{API}/playbooks")
    }


def test_no_call_of_the_console_takes_a_word_about_a_person(console: Console) -> None:
    schemas = console.app.openapi()["components"]["schemas"]
    taken = {name: schema for name, schema in schemas.items() if name.endswith("In")}

    assert len(taken) > 10
    assert [
        (name, field) for name in taken for field in taken[name]["properties"] if names_a_label(field)
    ] == []


def test_no_column_and_no_line_of_the_audit_can_hold_one() -> None:
    columns = {f"{table.name}.{column.name}" for table in metadata.sorted_tables for column in table.columns}

    assert "cases.need" in columns
    assert [each for each in columns if names_a_label(each.rpartition(".")[2])] == []
    assert [each for each in AuditEvent if names_a_label(each.rpartition(".")[2])] == []


def test_every_shipped_sign_asks_and_none_concludes(library: Library) -> None:
    signs = [sign for playbook in library.playbooks for sign in playbook.signs]

    assert len(signs) >= 7
    for sign in signs:
        assert sign.endswith("?")
        assert "victim" not in sign.lower()
