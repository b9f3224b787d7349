"""Which language a message seems to be in: script, letters, and frequent small words. Only ever used to offer a switch.

A short or mixed message gives None rather than a guess. Romanised Arabic and Urdu are known by their small words.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from bot.nlu.normalise import words_of
from bot.nlu.wordlists import listed

FEWEST_LETTERS: Final = 4
FEWEST_MARKS: Final = 2  # small words that must speak for a Latin-script language
LEAD: Final = 2  # how many more of them than for the next language
_SERBIAN_CYRILLIC: Final = frozenset("ђјљњћџ")
_RUSSIAN_ONLY: Final = frozenset("ыэёъщюяй")
_PASHTO: Final = frozenset("ټډړږښڼځڅېۍګ")
_URDU: Final = frozenset("ٹڈڑےںہھ")
_PERSIAN: Final = frozenset("پچژگ")
_PERSIAN_FORMS: Final = frozenset("کی")
_ARABIC_ONLY: Final = frozenset("ةىيكأإؤئ")
_SMALL_WORDS: Final[Mapping[str, frozenset[str]]] = {
    code: frozenset(listed(words))
    for code, words in {
        "en": "the is are am i you my me it this that what where how can do does need want to of and for with have not in on please who when there",
        "sr": "je sam si smo ste su da li ne mi me se u na za od sa kako gde gdje sta hocu treba mogu moze imam nemam ja ti jesam bih kod koji hvala molim",
        "fr": "je tu il nous vous est suis les des une un le la pas que qui pour dans avec mon ma mes où ou comment besoin veux peux cest jai ai du au aide merci",
        "pt": "eu voce nao sim que como onde para com uma um meu minha preciso quero posso estou tenho de da do em na no os as obrigado obrigada por ajuda ser",
        "es": "yo tu usted no que como donde para con una un mi necesito quiero puedo estoy tengo de el la los las en por ayuda gracias soy hay del al",
        "tr": "ben bir ve bu ne nasil nerede icin var yok mi mu istiyorum lazim benim bana de da ile cok yardim lutfen degil kim neden gerek ihtiyacim",
        "ar": "ana inta anti ma mish mesh la fi wein wain fein kif keef shu shou shoo ayez ayza biddi bidi badi abi mumkin lazem la2 3andi 3am 7ada ya3ni shukran",
        "ur": "main mein mujhe mera meri mujhay hai hain nahi nahin kya kaise kahan ko ka ki ke se aap hum chahiye karna sakta sakti raha rahi hoon yahan madad",
        "fa": "man mikham mikhaham nemikham chetor koja kojast che ast hastam nistam baraye komak mishe lotfan chi shoma ra va az be ke dar",
        "ru": "ja ty mne menja kak cto eto nuzno est net dlja pomogite pomosh pozaluista pozhaluista chto hochu nuzhno zdravstvuite spasibo v",
    }.items()
}
_LATIN: Final = tuple(_SMALL_WORDS)


def guess_language(text: str) -> str | None:
    """The code of the language, or None when the message does not say enough. `sr` in either script."""
    letters = Counter(character for character in text.lower() if character.isalpha())
    total = sum(letters.values())
    if total < FEWEST_LETTERS:
        return None
    arabic = sum(
        count for letter, count in letters.items() if "\u0600" <= letter <= "\u06ff" or letter >= "\ufb50"
    )
    cyrillic = sum(count for letter, count in letters.items() if "\u0400" <= letter <= "\u04ff")
    if arabic * 2 > total:
        return _arabic_script(letters)
    if cyrillic * 2 > total:
        return _cyrillic(letters)
    return _latin(text)


def _arabic_script(letters: Counter[str]) -> str:
    """Letters that only one of the languages has decide; Persian keyboards write ک and ی, Arabic ones ك and ي."""
    present = letters.keys()
    if present & _PASHTO:
        return "ps"
    if present & _URDU:
        return "ur"
    if present & _PERSIAN:
        return "fa"
    persian = sum(letters[letter] for letter in _PERSIAN_FORMS)
    return "fa" if persian > sum(letters[letter] for letter in _ARABIC_ONLY) else "ar"


def _cyrillic(letters: Counter[str]) -> str | None:
    serbian = bool(letters.keys() & _SERBIAN_CYRILLIC)
    russian = bool(letters.keys() & _RUSSIAN_ONLY)
    if serbian == russian:
        return None
    return "sr" if serbian else "ru"


def _latin(text: str) -> str | None:
    words = words_of(text).split()
    counts = sorted(
        ((sum(word in _SMALL_WORDS[code] for word in words), code) for code in _LATIN), reverse=True
    )
    (first, code), (second, _) = counts[0], counts[1]
    return code if first >= FEWEST_MARKS and first - second >= LEAD else None
