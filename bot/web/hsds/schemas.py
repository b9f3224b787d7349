"""What `/hsds/` is asked and what it answers, for its OpenAPI document: our own description of the HSDS objects we make.

`bot.directory.hsds.objects` makes the objects; nothing here is looked at while answering.
Source: Open Referral HSDS 3.0 and 3.1, schema reference.
"""

import re
from datetime import UTC, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

PER_PAGE: Final = 20
LARGEST_PAGE: Final = 100
LARGEST_NUMBER: Final = 1_000_000
LONGEST_SEARCH: Final = 100

_MOMENT: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,12})?)?([Zz]|[+-]\d{2}:\d{2})?)?", re.ASCII
)


def moment(written: object) -> object:
    """A day, or a moment as RFC 3339 has it, in UTC; one without a zone is meant in UTC. Raises ValueError."""
    if not isinstance(written, str):
        return written
    if _MOMENT.fullmatch(written) is None:
        raise ValueError("write it as 2026-11-01T00:00:00Z")
    found = datetime.fromisoformat(written.upper())
    try:
        return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except OverflowError:  # within hours of the first or the last day there is
        return found.replace(tzinfo=UTC)


Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Uri = Annotated[str, Field(json_schema_extra={"format": "uri"})]
Since = Annotated[
    datetime, BeforeValidator(moment), WithJsonSchema({"type": "string", "format": "date-time"})
]
Clock = Annotated[str, Field(pattern=r"^\d{2}:\d{2}[+-]\d{2}:\d{2}$")]


# --- what is asked ----------------------------------------------------------------------------------------


