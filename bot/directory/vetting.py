"""Who may be offered today: active, vetted by two, not lapsed, visible. Everything else fails closed."""

from datetime import date, timedelta
from typing import Final

from bot.directory.model import (
    Capacity,
    CapacityState,
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
CAPACITY_DAYS: Final = 14  # what somebody said about room two weeks ago is not known today


def vetters(vetting: Vetting) -> int:
    """How many different people vouch: names that differ only in case or spaces are one."""
    return len({" ".join(name.casefold().split()) for name in vetting.by} - {""})


def state_today(vetting: Vetting, today: date) -> VettingState:
    """What the vetting amounts to today (UTC). It lapses at the end of `expires`.

    `vetted` by fewer than two people, without an end, or from a day still to come is `proposed`.
    """
    if vetting.state != "vetted":
        return vetting.state
    if vetting.expires is not None and today > vetting.expires:
        return "lapsed"
    complete = vetting.expires is not None and vetters(vetting) >= VETTERS_NEEDED
    begun = vetting.on is None or vetting.on <= today
    return "vetted" if complete and begun else "proposed"


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
    """The address that may be seen at `tier`; never one of a shelter or one kept confidential."""
    address = service.address
    if address is None or service.is_shelter or service.safety.of("address_confidential") == "yes":
        return None
    return address if address.text and _visible(address.visibility, tier) else None


def shown_phones(service: Service, tier: Visibility = "matched") -> tuple[Phone, ...]:
    """The phone numbers that may be seen at `tier`."""
    return tuple(phone for phone in service.phones if _visible(phone.visibility, tier))
