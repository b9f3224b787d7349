"""What no general linter knows: how an address, a secret or a person's words could get out, forbidden line by line.

They run everywhere, offline, in every `make test`. What only data flow shows is in tools/semgrep: `make semgrep`.
"""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import pytest
import yaml

from bot.channels import telegram, whatsapp
from bot.content.marks import PlainLoader
from bot.telemetry.events import EVENTS
from tests.architecture.pages import ROOT

CODE: Final = sorted((ROOT / "bot").rglob("*.py"))
TREES: Final = {path: ast.parse(path.read_text(encoding="utf-8")) for path in CODE}

REVEALS: Final = {
    "channels/telegram_api.py",  # the chat id, for the call that answers
    "channels/staff_telegram.py",  # the chat that a caseworker links, with a bot that no person writes to
    "channels/twilio_api.py",  # the number or id, for the same
    "crypto/pseudonym.py",  # to derive names and fingerprints
    "crypto/vault.py",  # to seal the return route
}
SILENCERS: Final = {
    "bot/cli/test.py",  # hears whether the walk made a library warn
    "bot/flow/expressions.py",  # a syntax warning of Python about an editor's expression is no news
}
SECRET: Final = re.compile(r"token|secret|signature|passphrase|password|(?:^|_)mac$|check_word")


