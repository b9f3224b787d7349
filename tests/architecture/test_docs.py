"""The reference says what the code does, every page can be followed, and what is shown was really printed."""

import argparse
import configparser
import importlib
import importlib.util
import pkgutil
import re
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest
import yaml
from fastapi.routing import APIRoute

import bot
from bot.cli.announce import announce
from bot.cli.main import COMMANDS, main
from bot.content.marks import read_yaml
from bot.directory import record_format
from bot.directory.model import KINDS, SAFE_ANSWERS
from bot.directory.parse import ORGANISATION_KEYS, SERVICE_KEYS, parse_organisation
from bot.flow.commands import COMMANDS as PERSONS_COMMANDS
from bot.flow.commands import IN_ENGLISH
from bot.flow.parse import ENTRIES, FLOW_KEYS, SLOT_TYPES, parse_facts, parse_flow
from bot.flow.parse_facts import FACT_KEYS, STATES
from bot.flow.parse_step import STEP_KEYS
from bot.flow.script import ITEM_KINDS, parse_scripts
from bot.kernel.audit import AuditEvent
from bot.settings import Settings, variable
from bot.telemetry.events import EVENTS
from bot.web.console import api as console
from bot.web.hsds import api as hsds
from tests.architecture.pages import DOCS, ROOT, anchors, blocks, links, names, page, pages, rows, section

POLICY: Final = {"keyrings", "approval", "retention", "limits"}
"""Settings that stand in fener.toml only, where they have no prefix."""

MATCHED: Final = {"match", "handoff"}
"""Keys that parse_step takes over from parse_match."""


# --- the reference equals the code ---------------------------------------------------------------------


def test_every_setting_is_documented_and_no_other() -> None:
    fields = {name if name in POLICY else variable(name) for name in Settings.model_fields}

    assert {
        name for row in rows(page("docs/reference/settings.md"), "name") for name in names(row[0])
    } == fields


def test_the_defaults_that_are_documented_are_those_in_force() -> None:
    told = {names(row[0])[0]: names(row[1]) for row in rows(page("docs/reference/settings.md"), "name")}
    plain = {
        variable(name): str(info.default)
        for name, info in Settings.model_fields.items()
        if name not in POLICY and info.default is not None
    }

    assert {name: told[name][0] for name in plain} == plain


def _parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    importlib.import_module(f"bot.cli.{name}").add(parser)
    return parser


def _written() -> list[str]:
    """The commands whose module is there."""
    return [name for name in COMMANDS if importlib.util.find_spec(f"bot.cli.{name}") is not None]


