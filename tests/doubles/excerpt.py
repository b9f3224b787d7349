"""Cut the official schemas down to what the doubles enforce: `python -m tests.doubles.excerpt FOLDER`.

FOLDER holds `telegram-bot-api.json` (github.com/PaulSonOfLars/telegram-bot-api-spec, api.json) and
`twilio_api_v2010.json` (github.com/twilio/twilio-oai, spec/json). Descriptions are left out; one line an entry.
"""

import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "schemas"
PLAYED = ("sendMessage", "setMyCommands", "getUpdates", "setWebhook", "editMessageReplyMarkup")
MIT = (
    "Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated "
    "documentation files (the 'Software'), to deal in the Software without restriction, including without limitation "
    "the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and "
    "to permit persons to whom the Software is furnished to do so, subject to the following conditions: The above "
    "copyright notice and this permission notice shall be included in all copies or substantial portions of the "
    "Software. THE SOFTWARE IS PROVIDED 'AS IS', WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT "
    "LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT "
    "SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION "
    "OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER "
    "DEALINGS IN THE SOFTWARE."
)


def telegram(source: dict[str, Any]) -> dict[str, Any]:
    """Every method with its parameters, and the types that the played methods take."""
    methods = {name: _fields(method) for name, method in source["methods"].items()}
    types: dict[str, Any] = {}
    todo = [kind for name in PLAYED for field in methods[name].values() for kind in kinds(field)]
    while todo:
        name = todo.pop().rpartition("Array of ")[2]
        if name in source["types"] and name not in types:
            subtypes = source["types"][name].get("subtypes", [])
            types[name] = {"subtypes": subtypes} if subtypes else {"fields": _fields(source["types"][name])}
            todo += subtypes
            todo += [kind for field in types[name].get("fields", {}).values() for kind in kinds(field)]
    return {
        "source": "https://github.com/PaulSonOfLars/telegram-bot-api-spec, api.json, descriptions left out",
        "version": f"{source['version']}, {source['release_date']}",
        "licence": "MIT. Copyright (c) the authors of telegram-bot-api-spec. " + MIT,
        "methods": methods,
        "types": dict(sorted(types.items())),
    }


def kinds(field: str) -> list[str]:
    """The types of a field as the excerpt writes it."""
    return field.rstrip("!").split("|")


def twilio(source: dict[str, Any]) -> dict[str, Any]:
    """Operations on messages and the account, with their parameters, and the enums that those name."""
    base = "/2010-04-01/Accounts/"
    operations = {}
    for path in (
        f"{base}{{Sid}}.json",
        f"{base}{{AccountSid}}/Messages.json",
        f"{base}{{AccountSid}}/Messages/{{Sid}}.json",
    ):
        for verb in ("get", "post", "delete"):
            if verb in source["paths"][path]:
                operations[f"{verb.upper()} {path}"] = _operation(source["paths"][path][verb])
    schemas = {
        name: _plain(schema)
        for name, schema in source["components"]["schemas"].items()
        if name.startswith("message_enum_") or name in {"api.v2010.account.message", "account_enum_status"}
    }
    return {
        "source": "https://github.com/twilio/twilio-oai, spec/json/twilio_api_v2010.json, descriptions left out",
        "licence": "MIT as the repository states; the document's own info.license says Apache-2.0. "
        "Copyright (c) Twilio Inc. " + MIT,
        "operations": operations,
        "schemas": schemas,
    }


def _fields(thing: dict[str, Any]) -> dict[str, str]:
    """Name -> types joined by `|`, with `!` behind what is required."""
    return {
        field["name"]: "|".join(field["types"]) + "!" * field["required"] for field in thing.get("fields", [])
    }


def _operation(operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/x-www-form-urlencoded", {})
    return {
        "path": {
            each["name"]: _plain(each["schema"]) for each in operation["parameters"] if each["in"] == "path"
        },
        "query": {
            each["name"]: _plain(each["schema"]) for each in operation["parameters"] if each["in"] == "query"
        },
        "form": _plain(body.get("schema", {}).get("properties", {})),
        "required": body.get("schema", {}).get("required", []),
        "answers": sorted(operation["responses"]),
    }


def _plain(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    kept = {name: _plain(value) for name, value in schema.items() if name != "x-twilio"}
    return {
        name: value for name, value in kept.items() if not (name == "description" and isinstance(value, str))
    }


def _write(name: str, excerpt: dict[str, Any]) -> None:
    lines = []
    for key, value in excerpt.items():
        if isinstance(value, dict):
            inner = ",\n".join(f"  {json.dumps(each)}: {json.dumps(value[each])}" for each in value)
            lines.append(f" {json.dumps(key)}: {{\n{inner}\n }}")
        else:
            lines.append(f" {json.dumps(key)}: {json.dumps(value)}")
    (HERE / name).write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    _write(
        "telegram.json", telegram(json.loads((folder / "telegram-bot-api.json").read_text(encoding="utf-8")))
    )
    _write("twilio.json", twilio(json.loads((folder / "twilio_api_v2010.json").read_text(encoding="utf-8"))))
