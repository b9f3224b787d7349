"""Records that may be the same thing twice: under another id, another spelling, in another script.

Pairs are looked for among records that share something rare, never among all, and only judged when they do.
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Final

import phonenumbers
from rapidfuzz import fuzz

from bot.directory.matching import Directory
from bot.directory.model import Organisation, Service, Texts
from bot.directory.places import Fold
from bot.kernel.problems import Mark, Problem

MOST_ALIKE: Final = 40
"""A word, a number or a street that more records share says nothing about any two of them."""

_ALIKE: Final = 93.0  # percent; below it two names are two names
_LONG_ENOUGH: Final = 8  # letters of a name before one of them may be a slip
_PART: Final = 4  # letters that two spellings of a word share at its beginning or its end
_LONG_NUMBER: Final = 7  # digits; shorter ones are emergency and service numbers, which many name
_GONE: Final = frozenset({"closed", "tombstone"})
_NO_WORD: Final = re.compile(r"[^\w]+")
_URL: Final = re.compile(r"https?://(?:www\.)?([^/:?#]+)[^/?#]*([^?#]*)", re.IGNORECASE)
_NO_PATH: Final = re.compile(r"/?(?:[a-z]{2}(?:-[a-z]{2,4})?)?/?(?:index\.\w+|home)?/?", re.IGNORECASE)
"""The front page of a site, in whichever language."""

_HOSTS_OF_MANY: Final = frozenset(
    {"facebook.com", "instagram.com", "linktr.ee", "sites.google.com", "t.me", "twitter.com", "x.com", "youtube.com",
     "linkedin.com", "tiktok.com", "wa.me", "forms.gle", "docs.google.com"}
)  # fmt: skip

Pair = tuple[int, int]
"""Places of two records, the earlier first."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two records that may be one, named as `organisation` or `organisation/service`, and what they share."""

    first: str
    second: str
    reasons: tuple[str, ...]
    mark: Mark

    def problem(self) -> Problem:
        """The warning of `fener check`, at the second of the two."""
        what = "service" if "/" in self.second else "organisation"
        message = f"'{self.second}' and '{self.first}' may be the same {what}: {', '.join(self.reasons)}"
        other = self.first.partition("/")[0]
        mend = "keep one and write 'status: tombstone' in the other"
        if other != self.second.partition("/")[0]:
            mend += f"; if they are two, write 'differs_from: [{other}]' here"
        else:
            mend += "; if they are two, give them names that say how they differ"
        return Problem("D314" if what == "service" else "D313", self.mark, message, mend, "warning")


def find_duplicates(directory: Directory, *, fold: Fold) -> list[Duplicate]:
    """Every pair of organisations, and of services, that may be the same, in file order."""
    organisations = [one for one in directory.organisations.values() if not _is_gone(one)]
    found = [*_organisations(organisations, fold)]
    known = {frozenset((one.first, one.second)) for one in found}
    found += [
        one
        for one in _neighbours(organisations, fold)
        if frozenset((one.first.partition("/")[0], one.second.partition("/")[0])) not in known
    ]
    for organisation in organisations:
        found += _services(organisation, fold)
    return sorted(found, key=lambda one: (one.mark, one.first))


def _organisations(organisations: list[Organisation], fold: Fold) -> Iterator[Duplicate]:
    reasons: dict[Pair, list[str]] = defaultdict(list)
    names = [_names(one.name, fold) for one in organisations]
    for pair in _sharing((name for name in known) for known in names):
        if _one_country(organisations, pair):
            reasons[pair].append("the same name")
    for pair in sorted(_sharing(_parts(known) for known in names) - reasons.keys()):
        if _one_country(organisations, pair) and _alike(names[pair[0]], names[pair[1]]):
            reasons[pair].append("nearly the same name")
    sites = [_site(one.website) for one in organisations]
    for pair in _sharing(([site[0]] if site else []) for site in sites):
        (host, path), (_, other_path) = sites[pair[0]] or ("", ""), sites[pair[1]] or ("", "")
        if (path == other_path or not path or not other_path) and _one_country(organisations, pair):
            reasons[pair].append(f"the website {host}")
    numbers = [
        {number for service in one.services for number in _numbers(service, one.country)}
        for one in organisations
    ]
    for pair in _sharing(numbers):
        reasons[pair].append(f"the phone {min(numbers[pair[0]] & numbers[pair[1]])}")
    for (at, other), said in reasons.items():
        first, second = organisations[at], organisations[other]
        if not _told_apart(first, second):
            yield Duplicate(first.id, second.id, tuple(said), second.at.get("name") or second.at[""])


