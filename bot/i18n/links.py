"""What counts as a link or an e-mail address in our own texts."""

import re
from typing import Final

LINK: Final = re.compile(
    r"(?:https?://|www\.)[^\s<>()\"']+|[\w.+-]+@[\w-]+\.[\w.-]+|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:org|com|net|int|rs|pt|me|eu|info|is)\b(?:/[^\s<>()\"']*)?",
    re.IGNORECASE,
)