def place(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def calls() -> Iterator[tuple[Path, ast.Call, str]]:
    """Every call in the code, with the name of what is called: `logger().info` as `logger().info`."""
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield path, node, ast.unparse(node.func)


def test_an_address_is_revealed_in_five_places_only() -> None:
    found = {
        str(path.relative_to(ROOT / "bot"))
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in {"reveal", "_value"}
        and path.name != "address.py"
        and not (node.attr == "_value" and isinstance(node.value, ast.Name) and node.value.id == "self")
    }

    assert found == REVEALS


def test_a_staff_address_is_unveiled_where_it_is_rung_or_sealed_and_nowhere_else() -> None:
    found = {
        str(path.relative_to(ROOT / "bot"))
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "unveil"
    }

    assert found == {"channels/staff_mail.py", "channels/staff_telegram.py", "crypto/ways.py"}


def test_a_reply_has_one_way_out_and_an_answer_goes_where_its_question_came_from() -> None:
    """Beside `deliver_mail` only Telegram's inbox sends, in the turn that it takes; WhatsApp answers in the request."""
    found = {
        str(path.relative_to(ROOT / "bot"))
        for path, call, name in calls()
        if re.fullmatch(r"(?:self\.)?_?channels?(?:\[.*\])?\.send", name) and call.args
    }

    assert found == {"usecases/deliver_mail.py", "channels/telegram_inbox.py"}


def test_a_log_call_names_a_declared_event_and_declared_keys_and_nothing_else() -> None:
    seen = set()
    for path, call, name in calls():
        if not re.fullmatch(r"(?:logger|structlog\.get_logger)\(\)\.\w+", name):
            continue
        where = place(path, call)
        assert len(call.args) == 1, where
        event = call.args[0]
        assert isinstance(event, ast.Constant), where
        assert isinstance(event.value, str), where
        assert event.value in EVENTS, where
        assert {word.arg for word in call.keywords} <= EVENTS[event.value], where
        seen.add(event.value)

    assert seen == set(EVENTS)


def test_what_is_logged_is_a_constant_a_count_or_a_kind_and_place() -> None:
    harmless = re.compile(
        r"'[a-z]+'|\d+|fault\.(?:code|retryable)|kind|place|kind\.__name__|type\(fault\)\.__name__|place_of\(fault\)"
        r"|fault\.code if isinstance\(fault, FenerError\) else type\(fault\)\.__name__"
        r"|notes|cases|epoch|event|address\.channel|__version__|start\.workers|start\.settings\.(?:telegram|whatsapp|offers_demo)"
        r"|round\(\(time\.monotonic\(\) - start\.began\) \* 1000\)|record\.name\.partition\('\.'\)\[0\]|record\.levelname\.lower\(\)"
    )
    values = [
        (place(path, call), ast.unparse(word.value))
        for path, call, name in calls()
        if re.fullmatch(r"(?:logger|structlog\.get_logger)\(\)\.\w+", name)
        for word in call.keywords
    ]

    assert values
    assert [(where, value) for where, value in values if not harmless.fullmatch(value)] == []


def test_only_the_allow_list_talks_to_loggers() -> None:
    found = [
        place(path, node)
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        and {"logging", "structlog", "warnings"}
        & {
            *(alias.name for alias in node.names),
            getattr(node, "module", None) or "",
        }
        and path.relative_to(ROOT / "bot").parts[0] != "telemetry"
    ]

    assert [each for each in found if each.rpartition(":")[0] not in SILENCERS] == []


@pytest.mark.parametrize(
    "forbidden",
    [
        "print_exc", "format_exc", "print_exception", "format_exception", "capture_locals", "exc_info", "stack_info",
        "breakpoint", "set_trace", "dump_traceback", "tracemalloc", "print_stack", "format_stack", "add_note",
    ],
)  # fmt: skip
def test_no_traceback_is_ever_put_into_words(forbidden: str) -> None:
    found = [
        place(path, node)
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if named(node) == forbidden
    ]

    assert found == []


@pytest.mark.parametrize(
    "forbidden",
    [
        "pickle", "marshal", "shelve", "dill", "xmlrpc", "telnetlib", "ftplib", "sentry_sdk", "pdb", "cgitb",
        "faulthandler", "traceback", "requests", "jinja2", "mako", "tempfile", "syslog",
    ],
)  # fmt: skip
def test_modules_that_leak_or_execute_are_not_imported(forbidden: str) -> None:
    found = [
        place(path, node)
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if (
            isinstance(node, ast.Import)
            and forbidden in {alias.name.partition(".")[0] for alias in node.names}
        )
        or (isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == forbidden)
    ]

    assert found == []


def test_nothing_is_evaluated_and_no_shell_is_started() -> None:
    forbidden = re.compile(
        r"(?:builtins\.)?(?:eval|exec|compile|__import__)|os\.(?:system|popen|spawn\w+)|.*shell"
    )

    assert [(place(path, call), name) for path, call, name in calls() if forbidden.fullmatch(name)] == []
    assert [
        place(path, call) for path, call, _ in calls() if "shell" in {word.arg for word in call.keywords}
    ] == []


def test_yaml_is_read_by_the_safe_loader() -> None:
    loading = [
        (place(path, call), {word.arg: ast.unparse(word.value) for word in call.keywords}.get("Loader"))
        for path, call, name in calls()
        if name.startswith("yaml.")
        and name.rpartition(".")[2] in {"load", "load_all", "compose", "parse", "scan"}
    ]

    assert loading
    assert {loader for _, loader in loading} == {"yaml.CSafeLoader", "PlainLoader"}
    assert issubclass(PlainLoader, yaml.CSafeLoader)
    assert PlainLoader.yaml_constructors is yaml.CSafeLoader.yaml_constructors


def test_secrets_are_compared_in_constant_time() -> None:
    found = []
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
                sides = [node.left, *node.comparators]
                lookup = any(named(side).endswith("_hash") for side in sides)
                length = any(
                    isinstance(side, ast.Constant) or ast.unparse(side).startswith("len(") for side in sides
                )
                if any(SECRET.search(named(side).lower()) for side in sides) and not lookup and not length:
                    found.append(place(path, node))

    assert found == []


def test_faults_of_the_edges_say_constants_only() -> None:
    """An exception made where an address, a URL or a form is at hand must not be able to repeat it."""
    found = []
    for path, call, name in calls():
        if path.relative_to(ROOT / "bot").parts[0] != "channels" or not name.endswith("Error"):
            continue
        found += [
            place(path, call)
            for given in call.args
            if not isinstance(given, ast.Constant)
            and ast.unparse(given) != "_retry_after(payload)"  # a number of seconds
        ]

    assert found == []


def test_no_https_certificate_goes_unchecked_and_no_redirect_is_followed_with_a_token() -> None:
    for path, call, _ in calls():
        words = {word.arg: ast.unparse(word.value) for word in call.keywords}
        assert words.get("verify") not in {"False", "0"}, place(path, call)
        assert words.get("ssl") not in {"False", "0"}, place(path, call)
        assert words.get("allow_redirects") != "True", place(path, call)
        assert words.get("follow_redirects") != "True", place(path, call)


# --- the edge declares only what it needs ---------------------------------------------------------------

TELEGRAM_FIELDS: Final = {
    "_There": set[str](),
    "_Chat": {"id", "type"},
    "_Message": {
        "chat", "message_id", "text", "caption", "contact", "location", "venue", "photo", "voice", "audio", "video",
        "video_note", "document", "animation", "live_photo", "sticker", "poll", "dice", "game", "story", "checklist",
        "paid_media",
    },
    "_Query": {"id", "message", "data"},
    "_Standing": {"status"},
    "_Membership": {"chat", "new_chat_member"},
    "_Update": {"update_id", "message", "edited_message", "callback_query", "my_chat_member"},
}  # fmt: skip
"""All that is ever read of an update. A name, a phone number, a file id, a place, a quoted message is not there."""

TWILIO_FIELDS: Final = {
    "From", "ExternalUserId", "WaId", "MessageSid", "MessageStatus", "Body", "NumMedia", "MediaContentType0",
    "MessageType", "Latitude", "ButtonPayload",
}  # fmt: skip
"""All that is ever read of a form. `WaId` finds a person again by number when an id came; of `Latitude`, only that it is there."""


def test_the_telegram_parser_declares_no_field_that_names_a_person() -> None:
    declared = {
        name: {each.name for each in msgspec.structs.fields(kind)}
        for name, kind in vars(telegram).items()
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct)
    }

    assert declared == TELEGRAM_FIELDS


