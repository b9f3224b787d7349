"""Four sizes for everything sealed, so that a stored size says almost nothing.

A padded text is its length in four bytes (big-endian), the text, and zeros up to 1, 4, 16 or 64 KiB.
"""

from bot.kernel.errors import RefusedError

BUCKETS = (1024, 4096, 16384, 65536)
_LENGTH = 4  # bytes before the text

LONGEST = BUCKETS[-1] - _LENGTH
"""The longest text that can be sealed, in bytes."""


def pad(text: bytes) -> bytes:
    """`text` in the smallest bucket that holds it.

    Raises:
        RefusedError: `padding.too-long` above `LONGEST` bytes.
    """
    needed = len(text) + _LENGTH
    for bucket in BUCKETS:
        if needed <= bucket:
            return len(text).to_bytes(_LENGTH, "big") + text + bytes(bucket - needed)
    raise RefusedError("padding.too-long")


def unpad(padded: bytes) -> bytes:
    """The text inside, if it was padded exactly as `pad` does.

    Raises:
        RefusedError: `padding.wrong`.
    """
    length = int.from_bytes(padded[:_LENGTH], "big")
    text = padded[_LENGTH : _LENGTH + length]
    if length > LONGEST or len(text) != length or pad(text) != padded:
        raise RefusedError("padding.wrong")
    return text
