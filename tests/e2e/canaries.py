"""Finds people in bytes: every form in which a program could have written a number, an id or a name down.

Forms of six bytes and more are found one by one. Shorter ones (a number in four bytes, a checksum) also stand in random
bytes by chance, so they count when more people are found than chance explains.
"""

import base64
import bz2
import contextlib
import functools
import hashlib
import lzma
import struct
import urllib.parse
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

_TEXT_ENCODINGS: Final = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "cp037", "utf-7")
_HASHES: Final = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake2s", "sha3_256")
_NUMBER: Final = 7  # digits from which a text counts as a number
_CERTAIN: Final = 6  # bytes; what is shorter is found in noise
_KEY: Final = 4  # bytes looked at first
_HASHED: Final = 8  # bytes of a digest that betray it, cut short or whole
_TABLE: Final = 1 << 20
_SHORT_WAYS: Final = ("hexadecimal integer", "crc32 in hexadecimal", "adler32 in hexadecimal")
"""Eight letters of the many that a random id in hexadecimal has."""


class Canary:
    """One identifying text of a person. `digits` also looks for it as a number."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.digits = "".join(letter for letter in text if letter.isdigit())
        self.is_number = self.digits == text.lstrip("+-") and len(self.digits) >= _NUMBER

    def patterns(self) -> dict[bytes, str]:
        """Bytes that would betray it -> how they were made; from four bytes on."""
        found: dict[bytes, str] = {}
        for spelling in dict.fromkeys(self._spellings()):
            for way, data in _texts(spelling):
                found.setdefault(data, f"{spelling} as {way}")
        for spelling in dict.fromkeys(self._hashed()):
            for way, data in _digests(spelling):
                found.setdefault(data, f"{spelling} as {way}")
        if self.is_number:
            national = self.digits[3:] if self.text.startswith("+") else self.digits
            for part in dict.fromkeys((self.digits, national)):
                for way, data in _numbers(int(part)):
                    found.setdefault(data, f"{part} as {way}")
        return {data: way for data, way in found.items() if len(data) >= _KEY}

    def _spellings(self) -> Iterator[str]:
        yield self.text
        yield self.text.casefold()
        yield self.text.upper()
        yield self.text[::-1]
        if not self.is_number:
            return
        digits = self.digits
        national = digits[3:] if self.text.startswith("+") else digits
        yield from (digits, digits[::-1], national, national[::-1], f"0{national}", f"00{digits}")
        for separator in (" ", "-", ".", "\u00a0", "/"):
            for parts in (
                (digits[:3], digits[3:5], digits[5:]),
                (digits[:3], digits[3:5], digits[5:8], digits[8:]),
                (digits[3:5], digits[5:8], digits[8:]),
                (digits[3:5], digits[5:7], digits[7:9], digits[9:]),
                tuple(digits),
            ):
                yield separator.join(part for part in parts if part)
        yield f"({digits[:3]}) {national}"
        yield f"{int(digits):,}"
        for zero in (0x660, 0x6F0, 0x966, 0xFF10):  # Arabic, Persian, Devanagari, full width
            yield "".join(chr(zero + int(digit)) for digit in digits)

    def _hashed(self) -> Iterator[str]:
        yield self.text
        yield self.text.casefold()
        if self.is_number:
            yield from (self.digits, self.digits[3:], f"00{self.digits}", f"whatsapp:+{self.digits}")
        for channel in ("whatsapp", "telegram"):
            for separator in ("\0", "\n", ":", "|"):
                yield f"{channel}{separator}{self.text}"


def _texts(spelling: str) -> Iterator[tuple[str, bytes]]:
    for encoding in _TEXT_ENCODINGS:
        with contextlib.suppress(UnicodeEncodeError):
            yield encoding, spelling.encode(encoding)
    plain = spelling.encode()
    yield "hexadecimal", plain.hex().encode()
    yield "hexadecimal, upper case", plain.hex().upper().encode()
    yield "hexadecimal with colons", plain.hex(":").encode()
    yield "URL encoding", urllib.parse.quote(spelling, safe="").encode()
    yield "URL encoding of everything", "".join(f"%{byte:02X}" for byte in plain).encode()
    yield "JSON escapes", "".join(f"\\u{ord(letter):04x}" for letter in spelling).encode()
    yield "HTML references", "".join(f"&#{ord(letter)};" for letter in spelling).encode()
    yield "inverted bytes", bytes(byte ^ 0xFF for byte in plain)
    for offset in range(3):  # base64 depends on where the text starts
        whole = base64.b64encode(b"\0" * offset + plain)
        start, end = (offset * 8 + 5) // 6, (offset + len(plain)) * 8 // 6
        if end - start >= _HASHED:
            yield f"base64 at offset {offset}", whole[start:end]
            yield f"base64url at offset {offset}", whole[start:end].replace(b"+", b"-").replace(b"/", b"_")
    whole = base64.b32encode(plain)
    yield "base32", whole[: len(plain) * 8 // 5]


def _digests(spelling: str) -> Iterator[tuple[str, bytes]]:
    plain = spelling.encode()
    for name in _HASHES:
        digest = hashlib.new(name, plain).digest()
        yield f"{name} digest", digest[:_HASHED]
        yield f"{name} in hexadecimal", digest[:_HASHED].hex().encode()
        yield f"{name} in base64", base64.b64encode(digest)[:_HASHED]
    for name, check in (("crc32", zlib.crc32(plain)), ("adler32", zlib.adler32(plain))):
        yield name, check.to_bytes(4, "big")
        yield f"{name}, little-endian", check.to_bytes(4, "little")
        yield f"{name} in hexadecimal", f"{check:08x}".encode()


def _numbers(value: int) -> Iterator[tuple[str, bytes]]:
    for size in (4, 5, 6, 8):
        if value.bit_length() <= size * 8:
            yield f"{size}-byte integer, big-endian", value.to_bytes(size, "big")
            yield f"{size}-byte integer, little-endian", value.to_bytes(size, "little")
    yield "hexadecimal integer", f"{value:x}".encode()
    yield "variable-length integer", _varint(value)
    yield "double", struct.pack("<d", value)
    yield "double, big-endian", struct.pack(">d", value)
    text = str(value)
    for packed in dict.fromkeys((text.zfill(len(text) + len(text) % 2), text + "f" * (len(text) % 2))):
        yield "packed decimal", bytes.fromhex(packed)
        swapped = "".join(packed[at + 1] + packed[at] for at in range(0, len(packed), 2))
        yield "packed decimal, swapped", bytes.fromhex(swapped)


def _varint(value: int) -> bytes:
    groups = []
    while value:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    groups[-1] &= 0x7F
    return bytes(groups)


class _Unpacker(Protocol):
    def decompress(self, data: bytes, limit: int, /) -> bytes: ...


class _Member:
    """One deflated member of a zip archive, from its local header on."""

    def decompress(self, data: bytes, limit: int, /) -> bytes:
        name, extra = struct.unpack_from("<HH", data, 26)
        return zlib.decompressobj(-15).decompress(data[30 + name + extra :], limit)


_PACKED: tuple[tuple[bytes, str, Callable[[], _Unpacker]], ...] = (
    (b"\x1f\x8b", "gzip", lambda: zlib.decompressobj(31)),
    (b"BZh", "bzip2", bz2.BZ2Decompressor),
    (b"\xfd7zXZ", "xz", lzma.LZMADecompressor),
    (b"\x78\x01", "zlib", zlib.decompressobj),
    (b"\x78\x5e", "zlib", zlib.decompressobj),
    (b"\x78\x9c", "zlib", zlib.decompressobj),
    (b"\x78\xda", "zlib", zlib.decompressobj),
    (b"PK\x03\x04", "zip", _Member),
)


def _layers(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The bytes, and what compressed members in them hold."""
    yield "", data
    for magic, name, unpacker in _PACKED:
        at = data.find(magic)
        while at >= 0:
            with contextlib.suppress(OSError, EOFError, ValueError, lzma.LZMAError, zlib.error, struct.error):
                yield f"inside {name}", unpacker().decompress(data[at : at + 2**22], 2**22)
            at = data.find(magic, at + 1)


