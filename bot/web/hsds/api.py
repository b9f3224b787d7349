"""`/hsds/`: the directory for other programs, as HSDS 3 asks for it. Read-only, without cookies, the same for everybody."""

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, TypeVar
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from bot import __version__
from bot.directory.hsds.objects import Objects
from bot.directory.hsds.public import Listed
from bot.directory.hsds.published import Published, Wanted
from bot.directory.hsds.vocabulary import Object, organisation_id, taxonomy_id, taxonomy_json
from bot.directory.model import Organisation
from bot.web.hsds import schemas
from bot.web.hsds.shelf import Shelf

PREFIX: Final = "/hsds"
VERSION: Final = "3.1"
PROFILE: Final = "https://docs.openreferral.org/en/latest/hsds/"
LOCAL: Final = "http://localhost:8080"
"""Our own address where none for the public is set."""

OPEN: Final = {
    "cache-control": "no-cache",
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "etag, content-language",
    "cross-origin-resource-policy": "cross-origin",
    "vary": "accept-language",
}
"""Any site's page may read what is the same for everybody; kept answers are asked about again each time."""

_MOST_LANGUAGES: Final = 10
_RANGE: Final = re.compile(
    r"\s*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\s*(?:;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?\s*"
)

_REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    422: {"model": schemas.Refusal, "description": "A question that is not one of ours."},
    429: {"model": schemas.Refusal, "description": "Too many calls within a minute."},
}
_LISTS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}},
    304: {"description": "As it was: the tag in If-None-Match still holds."},
    **_REFUSALS,
}
_ONE: Final[dict[int | str, dict[str, Any]]] = {
    304: {"description": "As it was: the tag in If-None-Match still holds."},
    404: {"model": schemas.Refusal, "description": "Nothing of the kind is public today."},
    **_REFUSALS,
}

_Item = TypeVar("_Item")


def router(shelf: Shelf, public_url: str | None) -> APIRouter:
    """All routes under `/hsds`. `public_url` is our own address."""
    api = APIRouter(prefix=PREFIX)
    counter = _Counter(shelf)
    _add_about(api, counter, f"{public_url or LOCAL}{PREFIX}")
    _add_services(api, counter)
    _add_organizations(api, counter)
    _add_taxonomies(api, counter)
    _add_at_locations(api, counter)
    return api


def refusal(status: int, *, headers: dict[str, str] | None = None) -> JSONResponse:
    """Why there is no answer, without a word of the question."""
    code, mend = {
        404: ("hsds.unknown", "Nothing of the kind is public today. Look at the lists under /hsds/."),
        405: ("hsds.method", "Only GET: nothing can be changed here."),
        429: ("hsds.busy", "Ask again in a minute."),
    }.get(status, ("hsds.refused", "Look at /hsds/openapi.json."))
    return JSONResponse({"code": code, "mend": mend}, status_code=status, headers={**OPEN, **(headers or {})})


