"""The file of a new organisation: a little that is filled in, and every other key as a comment that explains it."""

from collections.abc import Iterator
from textwrap import wrap
from typing import Final

from bot.content.sheet_rows import HEADER
from bot.content.yaml_scalars import Value, inline, scalar
from bot.directory.record_format import ORGANISATION, SERVICE, Key

_WIDTH: Final = 108
_GUIDE: Final = """\
# Lines that begin with # are help. To use one, take the # off and write what is true. What is not written is unknown,
# and unknown is said, not hidden. Then: fener check. People are told of a service when two people have vetted it.
"""
_NOT_BY_HAND: Final = frozenset({"vetting", "demo", "differs_from"})


def organisation_template(organisation: str, country: str, name: str, service: str, need: str) -> str:
    """The text of the file. It passes the check as it is, and nobody vouches for it."""
    filled: dict[str, Value] = {"organisation": organisation, "name": {"en": name}, "country": country}
    first: dict[str, Value] = {"service": service, "status": "active", "name": {"en": name}, "needs": [need]}
    lines = [*_keys(ORGANISATION, filled, ""), "services:", *_keys(SERVICE, first, "    ")]
    return HEADER + _GUIDE + "\n".join(lines).replace("    service:", "  - service:", 1) + "\n"


def _keys(keys: tuple[Key, ...], filled: dict[str, Value], indent: str) -> Iterator[str]:
    for key in keys:
        if key.name in filled:
            yield from _about(key, indent)
            yield f"{indent}{key.name}: {inline(filled[key.name])}"
        elif key.name != "services" and key.name not in _NOT_BY_HAND:
            yield from _about(key, indent)
            yield f"{indent}# {key.name}: {_example(key)}"


def _about(key: Key, indent: str) -> Iterator[str]:
    words = [word for word in key.words if word not in {"true", "false"}]
    said = key.about + (f" One of: {', '.join(words)}." if words and key.shape != "flag" else "")
    for line in wrap(said, _WIDTH - len(indent)):
        yield f"{indent}# {line}"


def _example(key: Key) -> str:
    if key.example is not None:
        return inline(key.example)  # type: ignore[arg-type]  # examples are texts, lists and mappings
    if key.words:
        return scalar(key.words[0])
    return "{en: ...}" if key.shape == "texts" else "..."