def _subparsers(parser: argparse.ArgumentParser) -> Mapping[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _options(parser: argparse.ArgumentParser) -> set[str]:
    return {word for action in parser._actions for word in action.option_strings} - {"-h", "--help"}


def test_every_command_can_be_asked_for_help() -> None:
    assert list(COMMANDS) == _written()


def _leaves() -> dict[str, argparse.ArgumentParser]:
    """Everything that can be typed behind `fener`, with its parser."""
    found: dict[str, argparse.ArgumentParser] = {}
    for name in _written():
        parser = _parser(name)
        actions = {f"{name} {action}": each for action, each in _subparsers(parser).items()}
        found |= actions or {name: parser}
    return found


def test_every_command_of_the_command_line_is_documented_and_no_other() -> None:
    table = section(page("docs/reference/commands.md"), "## `fener`").partition("### Options")[0]

    assert {names(row[0])[0] for row in rows(table, "command")} == {f"fener {leaf}" for leaf in _leaves()}


def test_every_option_of_every_command_is_documented_and_no_other() -> None:
    told: dict[str, set[str]] = {leaf: set() for leaf in _leaves()}
    commands: list[str] = []
    for row in rows(section(page("docs/reference/commands.md"), "### Options"), "command"):
        commands = names(row[0]) or commands
        for leaf, options in told.items():
            if leaf in commands or leaf.partition(" ")[0] in commands:
                options |= {word for word in names(row[1]) if word.startswith("--")}

    assert told == {leaf: _options(parser) for leaf, parser in _leaves().items()}


def test_every_command_of_a_person_is_documented_with_its_english_words() -> None:
    table = section(page("docs/reference/commands.md"), "## What a person can write")
    told = {names(row[0])[0]: row[2].split(", ") for row in rows(table, "command")}

    assert tuple(told) == PERSONS_COMMANDS
    assert {name: set(words) for name, words in told.items()} == {
        name: set(words) for name, words in IN_ENGLISH.items()
    }


def test_every_key_of_the_flow_language_is_documented_and_no_other() -> None:
    text = page("docs/reference/flow-language.md")

    def keys(title: str) -> set[str]:
        return {name for row in rows(section(text, title), "key") for name in names(row[0])}

    assert keys("## Keys of a flow") == FLOW_KEYS
    assert keys("## Keys of a step") == STEP_KEYS | MATCHED
    assert keys("## Facts") == FACT_KEYS


def test_every_word_of_the_flow_language_is_documented() -> None:
    text = page("docs/reference/flow-language.md")
    [entry] = [row for row in rows(section(text, "## Keys of a flow"), "key") if names(row[0]) == ["entry"]]
    [state] = [row for row in rows(section(text, "## Facts"), "key") if names(row[0]) == ["state"]]

    assert set(names(entry[1])) >= set(ENTRIES)
    assert {names(row[0])[0] for row in rows(text, "type")} == set(SLOT_TYPES)
    assert set(names(state[1])) == set(STATES)


def test_every_line_of_a_scripted_conversation_is_documented_and_no_other() -> None:
    table = rows(page("docs/reference/flow-tests.md"), "line of a talk")

    assert {names(row[0])[0] for row in table} == set(ITEM_KINDS)


def test_every_key_of_the_directory_is_documented_and_no_other() -> None:
    text = page("docs/reference/directory-format.md")

    def keys(title: str) -> set[str]:
        return {name for row in rows(section(text, title), "key") for name in names(row[0])}

    assert keys("## An organisation") == set(ORGANISATION_KEYS)
    assert keys("## A service") == set(SERVICE_KEYS)
    assert set(SAFE_ANSWERS) <= set(names(section(text, "## A service")))
    for word in (*KINDS, *record_format.STATUSES, *record_format.PLACE_KINDS):
        assert f"`{word}`" in text


def test_every_log_event_is_documented_with_its_keys_and_no_other() -> None:
    table = rows(page("docs/reference/log-events.md"), "event")

    assert {names(row[0])[0]: frozenset(names(row[1])) for row in table} == EVENTS


def test_every_audit_event_is_documented_and_no_other() -> None:
    table = rows(page("docs/reference/audit-events.md"), "event")

    assert [names(row[0])[0] for row in table] == [event.value for event in AuditEvent]


def test_every_problem_code_of_every_package_is_documented() -> None:
    documented = set(
        re.findall(
            r"^### ([A-Z]\d{3})$",
            page("docs/reference/problems.md") + page("docs/reference/flow-tests.md"),
            re.MULTILINE,
        )
    )
    codes: dict[str, str] = {}
    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if module.name != "bot.__main__" and ".migrations" not in module.name:
            codes |= getattr(importlib.import_module(module.name), "CODES", {})

    assert documented == set(codes)


def test_every_address_of_the_http_interface_is_documented_and_no_other() -> None:
    told = {names(row[0])[0] for row in rows(page("docs/reference/http.md"), "method and path")}
    routers = [console.router(None), hsds.router(None, None)]  # type: ignore[arg-type]  # only their routes are looked at
    actual = {
        f"{method} {route.path}"
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    web = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot/web").rglob("*.py"))
    plain = {f"POST {path}" for path in re.findall(r'"(/channels/\w+)":', web)}
    plain |= {
        f"{method} {path}"
        for path, method in re.findall(r'Route\("([^"]+)", [\w.]+, methods=\["(\w+)"\]', web)
    }

    assert told == actual | plain


# --- examples are real ----------------------------------------------------------------------------------


def test_the_examples_of_the_flow_language_have_no_problem() -> None:
    flow, facts = blocks(page("docs/reference/flow-language.md"), "yaml")
    [script] = blocks(page("docs/reference/flow-tests.md"), "yaml")
    tree, faults = read_yaml(flow.encode(), "ticket.yaml")
    assert tree is not None
    assert faults == []
    assert parse_flow(tree, "ticket", {})[1] == []
    tree, faults = read_yaml(facts.encode(), "facts.yaml")
    assert tree is not None
    assert (faults, parse_facts(tree)[1]) == ([], [])
    tree, faults = read_yaml(script.encode(), "ticket.test.yaml")
    assert tree is not None
    assert (faults, parse_scripts(tree, frozenset({"ticket"}))[1]) == ([], [])


def test_the_example_of_the_directory_has_no_problem() -> None:
    [example] = blocks(page("docs/reference/directory-format.md"), "yaml")
    tree, faults = read_yaml(example.encode(), "rs-example-demo.yaml")

    assert tree is not None
    assert (faults, parse_organisation(tree, "rs-example-demo")[1]) == ([], [])


def test_the_conversation_on_the_first_page_is_what_the_program_says(
    capsys: pytest.CaptureFixture[str],
) -> None:
    [shown] = [block for block in blocks(page("README.md"), "") if block.startswith("> hi")]
    script = str(DOCS / "tutorials" / "ask-for-a-person.txt")

    assert main(["chat", "--content", str(ROOT), "--script", script]) == 0
    said = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    for scene in shown.split("...\n"):
        lines = [line.rstrip() for line in scene.splitlines()]
        assert any(said[at : at + len(lines)] == lines for at in range(len(said))), scene


def test_the_tutorial_shows_what_a_started_server_prints(capsys: pytest.CaptureFixture[str]) -> None:
    [shown] = [
        block
        for block in blocks(page("docs/tutorials/first-conversation.md"), "")
        if block.startswith("Fener ")
    ]
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        announce(Settings(), listening, f"http://localhost:{port}/console/#enrol=abc", "")
    printed = capsys.readouterr().out.replace(f":{port}", ":8080").replace("#enrol=abc", "#enrol=...")

    assert shown.strip().splitlines() == printed.partition("\n\n  Stop with")[0].strip().splitlines()


# --- pages can be followed ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for link in links(text):
        if "://" in link or link.startswith("mailto:"):
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), link
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target.read_text(encoding="utf-8")), link


