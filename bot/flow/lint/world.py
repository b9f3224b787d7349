"""What flows may refer to besides each other."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.directory.matching import Directory
from bot.flow.definition import SlotType
from bot.i18n.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class World:
    """Shared slots, media files, the directory (None when it could not be read) and the texts of one folder."""

    today: date
    shared: Mapping[str, SlotType] = field(default_factory=dict)
    media: Collection[str] = ()
    directory: Directory | None = None
    catalogue: Catalogue = field(default_factory=Catalogue)