class Asked(BaseModel):
    """A question that has no more to say than in which language. Unknown words are refused, not passed over."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lang: Annotated[
        str | None,
        Field(
            max_length=20,
            pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
            description="A language code; otherwise Accept-Language, otherwise English.",
        ),
    ] = None


class Paged(Asked):
    """A question for a page of a list."""

    search: Annotated[str, Field(max_length=LONGEST_SEARCH, description="Words of a name.")] = ""
    page: Annotated[int, Field(ge=1, le=LARGEST_NUMBER)] = 1
    per_page: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = PER_PAGE
    format: Annotated[
        Literal["json", "ndjson"], Field(description="`ndjson`: all of them, one a line, without pages.")
    ] = "json"


class ServicesAsked(Paged):
    """Which services; every filter must hold."""

    taxonomy_term_id: Annotated[
        UUID | None, Field(description="Services with this term or one below it.")
    ] = None
    taxonomy_id: Annotated[UUID | None, Field(description="Services with any term of this taxonomy.")] = None
    organization_id: UUID | None = None
    modified_after: Annotated[
        Since | None, Field(description="Services looked at on this day (UTC) or later.")
    ] = None
    minimal: Annotated[
        bool, Field(description="Only id, name, status and last_modified, of all services on one page.")
    ] = False
    full: Annotated[bool, Field(description="Each with everything that belongs to it.")] = False


class AtLocationsAsked(Paged):
    """Which services at their public addresses; every filter must hold."""

    taxonomy_term_id: UUID | None = None
    taxonomy_id: UUID | None = None
    organization_id: UUID | None = None
    modified_after: Since | None = None
    full: bool = False


class OrganizationAsked(Asked):
    """One organisation, its services as rows or whole."""

    full_service: bool = False


class OrganizationsAsked(Paged):
    """Which organisations."""

    full: bool = False
    full_service: bool = False


class TermsAsked(Paged):
    """Which terms."""

    taxonomy_id: UUID | None = None
    parent_id: UUID | None = None
    top_only: bool = False


# --- what is answered -------------------------------------------------------------------------------------


class Answered(BaseModel):
    """A part of an answer. It holds these fields and no other."""

    model_config = ConfigDict(extra="forbid")


class Refusal(Answered):
    """Why there is no answer: a stable code and what to do. Nothing of the question is repeated."""

    code: str
    mend: str


class About(Answered):
    """What this interface is."""

    version: str
    profile: Uri
    openapi_url: Uri


class Taxonomy(Answered):
    """HSDS taxonomy."""

    id: UUID
    name: str
    description: str


class TaxonomyTerm(Answered):
    """HSDS taxonomy_term."""

    id: UUID
    code: str
    name: str
    description: str
    parent_id: UUID | None = None
    taxonomy: str
    taxonomy_id: UUID
    taxonomy_detail: Taxonomy | None = None
    language: str | None = None


class Attribute(Answered):
    """HSDS attribute."""

    id: UUID
    link_id: UUID
    taxonomy_term_id: UUID
    link_type: str
    link_entity: str
    value: str | None = None
    taxonomy_term: TaxonomyTerm


class Metadata(Answered):
    """HSDS metadata: that a record was vetted, and when."""

    id: UUID
    resource_id: UUID
    resource_type: str
    last_action_date: Day
    last_action_type: str
    field_name: str
    previous_value: str
    replacement_value: str
    updated_by: str


class Phone(Answered):
    """HSDS phone."""

    id: UUID
    service_id: UUID
    number: str
    description: str | None = None
    attributes: list[Attribute] | None = None


class Schedule(Answered):
    """HSDS schedule. `description` is OpenStreetMap's opening hours, `notes` the zone's IANA name."""

    id: UUID
    service_id: UUID
    description: str
    notes: str
    freq: Literal["WEEKLY"] | None = None
    wkst: Literal["MO"] | None = None
    byday: str | None = None
    opens_at: Clock | None = None
    closes_at: Clock | None = None
    timezone: float | None = None
    dtstart: Day | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None


class ServiceArea(Answered):
    """HSDS service_area. `extent` is a country's code or a place's id."""

    id: UUID
    service_id: UUID
    name: str
    extent: str
    extent_type: Literal["text"]


class Language(Answered):
    """HSDS language. `note` says who speaks it: staff, an interpreter, an interpreter by phone."""

    id: UUID
    service_id: UUID
    name: str
    code: str
    note: Literal["staff", "interpreter", "phone"]


class CostOption(Answered):
    """HSDS cost_option."""

    id: UUID
    service_id: UUID
    option: Literal["free", "sliding", "paid"]
    amount: float | None = None


class RequiredDocument(Answered):
    """HSDS required_document."""

    id: UUID
    service_id: UUID
    document: str


class Unit(Answered):
    """HSDS 3.1 unit."""

    id: UUID
    name: str


class Capacity(Answered):
    """HSDS 3.1 service_capacity. `available` 1 stands for "there is room"; `description` is our own word."""

    id: UUID
    service_id: UUID
    unit: Unit
    available: float
    description: Literal["open", "waiting list", "full"]
    updated: Moment


class Address(Answered):
    """HSDS address."""

    id: UUID
    location_id: UUID
    address_1: str
    city: str
    state_province: str
    postal_code: str
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    address_type: Literal["physical"]


class Location(Answered):
    """HSDS location."""

    id: UUID
    location_type: Literal["physical"]
    name: str | None = None
    external_identifier: str | None = None
    external_identifier_type: str | None = None
    addresses: list[Address]


class OrganizationIdentifier(Answered):
    """HSDS organization_identifier: our own id."""

    id: UUID
    organization_id: UUID
    identifier_scheme: str
    identifier_type: str
    identifier: str


class OrganizationRow(Answered):
    """HSDS organization, one-to-one fields."""

    id: UUID
    name: str
    alternate_name: str | None = None
    description: str
    website: Uri | None = None


class NestedOrganization(OrganizationRow):
    """HSDS organization inside a service."""

    organization_identifiers: list[OrganizationIdentifier] | None = None
    attributes: list[Attribute] | None = None


class ServiceFields(Answered):
    """HSDS service, the fields that are its own."""

    id: UUID
    organization_id: UUID | None = None
    name: str
    alternate_name: str | None = None
    description: str | None = None
    url: Uri | None = None
    status: Literal["active"]
    interpretation_services: str | None = None
    application_process: str | None = None
    eligibility_description: str | None = None
    alert: str | None = None
    minimum_age: float | None = None
    maximum_age: float | None = None
    assured_date: Day | None = None
    last_modified: Moment | None = None


class AtLocationFields(Answered):
    """HSDS service_at_location without its service."""

    id: UUID
    service_id: UUID
    location_id: UUID
    location: Location


class Service(ServiceFields):
    """HSDS service with what belongs to it: nothing of it in a list, unless `full` is asked for."""

    organization: NestedOrganization | None = None
    phones: list[Phone] | None = None
    schedules: list[Schedule] | None = None
    service_areas: list[ServiceArea] | None = None
    service_at_locations: list[AtLocationFields] | None = None
    languages: list[Language] | None = None
    cost_options: list[CostOption] | None = None
    required_documents: list[RequiredDocument] | None = None
    capacities: list[Capacity] | None = None
    attributes: list[Attribute] | None = None
    metadata: list[Metadata] | None = None


class Organization(NestedOrganization):
    """HSDS organization with its services."""

    services: list[Service] | None = None


class AtLocation(AtLocationFields):
    """HSDS service_at_location."""

    service: Service


class Page(Answered):
    """The envelope of every list."""

    total_items: int
    total_pages: int
    page_number: int
    size: int
    first_page: bool
    last_page: bool
    empty: bool


class ServicesPage(Page):
    """A page of services."""

    contents: list[Service]


class OrganizationsPage(Page):
    """A page of organisations."""

    contents: list[Organization]


class AtLocationsPage(Page):
    """A page of services at their addresses."""

    contents: list[AtLocation]


class TaxonomiesPage(Page):
    """A page of taxonomies."""

    contents: list[Taxonomy]


class TermsPage(Page):
    """A page of terms."""

    contents: list[TaxonomyTerm]
