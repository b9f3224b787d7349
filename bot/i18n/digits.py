"""Digits of every script as 0-9."""


def ascii_digits(text: str) -> str:
    """`text` with the decimal digits of every script as 0-9, everything else as it was."""
    if text.isascii():
        return text
    return "".join(str(int(c)) if c.isdecimal() and not c.isascii() else c for c in text)
