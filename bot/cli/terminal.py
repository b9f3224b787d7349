"""Printing words of strangers in a terminal: nothing they wrote can move the cursor, recolour or hide text."""

import unicodedata

_KEPT = frozenset("\n\t\u200c\u200d")  # line breaks, and the joiners that Persian and emoji need


def shown(text: str) -> str:
    """`text` with control and direction characters written out, such as `<U+001B>`."""
    return "".join(
        letter
        if letter in _KEPT or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        else f"<U+{ord(letter):04X}>"
        for letter in text
    )


def indented(text: str, by: str = "    ") -> str:
    """Every line of `text` behind `by`, so that nobody's words look like ours."""
    return "\n".join(by + line for line in shown(text).splitlines() or [""])