def test_what_was_shared_is_only_known_to_be_there() -> None:
    kinds = {each.name: str(each.type) for each in msgspec.structs.fields(telegram._Message)}

    assert {kinds[name] for name in ("contact", "location", "photo", "document", "voice", "venue")} == {
        "bot.channels.telegram._There | None",
        "list[bot.channels.telegram._There] | None",
    }


def test_the_twilio_parser_reads_no_field_that_names_a_person() -> None:
    """Whatever a form holds, `_Fields` asks it for these names alone, each written out."""
    source = ast.parse(textwrap.dedent(inspect.getsource(whatsapp._Fields)))
    held = [each for each in ast.walk(source) if isinstance(each, ast.Attribute) and each.attr == "_values"]
    asked = {
        key.value
        for each in ast.walk(source)
        for key in asked_of_values(each)
        if isinstance(key, ast.Constant)
    }

    assert asked == TWILIO_FIELDS
    assert len(held) == 1 + sum(len(asked_of_values(each)) for each in ast.walk(source))  # one fills it


def asked_of_values(node: ast.AST) -> list[ast.expr]:
    """The key in `self._values.get(key)`, `self._values[key]` or `key in self._values`."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="_values"), attr="get"), args=[key, *_]):
            return [key]
        case ast.Subscript(value=ast.Attribute(attr="_values"), slice=key):
            return [key]
        case ast.Compare(left=key, ops=[ast.In() | ast.NotIn()], comparators=[ast.Attribute(attr="_values")]):
            return [key]
        case _:
            return []


def named(node: ast.AST) -> str:
    """The last name of an expression: `self._settings.token` is `token`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.keyword):
        return node.arg or ""
    if isinstance(node, ast.Call):
        return named(node.func)
    return ""
