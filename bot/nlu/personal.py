"""Things in a free text that can show who somebody is: numbers, e-mails, user names, papers, chat links.

Found in any script's digits and with separators spelled out; positions are those of the text as it was written, so
that a finding can be cut out. Recall before precision: the person is asked, nothing is removed silently.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from bot.i18n.digits import ascii_digits

Kind = Literal["phone", "email", "handle", "document", "link"]

REGIONS: Final = ("RS", "PT", "BA", "ME", "MK", "AL", "XK", "HR", "TR", "DE", "FR", "GB", "IR", "AF", "PK")
"""Countries whose numbers are known without a country code. The first match wins."""

MAX_LENGTH: Final = 8000  # characters that are searched
FEWEST_DIGITS: Final = 7  # of something that may be a phone number
MOST_DIGITS: Final = 15  # ITU-T E.164

_LINK: Final = re.compile(
    r"(?:https?://)?(?:www\.)?(?:wa\.me|t\.me|telegram\.me|api\.whatsapp\.com|chat\.whatsapp\.com|m\.me|instagram\.com|"
    r"facebook\.com|fb\.com|tiktok\.com|snapchat\.com|signal\.me|vk\.com|x\.com|twitter\.com|grindr\.com)/[^\s<>\"']+|"
    r"tg://[^\s<>\"']+",
    re.IGNORECASE,
)
_AT: Final = r"(?:@|\s*[\[({]\s*at\s*[\])}]\s*|\s+at\s+)"
_DOT: Final = r"(?:\.|\s*[\[({]\s*dot\s*[\])}]\s*|\s+dot\s+|\s+tacka\s+|\s+ponto\s+)"
_EMAIL: Final = re.compile(rf"[\w.+-]{{1,64}}{_AT}[\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{1,4}}", re.IGNORECASE)
_HANDLE: Final = re.compile(r"(?<![\w@.])@[A-Za-z0-9_.]{3,32}")
_NAMED_HANDLE: Final = re.compile(
    r"\b(?:insta(?:gram)?|telegram|snap(?:chat)?|tiktok|facebook|fb|signal|viber|grindr|username|user name|nick(?:name)?)"
    r"(?:\s+(?:is|name|id|account))*\s*[:=]?\s+(?:is\s+)?(?P<found>[A-Za-z0-9_.]*[0-9_.][A-Za-z0-9_.]{2,})",
    re.IGNORECASE,
)
_PAPER_WORD: Final = (
    r"passport|passaporte|pasaporte|pasoš|pasos|pasaport|passeport|паспорт|пасош|جواز|گذرنامه|پاسپورت|"
    r"id ?card|id ?number|identity|licna karta|lična karta|jmbg|evidencijski|ebs|kimlik|nif|niss|cpf|dni|nie|bi|cc|"
    r"document|residence permit|permit|visa|case|file|asylum number|card|registration|هوية|شناسنامه|"
    r"foreigner(?:'s)? number|fin|aima|sef"
)
_DOCUMENT: Final = re.compile(
    rf"(?<!\w)(?:{_PAPER_WORD})(?:\s*(?:number|no|nr|num|broj|numero|número|numéro|№|رقم|شماره|id|is|my|je|:|=|#|\.|-))*\s*"
    r"(?P<found>(?=[A-Z0-9/-]*\d[A-Z0-9/-]*\d[A-Z0-9/-]*\d)[A-Z0-9][A-Z0-9/-]{4,19})(?!\w)",
    re.IGNORECASE,
)
_BARE_DOCUMENT: Final = re.compile(r"(?<![\w/-])(?:[A-Z]{1,3}[ -]?\d{6,9}|\d{13})(?![\w/-])")
_DIGIT_WORDS: Final = {
    **dict(
        zip(
            ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
            "0123456789",
            strict=True,
        )
    ),
    "oh": "0",
    "nula": "0",
    **dict(
        zip(
            ("jedan", "dva", "tri", "cetiri", "pet", "sest", "sedam", "osam", "devet"),
            "123456789",
            strict=True,
        )
    ),
    **dict(
        zip(
            ("um", "dois", "tres", "quatro", "cinco", "seis", "sete", "oito", "nove"),
            "123456789",
            strict=True,
        )
    ),
    **dict(
        zip(
            ("sifir", "bir", "iki", "uc", "dort", "bes", "alti", "yedi", "sekiz", "dokuz"),
            "0123456789",
            strict=True,
        )
    ),
}
_SIGN_WORDS: Final = {
    "plus": "+",
    "dash": "-",
    "minus": "-",
    "space": " ",
    "dot": ".",
    "slash": "/",
    "crtica": "-",
}
_WORD: Final = re.compile(r"[^\W_]+", re.UNICODE)
_NUMBER: Final = re.compile(r"(?<![\w])(?:\+|00)?[ ]?\(?\d(?:[\s().\-/_·•*,]{0,3}\d){5,18}(?!\w)")


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found and where: `text[start:end]` of the message as written."""

    kind: Kind
    start: int
    end: int


