"""Names in flows that must exist outside them: flows, facts, needs, queues, languages, places, media."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from bot.directory.model import KINDS
from bot.flow.definition import Fact
from bot.flow.draft import Draft, Reference, ReferenceKind
from bot.flow.lint.world import World
from bot.flow.nearest import mend_name
from bot.kernel.problems import Mark, Problem

Known = Mapping[str, Mark | None]

_CODES: Final[Mapping[ReferenceKind, str]] = {
    "flow": "F104",
    "fact": "F202",
    "need": "F203",
    "queue": "F204",
    "language": "F205",
    "population": "F206",
    "attribute": "F206",
    "place": "F206",
    "organisation": "F206",
    "media": "F207",
}
_OTHERWISE: Final[Mapping[ReferenceKind, str]] = {
    "flow": "write the flow in flows/",
    "fact": "add the fact to a file in flows/facts/",
    "need": "add it under 'needs' of directory/taxonomy.yaml",
    "queue": "add it under 'queues' of directory/network.yaml",
    "language": "add it to translations/languages.yaml",
    "population": "add it under 'populations' of directory/taxonomy.yaml",
    "attribute": "add it under 'attributes' of directory/taxonomy.yaml",
    "place": "add it to directory/places.yaml, or write a slot of type place",
    "media": "put the file into flows/media/",
    "organisation": "write the name of a file of directory/, a kind such as state, or a slot of type choice",
}
_WHAT: Final[Mapping[ReferenceKind, str]] = {
    "flow": "flow",
    "fact": "fact",
    "need": "need",
    "queue": "queue",
    "language": "language",
    "population": "group of people",
    "attribute": "safety word",
    "place": "place",
    "media": "file in flows/media/",
    "organisation": "organisation or kind",
}
_BRACED: Final = re.compile(r"\{[^{}]*\}")


def lint_names(drafts: Sequence[Draft], facts: Sequence[Fact], world: World) -> Iterator[Problem]:
    """A problem for each name that leads nowhere."""
    known = _known(drafts, facts, world)
    for draft in drafts:
        for reference in draft.references:
            names = known.get(reference.kind)
            if names is None or _cannot_know(reference, world):
                continue
            if not _exists(reference, names, world):
                yield _unknown(reference, names, draft)


def _known(drafts: Sequence[Draft], facts: Sequence[Fact], world: World) -> dict[ReferenceKind, Known]:
    """The names of each kind; a kind that could not be read is left out and not checked."""
    known: dict[ReferenceKind, Known] = {
        "flow": {draft.flow.id: draft.flow.mark for draft in drafts},
        "fact": {fact.id: fact.mark for fact in facts},
        "media": dict.fromkeys(world.media),
    }
    directory = world.directory
    if directory is not None:
        taxonomy = directory.taxonomy
        known["need"] = dict.fromkeys(taxonomy.needs)
        known["queue"] = dict.fromkeys(directory.network.queues)
        known["population"] = dict.fromkeys(taxonomy.populations)
        known["attribute"] = dict.fromkeys(taxonomy.attribute_words())
        known["organisation"] = dict.fromkeys([*KINDS, *directory.organisations])
        known["place"] = dict.fromkeys(directory.places.words())
        known["language"] = dict.fromkeys([*world.catalogue.languages.codes, *sorted(_spoken(world))])
    return known


def _spoken(world: World) -> Collection[str]:
    """The languages that services are given in."""
    if world.directory is None:
        return ()
    return {
        offer.code
        for organisation in world.directory.organisations.values()
        for service in organisation.services
        for offer in service.languages
    }


def _cannot_know(reference: Reference, world: World) -> bool:
    """A place that is compared or set, in a folder that describes no places."""
    described = world.directory is not None and bool(world.directory.places.by_id)
    return reference.kind == "place" and reference.key in {"if", "set"} and not described


def _exists(reference: Reference, names: Known, world: World) -> bool:
    if reference.name in names:
        return True
    if reference.kind == "fact" and "{" in reference.name:
        pieces = [re.escape(piece) for piece in _BRACED.split(reference.name)]
        pattern = re.compile("[^.]+".join(pieces))
        return any(pattern.fullmatch(name) for name in names)
    if world.directory is not None and reference.kind == "attribute":
        return world.directory.taxonomy.attribute(reference.name) is not None
    if world.directory is not None and reference.kind == "place":
        return world.directory.places.known(reference.name)
    return False


def _unknown(reference: Reference, names: Known, draft: Draft) -> Problem:
    kind = reference.kind
    written = f"'{reference.key}: {reference.name}'"
    if kind == "flow":
        step = reference.name in draft.flow.steps
        mend = (
            f"write 'next: {reference.name}': it is a step of this flow" if step else _mend(reference, names)
        )
        return Problem("F104", reference.mark, f"{written} leads nowhere", mend)
    if kind == "fact" and "{" in reference.name:
        message = f"no fact is named like {written}"
    else:
        message = f"there is no {_WHAT[kind]} '{reference.name}'"
    return Problem(_CODES[kind], reference.mark, message, _mend(reference, names))


def _mend(reference: Reference, names: Known) -> str:
    return mend_name(reference.name, names, otherwise=_OTHERWISE[reference.kind])
