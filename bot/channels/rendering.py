"""Fitting a reply into messages: splitting without breaking a word or a letter, numbered lines, right-to-left.

Pure: the same reply gives the same parts. Every option can always be typed, whatever a channel can or cannot draw.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from bot.i18n.bidi import isolate
from bot.kernel.messages import Direction, Option, OutboundMessage

_RIGHT_TO_LEFT_MARK = "\u200f"
_ISOLATES = {"LRI": 1, "RLI": 1, "FSI": 1, "PDI": -1}
_ZERO_WIDTH_JOINER = "\u200d"
_SKIN_TONES = ("\U0001f3fb", "\U0001f3ff")
_FLAG_TAGS = ("\U000e0020", "\U000e007f")
_FLAG_HALVES = ("\U0001f1e6", "\U0001f1ff")
_VIRAMA = 9  # canonical combining class: the letter after it joins the one before
_BLOCK_BREAK = "\n\n"
# After a paragraph, a line, a sentence (Latin, Arabic, Devanagari, CJK ends), a word: tried in this order.
_BREAKS = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"[.!?\u2026\u061f\u06d4\u0964\u3002]+[\"'\u201d\u2019\u00bb)\u2069]*\s+"),
    re.compile(r"\s+"),
)
# What XML 1.0 and both messengers cannot carry.
_PLAIN = bytes(range(0x20, 0x7F)) + b"\n"
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """The text without control characters and half characters that no channel and no codec can carry."""
    if (text.isascii() and not text.encode().translate(None, _PLAIN)) or text.replace("\n", "").isprintable():
        return text
    return _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def length(text: str) -> int:
    """UTF-16 units, as Telegram counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, limit: int) -> list[str]:
    """Cut `text` into parts of at most `limit` UTF-16 units.

    At a paragraph where there is one, else at a line, a sentence, a word, and only then inside a word; never
    inside a letter with its marks or an emoji sequence, unless that alone is longer than `limit`. Order is kept,
    only white space at the cuts is lost.
    """
    parts = []
    rest = text.strip()
    while length(rest) > limit:
        cut = _cut(rest, limit)
        parts.append(rest[:cut].rstrip())
        rest = _without_leading_space(rest[cut:])
    if rest:
        parts.append(rest)
    return [part for part in parts if part]


def graphemes(text: str) -> Iterator[str]:
    """The letters as people see them: base with its marks, emoji sequences, flags.

    A simplified reading of UAX #29 that never separates what belongs together; it may keep too much together.
    """
    cluster = ""
    flags = 0
    for character in text:
        if cluster and not _joins(cluster, character, flags):
            yield cluster
            cluster = ""
            flags = 0
        cluster += character
        flags += _is_flag_half(character)
    if cluster:
        yield cluster


def option_lines(options: Sequence[Option], *, numbered: bool = True) -> list[str]:
    """One line an option: its number and its label, or the label alone where a digit would be the answer."""
    lines = [f"{option.number} {option.label}" if numbered else option.label for option in options]
    if _are_lines("\n".join(lines), len(lines)):
        return lines
    return [
        f"{option.number} {_one_line(option.label)}" if numbered else _one_line(option.label)
        for option in options
    ]


def footer_line(footer: Sequence[Option], *, numbered: bool = True, direction: Direction = "ltr") -> str:
    """The always-there options in one line; right to left each is a unit, so that no number joins another's label."""
    return _footer_line(tuple(footer), numbered, direction)


@lru_cache(maxsize=64)
def _footer_line(
    footer: tuple[Option, ...], numbered: bool, direction: Direction
) -> str:  # a key of the cache
    """Worked out once a language: nothing in it is anybody's words."""
    lines = option_lines(footer, numbered=numbered)
    return " · ".join(isolate(line) for line in lines) if direction == "rtl" else " · ".join(lines)


