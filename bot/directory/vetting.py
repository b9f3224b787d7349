"""Who may be offered today, and which of its facts may be told. Everything else fails closed.

Offered is what is active, vetted by two, not lapsed and visible. Told is what may be seen and no sources disagree on.
"""

from datetime import date, timedelta
from typing import Final

from bot.directory.model import (
    Capacity,
    CapacityState,
    Notice,
    Organisation,
    Phone,
    Postal,
    Service,
    Vetting,
    VettingState,
    Visibility,
)
from bot.directory.model import visible as _visible
from bot.directory.visits import all_over

VETTERS_NEEDED: Final = 2
FACT_DAYS: Final = 183
"""After how many days a card says when a single fact was checked."""
CAPACITY_DAYS: Final = 14  # what somebody said about room two weeks ago is not known today


def vetters(vetting: Vetting) -> int:
    """How many different people vouch: names that differ only in case or spaces are one."""
    return len({" ".join(name.casefold().split()) for name in vetting.by} - {""})


def state_today(vetting: Vetting, today: date) -> VettingState:
    """What the vetting amounts to today (UTC). It lapses at the end of `expires`.

    `vetted` by fewer than two people, without an end, against the checklist, or from a day still to come is `proposed`.
    """
    if vetting.state != "vetted":
        return vetting.state
    if vetting.expires is not None and today > vetting.expires:
        return "lapsed"
    begun = vetting.on is None or vetting.on <= today
    return "vetted" if vouched(vetting) and begun else "proposed"


def vouched(vetting: Vetting) -> bool:
    """Whether two different people vouch, until a day, and no point of the checklist was answered with no."""
    complete = vetting.expires is not None and vetters(vetting) >= VETTERS_NEEDED
    return vetting.state == "vetted" and complete and "no" not in vetting.checklist.values()


def may_be_offered(
    organisation: Organisation,
    service: Service,
    today: date,
    *,
    tier: Visibility = "matched",
    demo: bool = False,
) -> bool:
    """Whether a person may be told of this service today."""
    return (
        service.status == "active"
        and state_today(service.vetting, today) == "vetted"
        and not all_over(service.visits, today)
        and _visible(service.visibility, tier)
        and (demo or not (service.demo or organisation.demo))
    )


def capacity_today(capacity: Capacity, today: date) -> CapacityState:
    """Whether there is room as far as anybody knows: unknown without a day, after 14 days, or from the future."""
    if capacity.on is None or not 0 <= (today - capacity.on).days <= CAPACITY_DAYS:
        return "unknown"
    return capacity.state


def lapses_within(vetting: Vetting, today: date, days: int) -> bool:
    """Whether a vetting that holds today stops holding within `days`."""
    return (
        state_today(vetting, today) == "vetted"
        and vetting.expires is not None
        and vetting.expires - today <= timedelta(days=days)
    )


def shown_address(service: Service, tier: Visibility = "matched") -> Postal | None:
    """The address that may be told at `tier`; never one of a shelter, one kept confidential, or a disputed one."""
    address = service.address
    if address is None or hides_address(service) or "address" in service.contested:
        return None
    return address if address.text and _visible(address.visibility, tier) else None


def hides_address(service: Service) -> bool:
    """Whether its address would lead somebody to people who hide."""
    return service.is_shelter or service.safety.of("address_confidential") == "yes"


def shown_phones(service: Service, tier: Visibility = "matched") -> tuple[Phone, ...]:
    """The phone numbers that may be told at `tier`; none where sources disagree."""
    if "phones" in service.contested:
        return ()
    return tuple(phone for phone in service.phones if _visible(phone.visibility, tier))


def notice_today(service: Service, today: date) -> Notice | None:
    """What is different these days; nothing once its last day has passed."""
    return service.notice if service.notice and today <= service.notice.until else None


def withheld(service: Service, tier: Visibility = "matched") -> tuple[str, ...]:
    """Which facts are left out only because sources disagree on them, of those that may be seen at `tier`."""
    seen = {
        "phones": any(_visible(phone.visibility, tier) for phone in service.phones),
        "address": bool(
            service.address
            and service.address.text
            and not hides_address(service)
            and _visible(service.address.visibility, tier)
        ),
        "hours": service.hours is not None,
    }
    return tuple(fact for fact, has in seen.items() if has and fact in service.contested)


def checked_long_ago(service: Service, fact: str, today: date) -> date | None:
    """The day on which a fact's own source was last read, if that is more than half a year ago."""
    days = [one.checked_on for one in service.sources if one.about == fact and one.checked_on]
    newest = max(days, default=None)
    return newest if newest and today - newest > timedelta(days=FACT_DAYS) else None