class _Counter:
    """Answers one call: lets it in, takes the page from the shelf, leaves out what the caller has already."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    async def one(
        self, request: Request, asked: schemas.Asked, make: Callable[[Published, Objects], Object | None]
    ) -> Response:
        """One object, or 404."""
        if not await self._shelf.lets_in():
            return refusal(429, headers={"retry-after": "60"})
        published = await self._shelf.today()
        objects = published.objects(_language(request, asked, published))
        key = (request.url.path, objects.language, *asked.model_dump(exclude={"lang"}).values())
        printed = await self._shelf.page(published, key, lambda: make(published, objects))
        if printed is None:
            return refusal(404)
        headers = {**OPEN, "etag": printed.tag, "content-language": objects.language}
        if _has(request, printed.tag):
            return Response(status_code=304, headers=headers)
        return Response(printed.body, media_type="application/json", headers=headers)

    async def many(
        self,
        request: Request,
        asked: schemas.Paged,
        choose: Callable[[Published], Sequence[_Item]],
        make: Callable[[Published, Objects], Callable[[_Item], Object]],
        *,
        whole: bool = False,
    ) -> Response:
        """A page of a list; with `whole` one page with all of it. As ndjson all of it, line by line."""
        if asked.format == "ndjson":
            if not await self._shelf.lets_in(whole=True):
                return refusal(429, headers={"retry-after": "60"})
            published = await self._shelf.today()
            objects = published.objects(_language(request, asked, published))
            lines = self._shelf.lines(lambda: choose(published), make(published, objects))
            headers = {**OPEN, "content-language": objects.language}
            return StreamingResponse(lines, media_type="application/x-ndjson", headers=headers)

        def page(published: Published, objects: Objects) -> Object:
            items, item = choose(published), make(published, objects)
            size = max(len(items), 1) if whole else asked.per_page
            return _page(
                [item(each) for each in items[size * (asked.page - 1) : size * asked.page]],
                len(items),
                size,
                asked.page,
            )

        return await self.one(request, asked, page)


def _page(contents: list[Object], total: int, size: int, number: int) -> Object:
    pages = -(-total // size)
    return {
        "total_items": total,
        "total_pages": pages,
        "page_number": number,
        "size": len(contents),
        "first_page": number == 1,
        "last_page": number >= pages,
        "empty": not contents,
        "contents": contents,
    }


def _has(request: Request, tag: str) -> bool:
    given = request.headers.get("if-none-match", "")
    return given.strip() == "*" or tag in (each.strip().removeprefix("W/") for each in given.split(","))


def _language(request: Request, asked: schemas.Asked, published: Published) -> str:
    """The language asked for in the address, else in the header, as far as anything is said in it."""
    if asked.lang:
        return published.language((asked.lang,))
    ranges = [
        found
        for part in request.headers.get("accept-language", "").split(",")[:_MOST_LANGUAGES]
        if (found := _RANGE.fullmatch(part))
    ]
    ranges.sort(key=lambda found: -float(found[2] or 1))
    return published.language([found[1] for found in ranges if float(found[2] or 1) > 0])


def _wanted(asked: schemas.ServicesAsked | schemas.AtLocationsAsked) -> Wanted:
    return Wanted(
        search=asked.search,
        taxonomy_term_id=str(asked.taxonomy_term_id or ""),
        taxonomy_id=str(asked.taxonomy_id or ""),
        organization_id=str(asked.organization_id or ""),
        modified_after=asked.modified_after,
    )


def _add_about(api: APIRouter, counter: _Counter, own: str) -> None:
    about: Object = {"version": VERSION, "profile": PROFILE, "openapi_url": f"{own}/openapi.json"}
    described: list[Object] = []

    @api.get("", include_in_schema=False)
    async def moved() -> Response:
        return RedirectResponse(f"{PREFIX}/", status_code=308, headers=OPEN)

    @api.get(
        "/", response_model=schemas.About, responses=_LISTS | {200: {}}, summary="What this interface is"
    )
    async def root(request: Request, asked: Annotated[schemas.Asked, Query()]) -> Response:
        return await counter.one(request, asked, lambda _published, _objects: about)

    @api.get("/openapi.json", include_in_schema=False)
    async def openapi(request: Request, asked: Annotated[schemas.Asked, Query()]) -> Response:
        if not described:
            described.append(description(api, own))
        return await counter.one(request, asked, lambda _published, _objects: described[0])


def description(api: APIRouter, own: str) -> Object:
    """The OpenAPI document of these routes, which are reached at `own`."""
    return get_openapi(
        title="Fener: the public directory",
        version=__version__,
        summary="Open Referral HSDS 3.1, also valid as 3.0; read-only.",
        description="Services that two people vetted and that everybody may know of. See docs/reference/hsds.md.",
        routes=api.routes,
        servers=[{"url": own.removesuffix(PREFIX)}],
    )


def _add_services(api: APIRouter, counter: _Counter) -> None:
    @api.get("/services", response_model=schemas.ServicesPage, responses=_LISTS, summary="Services")
    async def services(request: Request, asked: Annotated[schemas.ServicesAsked, Query()]) -> Response:
        def make(_published: Published, objects: Objects) -> Callable[[Listed], Object]:
            if asked.minimal:
                return objects.service_minimal
            return objects.service if asked.full else objects.service_row

        return await counter.many(
            request, asked, lambda published: published.services(_wanted(asked)), make, whole=asked.minimal
        )

    @api.get("/services/{id}", response_model=schemas.Service, responses=_ONE, summary="One service")
    async def service(request: Request, id: UUID, asked: Annotated[schemas.Asked, Query()]) -> Response:  # noqa: A002  # the standard's word
        def make(published: Published, objects: Objects) -> Object | None:
            found = published.service(str(id))
            return objects.service(found) if found else None

        return await counter.one(request, asked, make)


def _add_organizations(api: APIRouter, counter: _Counter) -> None:
    @api.get(
        "/organizations", response_model=schemas.OrganizationsPage, responses=_LISTS, summary="Organisations"
    )
    async def organizations(
        request: Request, asked: Annotated[schemas.OrganizationsAsked, Query()]
    ) -> Response:
        def make(published: Published, objects: Objects) -> Callable[[Organisation], Object]:
            if not (asked.full or asked.full_service):
                return objects.organisation_row
            return lambda found: _organisation(published, objects, found, full=asked.full_service)

        return await counter.many(
            request, asked, lambda published: published.organisations_named(asked.search), make
        )

    @api.get(
        "/organizations/{id}", response_model=schemas.Organization, responses=_ONE, summary="One organisation"
    )
    async def organization(
        request: Request,
        id: UUID,  # noqa: A002  # the standard's word
        asked: Annotated[schemas.OrganizationAsked, Query()],
    ) -> Response:
        def make(published: Published, objects: Objects) -> Object | None:
            found = published.organisations.get(str(id))
            return _organisation(published, objects, found, full=asked.full_service) if found else None

        return await counter.one(request, asked, make)


def _organisation(published: Published, objects: Objects, found: Organisation, *, full: bool) -> Object:
    services = published.services_of(organisation_id(found.id))
    return objects.organisation(found, services, full_services=full)


def _add_taxonomies(api: APIRouter, counter: _Counter) -> None:
    @api.get("/taxonomies", response_model=schemas.TaxonomiesPage, responses=_LISTS, summary="Taxonomies")
    async def taxonomies(request: Request, asked: Annotated[schemas.Paged, Query()]) -> Response:
        return await counter.many(
            request,
            asked,
            lambda published: published.taxonomies(asked.search),
            lambda _published, _objects: taxonomy_json,
        )

    @api.get("/taxonomies/{id}", response_model=schemas.Taxonomy, responses=_ONE, summary="One taxonomy")
    async def taxonomy(request: Request, id: UUID, asked: Annotated[schemas.Asked, Query()]) -> Response:  # noqa: A002  # the standard's word
        def make(published: Published, _objects: Objects) -> Object | None:
            found = [name for name in published.taxonomies() if taxonomy_id(name) == str(id)]
            return taxonomy_json(found[0]) if found else None

        return await counter.one(request, asked, make)

    @api.get("/taxonomy_terms", response_model=schemas.TermsPage, responses=_LISTS, summary="Terms")
    async def terms(request: Request, asked: Annotated[schemas.TermsAsked, Query()]) -> Response:
        return await counter.many(
            request,
            asked,
            lambda published: published.terms(
                asked.search, str(asked.taxonomy_id or ""), str(asked.parent_id or ""), top=asked.top_only
            ),
            lambda _published, objects: lambda term: term.as_json(objects.language),
        )

    @api.get("/taxonomy_terms/{id}", response_model=schemas.TaxonomyTerm, responses=_ONE, summary="One term")
    async def term(request: Request, id: UUID, asked: Annotated[schemas.Asked, Query()]) -> Response:  # noqa: A002  # the standard's word
        def make(published: Published, objects: Objects) -> Object | None:
            found = published.vocabulary.by_id.get(str(id))
            if found is None:
                return None
            return {**found.as_json(objects.language), "taxonomy_detail": taxonomy_json(found.taxonomy)}

        return await counter.one(request, asked, make)


def _add_at_locations(api: APIRouter, counter: _Counter) -> None:
    @api.get(
        "/service_at_locations",
        response_model=schemas.AtLocationsPage,
        responses=_LISTS,
        summary="Services at their public addresses",
    )
    async def at_locations(request: Request, asked: Annotated[schemas.AtLocationsAsked, Query()]) -> Response:
        def make(_published: Published, objects: Objects) -> Callable[[Listed], Object]:
            return objects.at_location if asked.full else objects.at_location_row

        return await counter.many(
            request, asked, lambda published: published.at_locations(_wanted(asked)), make
        )

    @api.get(
        "/service_at_locations/{id}",
        response_model=schemas.AtLocation,
        responses=_ONE,
        summary="One service at its public address",
    )
    async def at_location(
        request: Request,
        id: UUID,  # noqa: A002  # the standard's word
        asked: Annotated[schemas.Asked, Query()],
    ) -> Response:
        def make(published: Published, objects: Objects) -> Object | None:
            found = published.at_location(str(id))
            return objects.at_location(found) if found else None

        return await counter.one(request, asked, make)
