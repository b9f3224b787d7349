"""Every problem code of the directory folder and what it means; docs/reference/problems.md is tested against it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

CODES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "D101": "A record has a key that does not exist.",
        "D102": "A record lacks something it needs, or a file of the directory is missing.",
        "D103": "A value has the wrong shape: a list, a mapping or a text is expected.",
        "D104": "A word is not one of those allowed here.",
        "D105": "The file's name and the organisation in it differ.",
        "D106": "A day is not a day, or an end lies before its beginning.",
        "D107": "Opening hours cannot be read.",
        "D108": "A time zone is missing or unknown.",
        "D109": "A phone number is not a phone number.",
        "D110": "A language code is not one.",
        "D111": "A country code is not one.",
        "D112": "An age range is not one.",
        "D113": "The same thing stands twice.",
        "D114": "A position is not a latitude and a longitude.",
        "D115": "A web address is not one.",
        "D116": "A vetting or a capacity is incomplete and counts for nothing.",
        "D117": "A file lies in the wrong folder or is not named like one of ours.",
        "D118": "A name has letters that names do not have.",
        "D119": "A notice is too long.",
        "D201": "A service, a queue or a flow names a need that does not exist.",
        "D202": "A service names a population that does not exist.",
        "D203": "A service or an attribute names a safety word that does not exist.",
        "D204": "A place does not exist.",
        "D205": "A queue does not exist.",
        "D206": "A member of the network has no organisation file.",
        "D207": "Two files describe the same organisation.",
        "D208": "A parent does not exist, or something stands below itself.",
        "D209": "What took the place of a service does not exist.",
        "D301": "A flow asks for a need that no service has.",
        "D302": "A queue has no member that serves it.",
        "D303": "A vetting lapses within 30 days.",
        "D304": "A vetting has lapsed and the service is no longer offered.",
        "D305": "A shelter's or a confidential address could be seen by a person.",
        "D306": "A demo record does not say so in its name.",
        "D307": "A flow asks for a need that no vetted service has today.",
        "D308": "A service was last checked more than a year ago.",
        "D309": "A vetting leaves out points of the checklist.",
        "D310": "A source gives another value than the record, and none says that they disagree.",
        "D311": "A service says what replaced it and is still offered.",
    }
)