def find_personal(text: str, regions: Sequence[str] = REGIONS) -> tuple[Finding, ...]:
    """Everything found, in order, without overlaps; a link or e-mail wins over what stands inside it."""
    text = text[:MAX_LENGTH]
    plain = ascii_digits(text)
    found: list[Finding] = []
    for finding in (
        *_matches("link", _LINK, plain),
        *_matches("email", _EMAIL, plain),
        *_matches("handle", _HANDLE, plain),
        *_matches("handle", _NAMED_HANDLE, plain),
        *_matches("document", _DOCUMENT, plain),
        *_phones(plain, regions),
        *_matches("document", _BARE_DOCUMENT, plain),
        *_spelled(plain, regions),
    ):
        if all(finding.end <= other.start or finding.start >= other.end for other in found):
            found.append(finding)
    return tuple(sorted(found, key=lambda finding: finding.start))


def without(text: str, findings: Sequence[Finding], stand_in: str) -> str:
    """`text` with `stand_in` in place of each finding."""
    pieces, at = [], 0
    for finding in sorted(findings, key=lambda finding: finding.start):
        pieces += [text[at : finding.start], stand_in]
        at = finding.end
    return "".join([*pieces, text[at:]])


def _matches(kind: Kind, pattern: re.Pattern[str], text: str) -> Iterator[Finding]:
    for match in pattern.finditer(text):
        group = "found" if "found" in pattern.groupindex else 0
        trimmed = match[group].rstrip(".,;:!?)")
        yield Finding(kind, match.start(group), match.start(group) + len(trimmed))


def _phones(text: str, regions: Sequence[str]) -> Iterator[Finding]:
    for match in _NUMBER.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if _looks_like_phone(match[0], digits, regions) and not _is_date(match[0]):
            yield Finding("phone", match.start(), match.end())


def _looks_like_phone(written: str, digits: str, regions: Sequence[str]) -> bool:
    if not FEWEST_DIGITS <= len(digits) <= MOST_DIGITS:
        return False
    if written.lstrip().startswith(("+", "00")):
        return True  # nobody writes anything else like this; a wrong country code still shows who they are
    return any(_possible(digits, region) for region in regions) or _possible(f"+{digits}", None)


def _possible(digits: str, region: str | None) -> bool:
    import phonenumbers  # its tables: hardly any conversation holds a number that needs them

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(digits, region))
    except phonenumbers.NumberParseException:
        return False


def _is_date(written: str) -> bool:
    parts = re.findall(r"\d+", written)
    return len(parts) == 3 and sorted(map(len, parts)) in ([1, 1, 4], [1, 2, 4], [2, 2, 4])  # noqa: PLR2004 - day, month, year


def _spelled(text: str, regions: Sequence[str]) -> Iterator[Finding]:
    """Numbers with digits or separators as words: `plus three eight one six...`, `060 dash 123 dash 4567`."""
    run: list[tuple[int, int, str]] = []
    for match in (*_WORD.finditer(text), None):
        piece = _as_digits(match[0]) if match else None
        if match and piece is not None:
            run.append((match.start(), match.end(), piece))
            continue
        if run:
            written = "".join(piece for _, _, piece in run)
            spelled = any(not text[start:end].isdecimal() for start, end, _ in run)
            if spelled and _looks_like_phone(written, re.sub(r"\D", "", written), regions):
                yield Finding("phone", run[0][0], run[-1][1])
        run = []


def _as_digits(word: str) -> str | None:
    lowered = word.lower()
    if lowered.isdecimal():
        return lowered
    return _DIGIT_WORDS.get(lowered) or _SIGN_WORDS.get(lowered)
