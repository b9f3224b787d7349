"""The names that services are found by: their own, and those of what they took the place of.

Somebody asks for what they knew. Where that is gone and its record says what came after (`replaced_by`), the old name
leads there. What comes after still has to pass every filter itself.
"""

from collections.abc import Iterator, Mapping, Sequence

from bot.directory.model import TIERS, Organisation, Service
from bot.directory.places import Fold

Pairs = Sequence[tuple[Organisation, Service]]


def names(services: Pairs, fold: Fold) -> list[tuple[int, str]]:
    """Every folded name by which a service is found, with its row: organisation and service, in each language."""
    rows = _rows(services)
    named: dict[tuple[int, str], None] = {}
    for row, (organisation, service) in enumerate(services):
        called = [fold(one) for one in _called(organisation, service)]
        for led_to in (row, *_after(row, services, rows)):
            named.update(dict.fromkeys((led_to, name) for name in called))
    return [one for one in named if one[1]]


def _called(organisation: Organisation, service: Service) -> Iterator[str]:
    for language in dict.fromkeys((*organisation.name, *service.name)):
        words = (organisation.name.get(language, ""), service.name.get(language, ""))
        yield " ".join(word for word in words if word)


def _rows(services: Pairs) -> Mapping[str, list[int]]:
    """The rows of every service, and of every organisation, by its name."""
    rows: dict[str, list[int]] = {}
    for row, (organisation, service) in enumerate(services):
        rows.setdefault(organisation.id, []).append(row)
        rows[f"{organisation.id}/{service.id}"] = [row]
    return rows


def _after(row: int, services: Pairs, rows: Mapping[str, list[int]]) -> list[int]:
    """The rows of what came after one that is gone, through any number of steps.

    A name that only caseworkers may see leads people nowhere: it would tell where a hidden place moved.
    """
    seen, found = {row}, []
    for gone in (waiting := [row]):
        old = services[gone][1]
        if old.status not in ("closed", "tombstone") or not old.replaced_by or not _told(old):
            continue
        for new in rows.get(old.replaced_by, ()):
            if new not in seen:
                seen.add(new)
                waiting.append(new)
                found.append(new)
    return found


def _told(service: Service) -> bool:
    return TIERS.index(service.visibility) <= TIERS.index("matched")
