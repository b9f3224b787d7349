"""What Telegram's server refuses: parameters against the official schema, text, markup, buttons.

Source: schemas/telegram.json (Bot API 10.1); the sentences of the faults as the server is known to write them.
"""

import json
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parent / "schemas" / "telegram.json").read_text(encoding="utf-8")
)
METHODS: dict[str, dict[str, str]] = {name.lower(): fields for name, fields in SCHEMA["methods"].items()}
NAMES = {name.lower(): name for name in SCHEMA["methods"]}

MOST_TEXT = 4096
MOST_BUTTONS = 100
MOST_BUTTONS_IN_A_ROW = 8
CHAT_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
    }
    | {"choose_sticker", "find_location", "record_video_note", "upload_video_note"}
)
HTML_TAGS = frozenset(
    {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "span", "tg-spoiler", "a", "code", "pre"}
    | {"blockquote", "tg-emoji"}
)
BUTTON_ACTIONS = frozenset(SCHEMA["types"]["InlineKeyboardButton"]["fields"]) - {
    "text",
    "icon_custom_emoji_id",
    "style",
}


class ApiError(Exception):
    """What the server answers instead of a result."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def answer(self) -> dict[str, Any]:
        fault: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        return {**fault, "parameters": self.parameters} if self.parameters else fault


def bad(description: str) -> ApiError:
    return ApiError(400, f"Bad Request: {description}")


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def checked(method: str, given: dict[str, Any]) -> dict[str, Any]:
    """The parameters as their types. The real server ignores unknown ones; the double refuses them."""
    fields = METHODS[method]
    if unknown := sorted(set(given) - set(fields)):
        raise bad(f"unknown parameter {unknown[0]!r} of {NAMES[method]}")
    for name, kinds in fields.items():
        if kinds.endswith("!") and given.get(name) in {None, ""}:
            raise bad(f"parameter {name!r} is required by {NAMES[method]}")
    return {name: _typed(value, fields[name], name) for name, value in given.items()}


def _typed(value: Any, kinds: str, where: str) -> Any:
    for kind in kinds.rstrip("!").split("|"):
        taken, result = _as(kind, value, where)
        if taken:
            return result
    raise bad(f"{where!r} must be {kinds.rstrip('!')}, not {value!r}")


def _as(kind: str, value: Any, where: str) -> tuple[bool, Any]:
    """Whether `value`, perhaps written as text in a form, is a `kind`, and as what."""
    if isinstance(value, str) and kind != "String":
        try:
            value = json.loads(value.lower() if kind == "Boolean" else value)
        except ValueError:
            return False, None
    if kind in _SCALARS:
        return _SCALARS[kind](value), value
    if kind.startswith("Array of "):
        inner = kind.removeprefix("Array of ")
        items = value if isinstance(value, list) else []
        nested = [_nested(each, inner, f"{where}[{number}]") for number, each in enumerate(items)]
        return isinstance(value, list), nested
    if kind in SCHEMA["types"] and isinstance(value, dict):
        return _object(kind, value, where)
    return False, None


_SCALARS: dict[str, Callable[[Any], bool]] = {
    "String": lambda value: isinstance(value, str),
    "Integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "Float": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "Boolean": lambda value: isinstance(value, bool),
    "True": lambda value: value is True,
}


def _object(kind: str, value: dict[str, Any], where: str) -> tuple[bool, Any]:
    declared = SCHEMA["types"][kind]
    if "subtypes" in declared:
        matching = [name for name in declared["subtypes"] if _fits(name, value)]
        return bool(matching), value
    if not _fits(kind, value):
        return False, None
    fields = declared["fields"]
    return True, {name: _nested(each, fields[name], f"{where}.{name}") for name, each in value.items()}


def _fits(kind: str, value: dict[str, Any]) -> bool:
    fields = SCHEMA["types"][kind].get("fields", {})
    required = {name for name, kinds in fields.items() if kinds.endswith("!")}
    return set(value) <= set(fields) and required <= set(value)


def _nested(value: Any, kinds: str, where: str) -> Any:
    """Inside JSON nothing is written as text any more."""
    for kind in kinds.rstrip("!").split("|"):
        if isinstance(value, str) and kind != "String":
            continue
        taken, result = _as(kind, value, where)
        if taken:
            return result
    raise bad(f"{where} must be {kinds.rstrip('!')}, not {value!r}")


def shown_text(text: str, parse_mode: str | None) -> str:
    """What people see. Raises ApiError for text that the server refuses."""
    if parse_mode is None:
        shown = text
    elif parse_mode.lower() == "html":
        shown = _Markup(text).shown
    else:
        raise ApiError(501, f"the double does not play parse_mode {parse_mode!r}")
    shown = shown.strip()
    if not shown:
        raise bad("message text is empty")
    if utf16(shown) > MOST_TEXT:
        raise bad("message is too long")
    return shown


class _Markup(HTMLParser):
    """Telegram's little HTML: known tags, each closed."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.shown = ""
        self._open: list[str] = []
        if text.count("<") != text.count(">"):
            raise bad("can't parse entities: Unclosed start tag")
        self.feed(text)
        self.close()
        if self._open:
            raise bad(
                f"can't parse entities: Can't find end tag corresponding to start tag {self._open[-1]!r}"
            )

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in HTML_TAGS or (tag == "span" and ("class", "tg-spoiler") not in attrs):
            raise bad(f"can't parse entities: Unsupported start tag {tag!r}")
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            raise bad("can't parse entities: Unexpected end tag")

    def handle_data(self, data: str) -> None:
        self.shown += data


def check_keyboard(markup: dict[str, Any] | None) -> None:
    """An inline keyboard as the server takes it."""
    rows = (markup or {}).get("inline_keyboard", [])
    if sum(len(row) for row in rows) > MOST_BUTTONS:
        raise bad("reply markup is too long")
    for row in rows:
        if len(row) > MOST_BUTTONS_IN_A_ROW:
            raise bad("too many buttons in a row")
        for button in row:
            _check_button(button)


def _check_button(button: dict[str, Any]) -> None:
    if not button["text"].strip():
        raise bad("inline keyboard button text is empty")
    actions = BUTTON_ACTIONS & set(button)
    if len(actions) != 1:
        raise bad(
            "Text buttons are unallowed in the inline keyboard" if not actions else "BUTTON_TYPE_INVALID"
        )
    if "callback_data" in actions and not 1 <= len(button["callback_data"].encode()) <= 64:
        raise bad("BUTTON_DATA_INVALID")
