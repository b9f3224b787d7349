"""JSON Schemas of the directory's files, so that an editor completes, explains and underlines while somebody types.

Draft 7, which editors know best, of YAML 1.2 values: `yes` and `no` are texts there, numbers are numbers. A schema
accepts all that the parser accepts; what only the whole directory can tell, such as a need that does not exist, is
left to `fener check`. Words of the taxonomy and places are proposals, not limits.
Source: json-schema.org/draft-07, yaml.org/spec/1.2.2 (core schema).
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.directory.model import Place, Taxonomy, pick
from bot.directory.record_format import (
    ANSWERS,
    NETWORK,
    ORGANISATION,
    PLACE,
    SAFETY,
    TAXONOMY,
    Key,
)

Schema = dict[str, Any]

FILES: Final = ("organisation", "network", "taxonomy", "places")

_DRAFT: Final = "http://json-schema.org/draft-07/schema#"
_LANGUAGE: Final = r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*"
_ID: Final = r"[A-Za-z0-9][A-Za-z0-9._-]*"
_LEAF: Final = ["string", "number", "boolean"]


def schema_of(file: str, taxonomy: Taxonomy | None = None, places: tuple[Place, ...] = ()) -> Schema:
    """The schema of one of FILES, with the ids of `taxonomy` and `places` as proposals."""
    made = _Schemas(_proposals(taxonomy or Taxonomy(), places))
    titles = {
        "organisation": "An organisation and its services",
        "network": "The organisations that receive cases, and the queues",
        "taxonomy": "Needs, populations and safety words",
        "places": "Places by the names people give them",
    }
    body = {
        "organisation": lambda: made.record(ORGANISATION),
        "network": lambda: made.record(NETWORK),
        "taxonomy": lambda: made.record(TAXONOMY),
        "places": made.places,
    }[file]()
    head = {
        "$schema": _DRAFT,
        "title": titles[file],
        "description": "Made by 'fener directory schema'; do not edit.",
    }
    return head | body


def _proposals(taxonomy: Taxonomy, places: tuple[Place, ...]) -> Mapping[str, Mapping[str, str]]:
    """Vocabulary -> id -> what it is called in English."""
    return {
        "needs": {one.id: pick(one.label, "en") for one in taxonomy.needs.values()},
        "populations": {one.id: pick(one.label, "en") for one in taxonomy.populations.values()},
        "attributes": {one.field: pick(one.label, "en") for one in taxonomy.attributes.values()},
        "places": {
            one.id: pick({code: names[0] for code, names in one.names.items() if names}, "en")
            for one in places
        },
    }


def _degrees(most: int) -> Schema:
    return {
        "type": ["number", "string"],
        "minimum": -most,
        "maximum": most,
        "pattern": r"^-?[0-9]{1,3}(\.[0-9]+)?$",
    }


_BY_LANGUAGE: Final[Schema] = {"type": "object", "propertyNames": {"pattern": f"^{_LANGUAGE}$"}}
_LEAVES: Final[Schema] = {"type": "array", "items": {"type": [*_LEAF, "null"]}}
_PLAIN: Final[Mapping[str, Schema]] = {
    "text": {"type": _LEAF},
    "zone": {"type": _LEAF},
    "hours": {"type": _LEAF},
    "texts": {
        "anyOf": [{"type": _LEAF}, _BY_LANGUAGE | {"additionalProperties": {"type": [*_LEAF, "null"]}}]
    },
    "text list": _LEAVES,
    "day": {"type": "string", "pattern": r"^\s*([0-9]{4}-[0-9]{2}-[0-9]{2})\s*$"},
    "url": {"type": "string", "pattern": r"^\s*(https?://[^\s/]+\.[^\s]+)?\s*$"},
    "country": {"type": "string", "pattern": r"^\s*([A-Z]{2})?\s*$"},
    "reference": {"type": ["string", "number"], "pattern": rf"^\s*({_ID}(/{_ID})?)?\s*$", "minimum": 0},
    "language": {"type": "string", "pattern": f"^{_LANGUAGE}$"},
    "phone": {"type": ["string", "number"], "pattern": r"^\s*\+?[0-9][0-9 ()/.\-]*[0-9]\s*$"},
    "count": {
        "type": ["integer", "string"],
        "minimum": 0,
        "maximum": 9999,
        "pattern": r"^\s*([0-9]{1,4})?\s*$",
    },
    "ages": {
        "type": "array",
        "minItems": 2,
        "maxItems": 2,
        "items": {
            "type": ["integer", "string", "null"],
            "minimum": 0,
            "maximum": 199,
            "pattern": "^1?[0-9]{1,2}$",
        },
    },
    "position": {
        "anyOf": [
            {"type": "array", "minItems": 2, "maxItems": 2, "items": [_degrees(90), _degrees(180)]},
            {"type": "array", "maxItems": 0},
        ]
    },
    "word lists": _BY_LANGUAGE | {"additionalProperties": {"anyOf": [{"type": [*_LEAF, "null"]}, _LEAVES]}},
}
"""The shapes that need neither words nor inner keys."""


class _Schemas:
    """Makes the schema of each shape."""

    def __init__(self, proposals: Mapping[str, Mapping[str, str]]) -> None:
        self._proposals = proposals

    def record(self, keys: tuple[Key, ...], *, closed: bool = True) -> Schema:
        """A mapping with these keys, each written with underscores or with spaces."""
        made: Schema = {"type": "object", "properties": {key.name: self.value(key) for key in keys}}
        spaced = {
            f"^{key.name.replace('_', '[ _]')}$": self.value(key, explained=False)
            for key in keys
            if "_" in key.name
        }
        if spaced:
            made["patternProperties"] = spaced
        required = [key.name for key in keys if key.required]
        if required:
            made["required"] = required
        if closed:
            made["additionalProperties"] = False
        return made

    def value(self, key: Key, *, explained: bool = True) -> Schema:
        """What may stand under `key`; nothing at all only where it is not required."""
        made = self._shaped(key)
        if not key.required:
            made = _or_nothing(made)
        if explained:
            about: Schema = {"description": key.about}
            made = about | made
            if key.example is not None:
                made["examples"] = [key.example]
        return made

    def places(self) -> Schema:
        """A list of places, or places by id; either may stand under `places`."""
        listed = {"type": "array", "items": self.record(PLACE)}
        inner = tuple(key for key in PLACE if key.name != "id")
        named: Schema = {
            "type": "object",
            "propertyNames": {"pattern": f"^{_ID}$"},
            "additionalProperties": self.record((*inner, Key("id", "id", "Its id; permanent."))),
        }
        under: Schema = {
            "type": "object",
            "required": ["places"],
            "properties": {"places": {"anyOf": [listed, named, {"type": "null"}]}},
            "additionalProperties": False,
        }
        bare = named | {"not": {"required": ["places"]}}
        return {"anyOf": [under, listed, bare, {"type": "null"}]}

    def _identifier(self, key: Key) -> Schema:
        """A name of letters and digits, with those proposed that there are."""
        written: Schema = {"type": ["string", "number"], "pattern": rf"^\s*({_ID})?\s*$", "minimum": 0}
        known = sorted(self._proposals.get(key.names, {}))
        return {"anyOf": [{"enum": known}, written]} if known else written

    def _identifiers(self, key: Key) -> Schema:
        """A list of names."""
        return {"type": "array", "items": _or_nothing(self._identifier(key))}

    def _safety(self, key: Key) -> Schema:
        """An answer to each safety word; the cases in which they must report are texts."""
        answer = _or_nothing(_choice(ANSWERS))
        when = {"description": "When they must tell somebody, in words; `no` where they never must."}
        properties = {name: {"description": about} | answer for name, about in SAFETY.items()}
        for name, label in self._proposals.get(key.names, {}).items():
            properties.setdefault(name, {"description": label} | answer)
        reported = _or_nothing(_PLAIN["texts"])
        return {
            "type": "object",
            "properties": properties | {"must_report_when": when | reported},
            "patternProperties": {
                "^must[ _]report[ _]when$": reported,
                "^(?!must[ _]report[ _]when$)": answer,
            },
        }

    def _one_record(self, key: Key) -> Schema:
        """A record, or the bare text that stands for its main key."""
        record = self.record(key.inner)
        if not key.short:
            return record
        return {"anyOf": [record, self._short(key)]}

    def _table(self, key: Key) -> Schema:
        """Records by id; a list of ids stands for empty ones."""
        entry: list[Schema] = [self.record(key.inner, closed=not key.open), {"type": "null"}]
        if key.short:
            entry.append({"type": _LEAF})
        named = {
            "type": "object",
            "propertyNames": {"pattern": f"^{_ID}$"},
            "additionalProperties": {"anyOf": entry},
        }
        bare = {"type": "array", "items": _or_nothing(self._identifier(Key("", "id", "")))}
        nothing = [] if key.required else [{"type": "null"}]
        return {"anyOf": [named, bare, *nothing]}

    def _short(self, key: Key) -> Schema:
        inner = next(one for one in key.inner if one.name == key.short)
        return self._shaped(inner)

    def _shaped(self, key: Key) -> Schema:
        with_more: Mapping[str, Callable[[Key], Schema]] = {
            "id": self._identifier,
            "ids": self._identifiers,
            "choice": lambda one: _choice(one.words),
            "flag": lambda one: _choice(one.words),
            "choices": lambda one: {"type": "array", "items": _or_nothing(_choice(one.words))},
            "safety": self._safety,
            "record": self._one_record,
            "records": lambda one: {"type": "array", "items": self._one_record(one)},
            "table": self._table,
        }
        return with_more[key.shape](key) if key.shape in with_more else _PLAIN[key.shape]


def _or_nothing(schema: Schema) -> Schema:
    """The same, or null."""
    if "anyOf" in schema:
        if {"type": "null"} in schema["anyOf"]:
            return schema
        return schema | {"anyOf": [*schema["anyOf"], {"type": "null"}]}
    kinds = schema.get("type")
    if kinds is None:
        return {"anyOf": [schema, {"type": "null"}]}
    return schema | {"type": [*([kinds] if isinstance(kinds, str) else kinds), "null"]}


def _choice(words: tuple[str, ...]) -> Schema:
    """One of these words, with spaces or underscores; YAML makes `true` and `false` values of their own."""
    variants = "|".join(re.sub(r"[ _]", "[ _]", word) for word in words)
    made: list[Schema] = [
        {"enum": [word for word in words if word not in {"true", "false"}]},
        {"type": "string", "pattern": rf"^\s*({variants})\s*$"},
    ]
    if "true" in words:
        made.append({"type": "boolean"})
    return {"anyOf": made}
