"""Every problem code of `fener check` and what it means; docs/reference/problems.md is tested against it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bot.directory.codes import CODES as DIRECTORY_CODES
from bot.flow.codes import CODES as FLOW_CODES
from bot.flow.script import CODES as SCRIPT_CODES
from bot.i18n.codes import CODES as TRANSLATION_CODES

FILE_CODES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Y100": "A file is not YAML.",
        "Y101": "A file is too big.",
        "Y102": "A file is not UTF-8.",
        "Y103": "A key stands twice.",
        "Y104": "An anchor or an alias is used.",
        "Y105": "A tag is used.",
        "Y106": "A name is not a plain word.",
        "Y107": "A file is nested too deeply.",
        "Y110": "A folder or a file that must be there is missing.",
        "Y111": "A file or a folder is a link to another place.",
        "Y112": "A file cannot be read.",
        "Y113": "A file is not read, because its name ends in .yml.",
        "Y114": "A language lacks a file: texts, phrases, crisis words or commands.",
    }
)
CODES: Final[Mapping[str, str]] = MappingProxyType(
    {**FILE_CODES, **FLOW_CODES, **SCRIPT_CODES, **DIRECTORY_CODES, **TRANSLATION_CODES}
)