@dataclass(frozen=True, slots=True)
class Hit:
    """A pattern in some bytes. `short`: it may stand there by chance."""

    person: str
    way: str
    short: bool


class Search:
    """All patterns of all canaries at once; the time does not grow with their number."""

    def __init__(self, canaries: Iterable[str]) -> None:
        self._patterns: dict[int, list[tuple[bytes, Hit]]] = defaultdict(list)
        self._short_patterns = 0.0
        for text in canaries:
            for data, way in Canary(text).patterns().items():
                short = len(data) < _CERTAIN or way.endswith(_SHORT_WAYS)
                self._short_patterns += 256.0 ** (_KEY - min(len(data), _CERTAIN)) if short else 0
                self._patterns[int.from_bytes(data[:_KEY], "little")].append((data, Hit(text, way, short)))
        self._keys = np.array(sorted(self._patterns), dtype=np.uint32)
        self._table = np.zeros(_TABLE, dtype=np.bool_)
        self._table[_slots(self._keys)] = True

    def found_in(self, data: bytes) -> list[Hit]:
        """What of anybody stands in these bytes."""
        if len(data) < _KEY:
            return []
        one = np.frombuffer(data, dtype=np.uint8).astype(np.uint32)
        windows = (one[:-3] | one[1:-2] << 8 | one[2:-1] << 16 | one[3:] << 24).astype(np.uint32)
        likely = np.flatnonzero(self._table[_slots(windows)])
        places = likely[np.isin(windows[likely], self._keys)]
        return [
            hit
            for at in places.tolist()
            for pattern, hit in self._patterns[int(windows[at])]
            if data.startswith(pattern, at)
        ]

    def expected_by_chance(self, size: int) -> float:
        """How many short patterns stand in so many random bytes."""
        return self._short_patterns * size / 256**_KEY


