"""The content one turn runs against: an immutable snapshot of flows, directory and translations at one version."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.directory.matching import Directory
from bot.flow.definition import Entry, Fact, Flow, SlotType
from bot.handoff.playbook import Playbook
from bot.i18n.catalogue import Catalogue
from bot.nlu.crisis import CrisisLists
from bot.nlu.intents import IntentModel


@dataclass(frozen=True, slots=True)
class Library:
    """Flows, facts, directory, texts and word lists of one release. Built whole by content.folders or not at all.

    `commands` maps language -> command name (as in contract.md) -> words. `version` is a content hash.
    `abuse`: what the console puts out of sight at first, of all languages. `prepared` is where the engine keeps what it works out once (see bot.flow.prepared); empty until the first turn.
    """

    version: str
    flows: Mapping[str, Flow]
    entries: Mapping[Entry, str]
    shared: Mapping[str, SlotType]
    facts: Mapping[str, Fact]
    directory: Directory
    catalogue: Catalogue
    commands: Mapping[str, Mapping[str, tuple[str, ...]]]
    crisis: CrisisLists
    intents: IntentModel
    playbooks: tuple[Playbook, ...] = ()
    abuse: tuple[str, ...] = ()
    prepared: list[object] = field(default_factory=list, repr=False, compare=False)
