"""The schema excerpts say what the official schemas say."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.doubles import excerpt

OFFICIAL = Path(__file__).resolve().parents[2].parent / "shared" / "specs"


def official(name: str) -> dict[str, Any]:
    path = OFFICIAL / name
    if not path.exists():
        pytest.skip("the official schemas are not at hand; the excerpts are enough to run the doubles")
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema


def kept(name: str) -> Any:
    return json.loads((excerpt.HERE / name).read_text(encoding="utf-8"))


def test_telegrams_excerpt_is_cut_from_the_official_schema() -> None:
    assert kept("telegram.json") == excerpt.telegram(official("telegram-bot-api.json"))


def test_twilios_excerpt_is_cut_from_the_official_schema() -> None:
    assert kept("twilio.json") == excerpt.twilio(official("twilio_api_v2010.json"))


@pytest.mark.parametrize("name", ["telegram.json", "twilio.json"])
def test_every_excerpt_names_its_source_and_licence(name: str) -> None:
    assert kept(name)["source"].startswith("https://github.com/")
    assert "Permission is hereby granted" in kept(name)["licence"]
