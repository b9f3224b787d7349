"""What Twilio's message API refuses: parameters against the official schema, addresses, lengths.

Source: schemas/twilio.json and https://www.twilio.com/docs/api/errors, read 2026-11.
"""

import json
import re
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.doubles.twilio_people import MOST_TEXT

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parent / "schemas" / "twilio.json").read_text(encoding="utf-8")
)
_ADDRESS = re.compile(r"whatsapp:(\+[1-9]\d{6,14}|[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128})")
_PLAIN_NUMBER = re.compile(r"\+[1-9]\d{6,14}")


class ApiError(Exception):
    """What the API answers instead of a resource."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code

    def response(self) -> web.Response:
        more = f"https://www.twilio.com/docs/errors/{self.code}"
        fault = {"code": self.code, "message": str(self), "more_info": more, "status": self.status}
        return web.json_response(fault, status=self.status)


def check_declared(
    declared: dict[str, Any], place: dict[str, str], query: dict[str, str], form: dict[str, str]
) -> None:
    """The real API ignores unknown parameters; the double refuses them."""
    for kind, given in (("path", place), ("query", query), ("form", form)):
        for name, value in given.items():
            if name not in declared[kind]:
                raise ApiError(400, 20001, f"unknown parameter {name}")
            _check_value(name, value, declared[kind][name])


def check_new_message(form: dict[str, str], our_sender: str) -> None:
    """Raise the error that Twilio answers to these parameters."""
    to, sender, body = form.get("To", ""), form.get("From", ""), form.get("Body", "")
    if not to:
        raise ApiError(400, 21604, "A 'To' phone number is required.")
    if not sender and "MessagingServiceSid" not in form:
        raise ApiError(400, 21603, "A 'From' phone number is required.")
    if not _ADDRESS.fullmatch(to) and not _PLAIN_NUMBER.fullmatch(to):
        raise ApiError(400, 21211, f"The 'To' number {to} is not a valid phone number.")
    if sender.startswith("whatsapp:") != to.startswith("whatsapp:"):
        raise ApiError(400, 21910, "Invalid From and To pair. From and To should be of the same channel")
    if sender != our_sender:
        raise ApiError(
            400, 63007, f"Twilio could not find a Channel with the specified From address {sender}"
        )
    if not body and "MediaUrl" not in form and "ContentSid" not in form:
        raise ApiError(400, 21602, "Message body is required.")
    if "ContentSid" in form:
        raise ApiError(400, 21655, "The ContentSid is Invalid")
    if len(body.encode("utf-16-le")) // 2 > MOST_TEXT:
        raise ApiError(400, 21617, "The concatenated message body exceeds the 1600 character limit.")


def _check_value(name: str, value: str, schema: dict[str, Any]) -> None:
    if "$ref" in schema:
        schema = SCHEMA["schemas"][schema["$ref"].rpartition("/")[2]]
    if "enum" in schema and value not in schema["enum"]:
        raise ApiError(400, 20001, f"{name} must be one of {schema['enum']}")
    if "pattern" in schema and not re.fullmatch(schema["pattern"], value):
        raise ApiError(404, 20404, f"{name} is not valid")
    if schema.get("type") == "integer" and not re.fullmatch(r"-?\d+", value):
        raise ApiError(400, 20001, f"{name} must be a number")
    if schema.get("type") == "boolean" and value.lower() not in {"true", "false"}:
        raise ApiError(400, 20001, f"{name} must be true or false")