def test_every_page_is_reached_from_the_index() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        path = waiting.pop()
        if path in reached or path.suffix != ".md":
            continue
        reached.add(path)
        for link in links(path.read_text(encoding="utf-8")):
            target = (path.parent / link.partition("#")[0]).resolve()
            if "://" not in link and target.is_relative_to(DOCS) and target.is_file():
                waiting.append(target)

    assert set(DOCS.rglob("*.md")) <= reached


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_of_the_code_that_a_page_names_exists(path: Path) -> None:
    named = re.findall(
        r"`((?:bot|tests|flows|directory|translations|docs)/[\w./-]+\.\w+)`", path.read_text(encoding="utf-8")
    )

    assert [name for name in named if "example" not in name and not (ROOT / name).exists()] == []


def test_one_turn_has_eight_hops() -> None:
    table = rows(section(page("docs/explanation/architecture.md"), "## One turn in eight hops"), "hop")

    assert [row[0] for row in table] == [str(number) for number in range(1, 9)]
    assert all((ROOT / name).is_file() for row in table for name in names(row[1]))


@pytest.mark.parametrize("path", sorted((DOCS / "adr").glob("0*.md")), ids=lambda path: path.stem)
def test_a_decision_says_what_it_costs_and_ends_with_what_enforces_it(path: Path) -> None:
    parts = path.read_text(encoding="utf-8").strip().split("\n\n")

    assert any(part.startswith("**Costs.**") for part in parts)
    assert parts[-1].startswith("**Enforced by**")
    assert len(path.read_text(encoding="utf-8").split()) <= 400


