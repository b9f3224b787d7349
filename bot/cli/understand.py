"""`fener understand`: what the bot makes of a message, how well it does on labelled sentences, and where its bands begin.

Messages come from standard input, one a line, and are neither kept nor, with `--json`, repeated.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.cli.check import as_text
from bot.cli.labelled import (
    ALL,
    ANSWERED,
    PRECISION,
    Calibrated,
    Figures,
    Read,
    by_language,
    calibrate,
    read_labelled,
)
from bot.cli.terminal import shown
from bot.content.folders import load_words
from bot.content.translations_folder import TranslationsFolder
from bot.flow.commands import Commands
from bot.nlu.crisis import CrisisLists
from bot.nlu.intents import IN_FORCE, Guesses, IntentModel, Ranked, banded
from bot.nlu.language import guess_language
from bot.nlu.normalise import bare_number, words_of
from bot.settings import read_settings

FINE: Final = 0
FAULTY: Final = 1
USAGE: Final = 2

_LONGEST_LINE: Final = 64 * 1024  # bytes that are read of one message
_WORDS_TRIED: Final = 60  # of a message, when it is explained
_WORDS_TOLD: Final = 5
_NARROWEST: Final = 5
_COLUMNS: Final = (
    "n",
    "accuracy_at_1",
    "recall_at_3",
    "coverage",
    "precision",
    "out_of_scope_answered",
    "ordinary_flagged",
    "crisis_recall",
    "near_miss_flagged",
)
_NO_RELEASE: Final = (
    "There is no content release yet that could keep thresholds: they stand in bot/nlu/intents.py (SURE, MARGIN).\n"
    "Figures flatter on sentences that somebody had in mind while writing phrases: calibrate on fresh ones."
)


class _UsageError(Exception):
    """What was asked cannot be; the message is one sentence without its stop."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Everything that reads a message, of one content folder."""

    crisis: CrisisLists
    commands: Commands
    model: IntentModel

    @classmethod
    def of(cls, words: TranslationsFolder) -> "Reader":
        """Made from translations/ alone."""
        return cls(CrisisLists(words.crisis), Commands.of(words.commands), IntentModel.train(words.phrases))

    def danger(self, text: str) -> tuple[tuple[str, ...], bool]:
        """Kinds of danger, the most severe first, and whether all stood behind a negation. A number means none."""
        hit = None if bare_number(text) is not None else self.crisis.find(text)
        return (hit.kinds, hit.softened) if hit else ((), False)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What was made of one message."""

    language: str | None
    crisis: tuple[str, ...]
    softened: bool
    command: str | None
    ranked: Ranked
    guesses: Guesses


def _action(text: str) -> str:
    """A message on the command line would stay in the shell's history: it is refused, and not repeated."""
    if text != "calibrate":
        raise argparse.ArgumentTypeError(
            "messages are read from standard input, so that none stays in your shell's history: "
            "start 'fener understand' alone and write one a line, or give it a file with '<'"
        )
    return text


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of `fener understand`."""
    parser.add_argument(
        "action",
        nargs="?",
        type=_action,
        metavar="calibrate",
        help="find the thresholds that reach the aims on the sentences of --labelled",
    )
    parser.add_argument(
        "--lang",
        metavar="xx",
        help="the language of the conversation, where a message does not tell; with --labelled only its sentences",
    )
    parser.add_argument("--json", action="store_true", help="print JSON, without the messages")
    parser.add_argument("--explain", action="store_true", help="also which words decided, and the bands")
    parser.add_argument(
        "--labelled",
        metavar="FILE",
        help="measure on a YAML list of {lang, text, intent} or {lang, text, crisis}",
    )
    parser.add_argument(
        "--content", metavar="DIR", help="folder holding translations/ (default: FENER_CONTENT_DIR)"
    )


def run(args: argparse.Namespace) -> int:
    """Read messages from standard input, or measure; 0 fine, 1 faults, 2 wrong usage."""
    root = Path(args.content) if args.content else read_settings().content_dir
    try:
        _check_usage(args, root)
        words, problems = load_words(root)
        errors = [one for one in problems if one.severity == "error" and one.mark.file.endswith(".yaml")]
        if errors:
            print("".join(as_text(one) for one in errors), end="", file=sys.stderr)
            return FAULTY
        if args.labelled:
            return _measure(Reader.of(words), args)
        _check_language(args.lang, words.catalogue.languages.codes)
        return _listen(Reader.of(words), args)
    except _UsageError as fault:
        print(f"fener understand: {fault}.", file=sys.stderr)
        return USAGE


def _check_usage(args: argparse.Namespace, root: Path) -> None:
    if not root.is_dir():
        raise _UsageError(f"there is no folder {root}")
    if args.labelled and not Path(args.labelled).is_file():
        raise _UsageError(f"there is no file {args.labelled}")
    if args.action and not args.labelled:
        raise _UsageError("calibrate needs sentences: --labelled FILE")


def _check_language(code: str | None, codes: Sequence[str]) -> None:
    if code is not None and code not in codes:
        raise _UsageError(f"there is no language '{code}': languages.yaml has {', '.join(codes)}")


def understood(reader: Reader, text: str, language: str | None = None) -> Meaning:
    """What is made of one message; `language` counts where the message does not tell its own."""
    kinds, softened = reader.danger(text)
    ranked = reader.model.ranked(text)
    return Meaning(
        language=guess_language(text) or language,
        crisis=kinds,
        softened=softened,
        command=reader.commands.find(text),
        ranked=ranked,
        guesses=banded(ranked),
    )


# --- messages from standard input ----------------------------------------------------------------------


def _listen(reader: Reader, args: argparse.Namespace) -> int:
    if sys.stdin.isatty():
        print("One message a line; end with Ctrl+D.", file=sys.stderr)
    for number, text in enumerate(_lines(), start=1):
        meaning = understood(reader, text, args.lang)
        if args.json:
            line = _as_json(number, meaning)
            if args.explain:
                line["why"] = _why(reader, text, meaning)
            print(json.dumps(line, ensure_ascii=False), flush=True)
        else:
            print(_as_text(number, meaning), flush=True)
            for told in _explained(reader, text, meaning) if args.explain else ():
                print(told, flush=True)
    return FINE


def _lines() -> Iterator[str]:
    """The messages; a line that is far too long is read in part, and what is no UTF-8 is replaced."""
    source = sys.stdin.buffer
    first = True
    while line := source.readline(_LONGEST_LINE):
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = source.readline(_LONGEST_LINE)
        yield line.decode("utf-8-sig" if first else "utf-8", "replace").rstrip("\r\n")
        first = False


def _as_json(number: int, meaning: Meaning) -> dict[str, object]:
    return {
        "text_no": number,
        "language": meaning.language,
        "crisis": list(meaning.crisis),
        "command": meaning.command,
        "band": meaning.guesses.band,
        "flows": [list(each) for each in meaning.guesses.best],
    }


def _as_text(number: int, meaning: Meaning) -> str:
    flows = ", ".join(f"{flow} {share:.2f}" for flow, share in meaning.guesses.best)
    danger = f"{', '.join(meaning.crisis)}{' (softened)' if meaning.softened else ''}" or "-"
    return (
        f"{number}: language {meaning.language or '-'} | crisis {danger} | command {meaning.command or '-'} | "
        f"{meaning.guesses.band} | {flows or '-'}"
    )


# --- why -----------------------------------------------------------------------------------------------


def _lead(ranked: Ranked) -> float:
    return round(ranked[0][1] - (ranked[1][1] if len(ranked) > 1 else 0.0), 4) if ranked else 0.0


def _weights(reader: Reader, words: Sequence[str], meaning: Meaning) -> list[tuple[int, float]]:
    """Place of a word and how much the best flow loses without it, the most telling first."""
    if not meaning.guesses.best:
        return []
    flow = meaning.guesses.best[0][0]
    before = dict(meaning.ranked)[flow]
    found = []
    for place in range(min(len(words), _WORDS_TRIED)):
        without = reader.model.ranked(" ".join([*words[:place], *words[place + 1 :]]))
        found.append((place, round(before - dict(without).get(flow, 0.0), 4)))
    telling = sorted((each for each in found if each[1] > 0), key=lambda each: -each[1])
    return telling[:_WORDS_TOLD]


def _alarming(reader: Reader, words: Sequence[str], meaning: Meaning) -> list[int]:
    """Places of the words without which less danger would be heard."""
    if not meaning.crisis:
        return []
    whole = set(reader.danger(" ".join(words))[0])
    return [
        place
        for place in range(min(len(words), _WORDS_TRIED))
        if whole - set(reader.danger(" ".join([*words[:place], *words[place + 1 :]]))[0])
    ]


def _why(reader: Reader, text: str, meaning: Meaning) -> dict[str, object]:
    """What decided, with words by their place (from 1): the message itself is never repeated."""
    words = words_of(text).split()
    return {
        "softened": meaning.softened,
        "lead": _lead(meaning.ranked),
        "thresholds": _as_shape(IN_FORCE.sure, IN_FORCE.unsure, IN_FORCE.margin),
        "words": [[place + 1, weight] for place, weight in _weights(reader, words, meaning)],
        "crisis_words": [place + 1 for place in _alarming(reader, words, meaning)],
    }


def _explained(reader: Reader, text: str, meaning: Meaning) -> Iterator[str]:
    words = words_of(text).split()
    alarming = [words[place] for place in _alarming(reader, words, meaning)]
    if alarming:
        yield f"   danger is heard because of: {shown(', '.join(alarming))}"
    weights = _weights(reader, words, meaning)
    if weights:
        told = ", ".join(f"{shown(words[place])} {weight:+.2f}" for place, weight in weights)
        yield f"   {meaning.guesses.best[0][0]} because of: {told}"
    if meaning.ranked:
        best, share = meaning.ranked[0]
        yield (
            f"   best {best} {share:.2f}, lead {_lead(meaning.ranked):.2f}; sure from {IN_FORCE.sure:.2f} "
            f"with a lead of {IN_FORCE.margin:.2f}, unsure from {IN_FORCE.unsure:.2f}"
        )


# --- figures -------------------------------------------------------------------------------------------


def _measure(reader: Reader, args: argparse.Namespace) -> int:
    read = [
        Read(number, item, reader.model.ranked(item.text), bool(reader.danger(item.text)[0]))
        for number, item in enumerate(read_labelled(Path(args.labelled)), start=1)
        if args.lang in {None, item.lang}
    ]
    if not read:
        raise _UsageError(f"{args.labelled} has no sentence in '{args.lang}'")
    return _calibrated(read, args) if args.action else _measured(read, args)


def _measured(read: Sequence[Read], args: argparse.Namespace) -> int:
    found = by_language(read)
    if args.json:
        print(json.dumps(found, indent=2))
    else:
        print("\n".join(_table(found)))
    if args.explain:
        _print_misses(read)
    return FINE


def _table(found: Mapping[str, Figures]) -> Iterator[str]:
    there = {name for of_language in found.values() for name in of_language}
    names = [name for name in _COLUMNS if name in there]
    yield "  ".join(["lang", *(name.rjust(_NARROWEST) for name in names)])
    for code in sorted(found, key=lambda code: (code == ALL, code)):
        cells = [_cell(found[code].get(name)).rjust(max(_NARROWEST, len(name))) for name in names]
        yield "  ".join([code.ljust(4), *cells])


def _cell(value: float | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def _print_misses(read: Sequence[Read]) -> None:
    """What went wrong, by the place of a sentence in the file and never by its words, on standard error."""
    for each in read:
        guesses = banded(each.ranked)
        best = guesses.best[0][0] if guesses.best else "-"
        wanted = each.item.intent
        if each.item.crisis is not None:
            wrong = each.flagged != each.item.crisis
            told = f"danger {'heard' if each.flagged else 'not heard'}"
        else:
            wrong = best != wanted if wanted else guesses.band == "sure"
            told = f"wanted {wanted or 'no flow'}, {guesses.band} {best}"
        if wrong:
            print(f"sentence {each.number} ({each.item.lang}): {told}", file=sys.stderr)


def _calibrated(read: Sequence[Read], args: argparse.Namespace) -> int:
    if all(each.item.crisis is not None for each in read):
        raise _UsageError(f"{args.labelled} has no sentence with an intent")
    now, best = calibrate(read)
    if args.json:
        shape = {
            "aims": {"precision": PRECISION, "out_of_scope_answered": ANSWERED},
            "in_force": _calibration(now),
            "best": _calibration(best) if best else None,
        }
        print(json.dumps(shape, indent=2))
    else:
        print(
            f"Aims: precision of sure answers {PRECISION} or more, out of scope answered {ANSWERED} or less."
        )
        print(f"In force:  {_line(now)}")
        print(
            f"Best here: {_line(best)}"
            if best
            else "Best here: no thresholds reach the aims on these sentences."
        )
        print(_NO_RELEASE)
    return FINE if best else FAULTY


def _calibration(found: Calibrated) -> dict[str, object]:
    one = found.thresholds
    return {
        **_as_shape(one.sure, one.unsure, one.margin),
        "reaches": found.reaches,
        "figures": dict(found.figures),
    }


def _as_shape(sure: float, unsure: float, margin: float) -> dict[str, float]:
    return {"sure": sure, "unsure": unsure, "margin": margin}


def _line(found: Calibrated) -> str:
    one = found.thresholds
    figures = ", ".join(
        f"{name} {_cell(found.figures.get(name))}"
        for name in ("precision", "out_of_scope_answered", "coverage")
    )
    reaches = "reaches" if found.reaches else "does not reach"
    return f"sure {one.sure}, margin {one.margin}: {figures}; {reaches} the aims"