def _neighbours(organisations: list[Organisation], fold: Fold) -> Iterator[Duplicate]:
    """Services of two organisations at one address with a need in common."""
    services = [
        (one, service) for one in organisations for service in one.services if service.status not in _GONE
    ]
    for at, other in sorted(_sharing(_address(one, service, fold) for one, service in services)):
        (first, one), (second, two) = services[at], services[other]
        needs = sorted(set(one.needs) & set(two.needs))
        if first is not second and needs and not _told_apart(first, second):
            mark = two.at.get("address") or two.at[""]
            reasons = ("the same address", f"the need {needs[0]}")
            yield Duplicate(f"{first.id}/{one.id}", f"{second.id}/{two.id}", reasons, mark)


def _services(organisation: Organisation, fold: Fold) -> Iterator[Duplicate]:
    services = [one for one in organisation.services if one.status not in _GONE]
    names = [_names(one.name, fold) for one in services]
    exact = _sharing((name for name in known) for known in names)
    for at, other in sorted(exact | _sharing(_parts(known) for known in names)):
        one, two = services[at], services[other]
        same = (at, other) in exact
        if set(one.needs).isdisjoint(two.needs) or not (same or _alike(names[at], names[other])):
            continue
        reason = "the same name" if same else "nearly the same name"
        needs = f"the need {min(set(one.needs) & set(two.needs))}"
        mark = two.at.get("name") or two.at[""]
        yield Duplicate(f"{organisation.id}/{one.id}", f"{organisation.id}/{two.id}", (reason, needs), mark)


def _sharing(keys: Iterable[Iterable[Hashable]]) -> set[Pair]:
    """Pairs of records that have a key in common which few others have."""
    having: dict[Hashable, list[int]] = defaultdict(list)
    for at, own in enumerate(keys):
        for key in set(own):
            having[key].append(at)
    return {
        pair for places in having.values() if len(places) <= MOST_ALIKE for pair in combinations(places, 2)
    }


def _names(texts: Texts, fold: Fold) -> frozenset[str]:
    """A record's names as they are compared: folded, words parted by one space."""
    return frozenset(name for text in texts.values() if (name := _words(text, fold)))


def _words(text: str, fold: Fold) -> str:
    return " ".join(_NO_WORD.sub(" ", fold(text)).split())


def _parts(names: frozenset[str]) -> Iterator[str]:
    """What a slip in one place of a name leaves whole: the beginning or the end of each word."""
    for name in names:
        if len(name) >= _LONG_ENOUGH:
            for word in name.split():
                if len(word) >= _PART:
                    yield f"{word[:_PART]}-"
                    yield f"-{word[-_PART:]}"


def _alike(names: frozenset[str], others: frozenset[str]) -> bool:
    return any(
        fuzz.token_sort_ratio(one, two, score_cutoff=_ALIKE) >= _ALIKE
        for one in names
        for two in others
        if min(len(one), len(two)) >= _LONG_ENOUGH and _digits(one) == _digits(two)
    )


def _digits(name: str) -> list[str]:
    """Numbers in a name tell two things apart: house 1 is not house 2."""
    return re.findall(r"\d+", name)


def _site(url: str) -> tuple[str, str] | None:
    """Host and path of a website; on hosts that many share, the path is part of the name."""
    match = _URL.match(url)
    if match is None:
        return None
    host, path = match[1].lower(), match[2].rstrip("/").lower()
    if host.removeprefix("m.") in _HOSTS_OF_MANY:
        return f"{host}{path}", ""
    return host, "" if _NO_PATH.fullmatch(path) else path


def _numbers(service: Service, country: str) -> Iterator[str]:
    for phone in service.phones:
        if number := _e164(phone.number, country):
            yield number


@lru_cache(maxsize=65536)
def _e164(number: str, country: str) -> str:
    """A number as the whole world dials it; empty for a short one and for what is none."""
    try:
        parsed = phonenumbers.parse(number, country if country != "XX" else None)
    except phonenumbers.NumberParseException:
        return ""
    national = str(parsed.national_number)
    if len(national) < _LONG_NUMBER:
        return ""
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def _address(organisation: Organisation, service: Service, fold: Fold) -> Iterator[str]:
    """The words of a street with a house number, in any order, with its place."""
    text = _words(service.address.text, fold) if service.address else ""
    if service.address and re.search(r"\d", text):
        yield f"{service.address.place or organisation.country} {' '.join(sorted(text.split()))}"


def _one_country(organisations: list[Organisation], pair: Pair) -> bool:
    """Whether two may be the same by name: offices of one network in two countries have one name and are two."""
    countries = {organisations[at].country for at in pair}
    return len(countries) == 1


def _told_apart(first: Organisation, second: Organisation) -> bool:
    return first.id in second.differs_from or second.id in first.differs_from or first.demo != second.demo


def _is_gone(organisation: Organisation) -> bool:
    return bool(organisation.services) and all(one.status in _GONE for one in organisation.services)