def _slots(keys: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return (keys * np.uint32(2654435761)) >> np.uint32(12)


@functools.cache
def search_for(canaries: tuple[str, ...]) -> Search:
    """One search for the same people, made once."""
    return Search(canaries)


def files_under(folder: Path) -> list[Path]:
    """Every file below `folder`, hidden ones and databases' companions included."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def leaks(folders: Sequence[Path], canaries: Sequence[str]) -> list[str]:
    """Where any of the canaries was written, and how: file names count as bytes too."""
    named: dict[str, bytes] = {}
    for folder in folders:
        for path in files_under(folder):
            named[f"the name of {path.name}"] = str(path.relative_to(folder)).encode()
            with contextlib.suppress(FileNotFoundError):
                named[str(path.relative_to(folder))] = path.read_bytes()
    return leaks_in(named, canaries)


def leaks_in(named: dict[str, bytes], canaries: Sequence[str]) -> list[str]:
    """The same for bytes with a name: what was printed, answered or sent."""
    search = search_for(tuple(canaries))
    certain: list[str] = []
    short: dict[str, str] = {}
    size = 0
    for name, data in named.items():
        for where, layer in _layers(data):
            size += len(layer)
            for hit in search.found_in(layer):
                said = f"{name} {where}: {hit.person} ({hit.way})"
                if hit.short:
                    short.setdefault(hit.person, said)
                else:
                    certain.append(said)
    chance = search.expected_by_chance(size)
    return certain + (sorted(short.values()) if len(short) > _most_by_chance(chance) else [])


def _most_by_chance(expected: float) -> float:
    """More people than this are no chance: at an expectation of 0.001 already one is too many."""
    return 0 if expected < 1e-3 else 3 + expected + 6 * expected**0.5
