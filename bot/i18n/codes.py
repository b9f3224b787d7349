"""Every problem code of the translations folder and what it means; docs/reference/problems.md is tested against it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

CODES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "T101": "languages.yaml is not a list of languages.",
        "T102": "A language has a missing, unknown or misshapen value.",
        "T103": "A language code stands twice.",
        "T104": "A fallback language is not in the list, or falls back in a circle.",
        "T105": "English is not in the list.",
        "T201": "A line of a PO file cannot be read.",
        "T202": "A PO entry is not complete.",
        "T203": "A PO file has the same entry twice.",
        "T301": "phrases.yaml is not a mapping from flow to phrases.",
        "T302": "Phrases belong to a flow that does not exist.",
        "T303": "A phrase is empty, too long or not text.",
        "T304": "A flow has fewer phrases than free text needs to find it.",
        "T305": "The same phrase leads to two flows.",
        "T401": "crisis.yaml is not a mapping from kind to words.",
        "T402": "A kind of crisis is unknown.",
        "T403": "A crisis entry is empty, too short, too long or not text.",
        "T404": "A kind of crisis has no words in a language.",
        "T501": "commands.yaml is not a mapping from command to words.",
        "T502": "A command is unknown.",
        "T503": "A command word is empty, a number, too long or not text.",
        "T504": "The same word stands for two commands.",
        "T505": "A command has no word in a language.",
        "T506": "abuse.yaml is not a mapping with one list, 'abuse'.",
        "T507": "An entry of abuse.yaml is empty, too short, too long or not text.",
        "T601": "A text has no translation.",
        "T602": "A translation is fuzzy: the source changed after it was written.",
        "T603": "A translation was not reviewed by a person.",
        "T604": "A translation has other placeholders than its source.",
        "T605": "A translation has other numbers than its source.",
        "T606": "A translation has other links or e-mail addresses than its source.",
        "T607": "A translation has other user names than its source.",
        "T608": "A translation belongs to a text that no longer exists.",
        "T609": "A translation holds invisible direction characters.",
        "T610": "A translation is longer than its place allows.",
        "T611": "A language is not offered yet.",
    }
)