def test_every_page_that_the_program_points_at_exists() -> None:
    sources = [*(ROOT / "bot").rglob("*.py"), ROOT / "Dockerfile", ROOT / "Makefile"]
    named = {
        name
        for path in sources
        for name in re.findall(r"(?<![\w/])docs/[\w/.-]+\.\w+", path.read_text(encoding="utf-8"))
    }

    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_each_promise_names_a_test_that_is_there() -> None:
    promises = section(page("README.md"), "## Five promises, and the tests that would fail")
    parts = re.split(r"^\d\. ", promises, flags=re.MULTILINE)[1:]

    assert len(parts) == 5
    assert all(any("tests/" in link for link in links(part)) for part in parts)


def test_nothing_claims_more_than_the_chat_can_keep() -> None:
    claims = re.compile(
        r"end[- ]to[- ]end[- ]encrypt|\bE2EE\b|fully anonymous|100 ?% (?:safe|secure)", re.IGNORECASE
    )
    sources = [*pages(), *(ROOT / "flows").glob("*.yaml"), *(ROOT / "translations").rglob("*.po*")]

    assert [path.name for path in sources if claims.search(path.read_text(encoding="utf-8"))] == []


# --- files that operators copy --------------------------------------------------------------------------


def test_the_systemd_unit_hardens_the_service() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.read(DOCS / "how-to/files/fener.service")
    service = unit["Service"]

    assert service["LimitCORE"] == "0"
    assert service["MemorySwapMax"] == "0"
    assert service["ProtectSystem"] == "strict"
    assert service["StateDirectoryMode"] == "0700"
    assert service["UMask"] == "0077"
    assert service["User"] not in {"", "root"}
    assert service["CapabilityBoundingSet"] == ""
    for key in ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome", "ProtectKernelLogs"):
        assert service[key] == "yes", key
    assert "/etc/fener" in service["ReadOnlyPaths"].split()


def test_the_unit_sets_only_settings_that_exist() -> None:
    unit = page("docs/how-to/files/fener.service")
    known = {variable(name) for name in Settings.model_fields}

    assert set(re.findall(r"^Environment=(FENER_\w+)=", unit, re.MULTILINE)) <= known


def test_the_proxy_logs_nobody_and_keeps_no_body() -> None:
    proxy = page("docs/how-to/files/nginx.conf")
    servers = re.split(r"^server \{", proxy, flags=re.MULTILINE)[1:]

    assert len(servers) == 2
    assert all("access_log off;" in server and "error_log /dev/null crit;" in server for server in servers)
    assert "proxy_max_temp_file_size 0;" in proxy
    assert re.findall(r"^\s*access_log (?!off;)", proxy, re.MULTILINE) == []
    assert "/metrics" not in proxy


def test_the_container_is_read_only_and_keeps_keys_apart_from_data() -> None:
    service = yaml.safe_load(page("docs/how-to/files/compose.yaml"))["services"]["fener"]
    dockerfile = page("Dockerfile")

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["ulimits"]["core"] == 0
    assert service["mem_limit"] == service["memswap_limit"]
    assert any(mount.startswith("/tmp:") for mount in service["tmpfs"])
    volumes = dict(mount.split(":") for mount in service["volumes"])
    assert set(volumes.values()) == set(
        re.findall(r'"(/[^"]+)"', re.findall(r"^VOLUME .*$", dockerfile, re.MULTILINE)[0])
    )
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert f"USER {service['user']}" in dockerfile
