"""A directory with everything that a record can say, and beside each public field a canary in what must not leave."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.directory.hsds.published import Published
from bot.directory.matching import Directory
from bot.directory.model import (
    Capacity,
    Hours,
    LanguageOffer,
    Organisation,
    Phone,
    Postal,
    Safety,
    Service,
    Source,
    Vetting,
    Visit,
)
from bot.nlu.normalise import fold
from tests.directory.samples import ONE_DAY, TODAY, a_directory, a_service, an_organisation

CANARY = "canary"
_FOLDER = Path("shared/specs/hsds")
_ABOVE = Path(__file__).parents[4:]
SPECS = next((above / _FOLDER for above in _ABOVE if (above / _FOLDER).is_dir()), _ABOVE[0] / _FOLDER)
"""The official schemas (CC BY-SA 4.0), where somebody has put them beside the checkout; not ours to ship."""

HIDDEN: dict[str, Any] = {
    "phones": (
        Phone("+381 11 000 0000", "public", {"en": "reception", "sr": "prijem"}),
        *(Phone("+381 99 000 0000", tier, {"en": f"{CANARY} phone"}) for tier in ("matched", "caseworker", "internal")),
    ),
    "vetting": Vetting(
        "vetted",
        (f"{CANARY}-vetter-a", f"{CANARY}-vetter-b"),
        TODAY - 20 * ONE_DAY,
        TODAY + 200 * ONE_DAY,
        {"en": f"{CANARY} evidence"},
        {"reached": "yes"},
    ),
    "note": f"{CANARY} note",
    "replaced_by": f"{CANARY}-successor",
    "visits": (
        Visit("rs-nis", TODAY - 9 * ONE_DAY, TODAY - 8 * ONE_DAY, Hours("06:06-07:07", "Europe/Belgrade", "RS")),
        Visit("rs-krnjaca", TODAY, TODAY + 9 * ONE_DAY, Hours("Mo-Su 09:00-17:00", "Europe/Belgrade", "RS")),
    ),
    "sources": (
        Source("phones", f"{CANARY}.example.org", TODAY, f"{CANARY} value", f"{CANARY} quote", "", f"{CANARY} note" ),
    ),
}  # fmt: skip


def full(ident: str = "legal", **changes: Any) -> Service:
    """A service that says everything, with canaries in all that is not public."""
    said: dict[str, Any] = {
        "description": {"en": "They know the law", "sr": "Znaju zakon"},
        "populations": ("lgbtiq", "trans"),
        "age": (16, 30),
        "languages": (LanguageOffer("sr"), LanguageOffer("fa", "interpreter"), LanguageOffer("ps", "phone")),
        "documents": "some",
        "documents_note": {"en": "a card, if you have one"},
        "safety": Safety(
            {
                "shares_with_authorities": "no",
                "must_report": "yes",
                "lgbtiq_led": "yes",
                "records_calls": "unknown",
            },
            {"en": "a child is in danger"},
        ),
        "address": Postal("Open street 1", "rs-beograd", "public"),
        "areas": ("RS", "rs-nis"),
        "remote": True,
        "next_step": {"en": "Call", "sr": "Pozovite"},
        "not_offered": {"en": "a bed"},
        "capacity": Capacity("waiting list", TODAY - ONE_DAY),
        "website": "https://legal.example.org",
        **HIDDEN,
    }
    return a_service(ident, **{**said, **changes})


def canaries() -> Directory:
    """What may leave, and beside it services and organisations that may not, with canaries all over."""
    secret = {"name": {"en": f"{CANARY} service"}, "next_step": {"en": f"{CANARY} step"}}
    hidden_place = Postal(f"{CANARY} street", "rs-krnjaca", "public")
    services = (
        full(),
        full("matched-address", address=Postal(f"{CANARY} street", "rs-krnjaca", "matched")),
        full("shelter", needs=("shelter",), address=hidden_place),
        full("secret-place", safety=Safety({"address_confidential": "yes"}), address=hidden_place),
        full("for-matched", visibility="matched", **secret),
        full("unvetted", **{**secret, "vetting": Vetting()}),
        full("by-one", **{**secret, "vetting": replace(HIDDEN["vetting"], by=("a",))}),
        full("lapsed", **{**secret, "vetting": replace(HIDDEN["vetting"], expires=TODAY - ONE_DAY)}),
        full("suspended", **{**secret, "vetting": replace(HIDDEN["vetting"], state="suspended")}),
        full("paused", status="paused", **secret),
        full("closed", status="closed", **secret),
        full("fictitious", demo=True, **secret),
    )
    open_house = replace(
        an_organisation(*services),
        website="https://lantern.example.org",
        name={"en": "Lantern", "sr": "Fenjer"},
        note=f"{CANARY} note",
        sources=HIDDEN["sources"],
    )
    unseen = replace(an_organisation(full("x", **{**secret, "vetting": Vetting()}), ident="rs-unseen"))
    unseen = replace(unseen, name={"en": f"{CANARY} organisation"}, description={"en": f"{CANARY} words"})
    fictitious = replace(an_organisation(full("y", **secret), ident="rs-fiction"), demo=True)
    return a_directory((open_house, unseen, replace(fictitious, name={"en": f"{CANARY} fiction"})))


def published(*organisations: Organisation, demo: bool = False) -> Published:
    """What of these organisations is public on the day of the samples."""
    return Published.build(a_directory(organisations), TODAY, fold=fold, demo=demo)
