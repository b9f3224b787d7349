"""Finds a person in bytes: every form in which a program could have written a number, an id or a name down."""

import base64
import bz2
import contextlib
import hashlib
import lzma
import urllib.parse
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

_TEXT_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "cp037")
_SHORTEST = 5  # bytes; shorter patterns are found in noise


class Canary:
    """One identifying text of a person. `digits` also looks for it as a number."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.digits = "".join(letter for letter in text if letter.isdigit())

    def patterns(self) -> dict[bytes, str]:
        """Bytes that would betray it -> how they were made."""
        found: dict[bytes, str] = {}
        for spelling in self._spellings():
            for way, data in _texts(spelling):
                found.setdefault(data, f"{spelling} as {way}")
        if len(self.digits) >= 7 and self.digits == self.text.lstrip("+"):
            for way, data in _numbers(int(self.digits)):
                found.setdefault(data, way)
        return {data: way for data, way in found.items() if len(data) >= _SHORTEST}

    def _spellings(self) -> Iterator[str]:
        yield self.text
        yield self.text.casefold()
        yield self.text[::-1]
        if self.digits == self.text.lstrip("+") and len(self.digits) >= 7:
            digits = self.digits
            yield digits
            yield f"00{digits}"
            yield f"whatsapp:+{digits}"
            national = digits[3:]
            yield national
            for separator in (" ", "-", "."):
                yield separator.join((digits[:3], digits[3:5], digits[5:]))
                yield separator.join((digits[:3], digits[3:5], digits[5:8], digits[8:]))
            yield "".join(chr(0x660 + int(digit)) for digit in digits)
            yield "".join(chr(0x6F0 + int(digit)) for digit in digits)


def _texts(spelling: str) -> Iterator[tuple[str, bytes]]:
    for encoding in _TEXT_ENCODINGS:
        try:
            yield encoding, spelling.encode(encoding)
        except UnicodeEncodeError:
            continue
    plain = spelling.encode()
    yield "hexadecimal", plain.hex().encode()
    yield "hexadecimal, upper case", plain.hex().upper().encode()
    yield "URL encoding", urllib.parse.quote(spelling, safe="").encode()
    yield "JSON escapes", "".join(f"\\u{ord(letter):04x}" for letter in spelling).encode()
    for offset in range(3):  # base64 depends on where the text starts
        whole = base64.b64encode(b"\0" * offset + plain)
        start, end = (offset * 8 + 5) // 6, (offset + len(plain)) * 8 // 6
        if end - start >= 8:
            yield f"base64 at offset {offset}", whole[start:end]
            yield f"base64url at offset {offset}", whole[start:end].replace(b"+", b"-").replace(b"/", b"_")
    for name in ("md5", "sha1", "sha256", "sha512", "blake2b", "sha3_256"):
        digest = hashlib.new(name, plain).digest()
        yield f"{name} digest", digest
        yield f"{name} in hexadecimal", digest.hex().encode()
        yield f"{name} in base64", base64.b64encode(digest).rstrip(b"=")


def _numbers(value: int) -> Iterator[tuple[str, bytes]]:
    for size in (5, 6, 8):
        if value.bit_length() <= size * 8:
            yield f"{size}-byte integer, big-endian", value.to_bytes(size, "big")
            yield f"{size}-byte integer, little-endian", value.to_bytes(size, "little")
    text = str(value)
    packed = text if len(text) % 2 == 0 else "0" + text
    yield "packed decimal", bytes.fromhex(packed)
    swapped = "".join(packed[at + 1] + packed[at] for at in range(0, len(packed), 2))
    yield "packed decimal, swapped", bytes.fromhex(swapped)


class _Unpacker(Protocol):
    def decompress(self, data: bytes, limit: int, /) -> bytes: ...


_PACKED: tuple[tuple[bytes, str, Callable[[], _Unpacker]], ...] = (
    (b"\x1f\x8b", "gzip", lambda: zlib.decompressobj(31)),
    (b"BZh", "bzip2", bz2.BZ2Decompressor),
    (b"\xfd7zXZ", "xz", lzma.LZMADecompressor),
    (b"\x78\x01", "zlib", zlib.decompressobj),
    (b"\x78\x5e", "zlib", zlib.decompressobj),
    (b"\x78\x9c", "zlib", zlib.decompressobj),
    (b"\x78\xda", "zlib", zlib.decompressobj),
)


def _layers(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The bytes, and what compressed members in them hold."""
    yield "", data
    for magic, name, unpacker in _PACKED:
        at = data.find(magic)
        while at >= 0:
            with contextlib.suppress(OSError, EOFError, ValueError, lzma.LZMAError, zlib.error):
                yield f"inside {name}", unpacker().decompress(data[at:], 2**22)
            at = data.find(magic, at + 1)


def files_under(folder: Path) -> list[Path]:
    """Every file below `folder`, hidden ones and databases' companions included."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def leaks(folders: list[Path], canaries: list[str]) -> list[str]:
    """Where any of the canaries was written, and how: file names count as bytes too."""
    patterns = {data: (text, way) for text in canaries for data, way in Canary(text).patterns().items()}
    found = []
    for folder in folders:
        for path in files_under(folder):
            name = str(path.relative_to(folder)).encode()
            try:
                data = path.read_bytes()
            except FileNotFoundError:
                continue
            for where, layer in (*_layers(data), ("in the name", name)):
                found += [
                    f"{path.name} {where}: {text} ({way})"
                    for pattern, (text, way) in patterns.items()
                    if pattern in layer
                ]
    return found