def numbered_parts(
    reply: OutboundMessage,
    limit: int,
    *,
    options: Sequence[Option],
    footer: Sequence[Option],
    mark: str | None,
) -> tuple[str, ...]:
    """The reply as plain texts of at most `limit` UTF-16 units, with these options and footer printed at the end.

    `mark` (TEST in demo mode) stands above every part. Options stay together with the text before them when they fit.
    """
    heading = _heading(mark) if mark else ""
    room = limit - length(heading) - (1 if reply.direction == "rtl" else 0)
    texts = [text for text in [clean(text).strip() for text in reply.texts] if text]
    tail = "\n".join(option_lines(options, numbered=reply.numbered))
    last = footer_line(footer, numbered=reply.numbered, direction=reply.direction)
    if reply.direction == "rtl":
        texts = [_oriented(text, reply) for text in texts]
        tail, last = _oriented(tail, reply), _oriented(last, reply)
    if not reply.separate:
        whole = _BLOCK_BREAK.join([block for block in (*texts, tail, last) if block])
        if whole and length(whole) <= room:  # nearly always
            return (heading + whole,)
    ideas = texts if reply.separate else [_BLOCK_BREAK.join(texts)]
    parts = [part for idea in ideas for part in split(idea, room)]
    for block in (tail, last):
        if not block:
            continue
        joined = f"{parts[-1]}{_BLOCK_BREAK}{block}" if parts else block
        if length(joined) <= room:
            parts[-1:] = [joined]
        else:
            parts += split(block, room)
    return tuple(heading + part for part in parts)


def oriented_label(label: str, reply: OutboundMessage) -> str:
    """A button's label, on one line, reading in the direction of the reply."""
    return _oriented(_one_line(label), reply)


@lru_cache(maxsize=4)
def _heading(mark: str) -> str:
    """The operator's mark as a line of its own."""
    return f"{clean(mark).strip()}\n"


def _one_line(label: str) -> str:
    return " ".join(clean(label).split())


def _are_lines(text: str, count: int) -> bool:
    """Whether `text` is so many tidy lines already, with nothing in them that `_one_line` would change."""
    return (
        text.count("\n") == count - 1
        and text.replace("\n", "").isprintable()
        and text.strip() == text
        and "  " not in text
        and " \n" not in text
        and "\n " not in text
        and "\n\n" not in text
    )


def _oriented(text: str, reply: OutboundMessage) -> str:
    """Lines of a right-to-left reply that would be laid out left to right get a mark in front.

    Source: UAX #9, rules P2 and P3: the first strong character outside isolates decides.
    """
    if reply.direction != "rtl":
        return text
    return "\n".join(
        line if not line.strip() or _first_strong(line) in {"R", "AL"} else _RIGHT_TO_LEFT_MARK + line
        for line in text.split("\n")
    )


def _first_strong(line: str) -> str:
    depth = 0
    for character in line:
        kind = unicodedata.bidirectional(character)
        depth = max(0, depth + _ISOLATES.get(kind, 0))
        if depth == 0 and kind in {"L", "R", "AL"}:
            return kind
    return ""


def _cut(text: str, limit: int) -> int:
    """Where to cut so that the part before fits and is at least a third full, at the best kind of place."""
    end = _fitting(text, limit)
    window = text[:end]
    for kind in _BREAKS:
        cuts = [
            found.end()
            for found in kind.finditer(window)
            if found.end() * 3 >= end and not _extends(text[found.end() : found.end() + 1])
        ]
        if cuts:
            return cuts[-1]
    if end < len(text) and text[end].isspace():
        return end
    return _whole_letters(text, end)


def _fitting(text: str, limit: int) -> int:
    """How many code points fit into `limit` UTF-16 units; at least one, so that splitting ends."""
    used = 0
    for index, character in enumerate(text):
        used += 2 if character > "\uffff" else 1
        if used > limit:
            return max(index, 1)
    return len(text)


def _whole_letters(text: str, end: int) -> int:
    """The last boundary between letters at or before `end`; `end` when one letter fills it all."""
    cut = 0
    for letter in graphemes(text[: end + 64]):
        if cut + len(letter) > end:
            break
        cut += len(letter)
    return cut or end


def _without_leading_space(text: str) -> str:
    """Without white space in front, but with the one that carries a mark."""
    bare = text.lstrip()
    return text[-len(bare) - 1 :] if _extends(bare[:1]) else bare


def _joins(cluster: str, character: str, flags: int) -> bool:
    if _is_flag_half(character):
        return flags % 2 == 1
    last = cluster[-1]
    return _extends(character) or last == _ZERO_WIDTH_JOINER or unicodedata.combining(last) == _VIRAMA


def _extends(character: str) -> bool:
    """Whether it belongs to the letter before it. Nothing (an empty string) does not."""
    return bool(character) and (
        character == _ZERO_WIDTH_JOINER
        or unicodedata.category(character) in {"Mn", "Me", "Mc"}
        or _SKIN_TONES[0] <= character <= _SKIN_TONES[1]
        or _FLAG_TAGS[0] <= character <= _FLAG_TAGS[1]
    )


def _is_flag_half(character: str) -> bool:
    return _FLAG_HALVES[0] <= character <= _FLAG_HALVES[1]
