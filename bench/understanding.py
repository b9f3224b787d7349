"""How well free text is understood: figures on the sentences of tests/nlu/labelled.yaml. `python -m bench.understanding`."""

import json
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.content.marks import read_yaml
from bot.i18n.wordfiles import parse_crisis, parse_phrases
from bot.nlu.crisis import CrisisLists
from bot.nlu.intents import IntentModel

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Sample:
    lang: str
    text: str
    intent: str | None = None
    crisis: bool | None = None
    fresh: bool = False


def samples(path: Path) -> list[Sample]:
    return [Sample(**item) for item in yaml.safe_load(path.read_text("utf-8"))]


def shipped_phrases() -> dict[str, Mapping[str, Sequence[str]]]:
    found: dict[str, Mapping[str, Sequence[str]]] = {}
    for path in sorted((ROOT / "translations").glob("*/phrases.yaml")):
        node, _ = read_yaml(path.read_bytes(), str(path))
        assert node is not None
        found[path.parent.name] = parse_phrases(node, path.parent.name)[0]
    return found


def shipped_crisis() -> CrisisLists:
    found = {}
    for path in sorted((ROOT / "translations").glob("*/crisis.yaml")):
        node, _ = read_yaml(path.read_bytes(), str(path))
        assert node is not None
        found[path.parent.name] = parse_crisis(node, path.parent.name)[0]
    return CrisisLists(found)


def intent_figures(model: IntentModel, items: Sequence[Sample]) -> dict[str, float]:
    """Shares of the in-scope (accuracy, recall, coverage), of the sure answers (precision), of the out-of-scope."""
    inside = [(model.guess(item.text), item.intent) for item in items if item.intent]
    outside = [model.guess(item.text) for item in items if not item.intent]
    sure = [guesses.best[0][0] == wanted for guesses, wanted in inside if guesses.band == "sure"]
    wrongly = sum(guesses.band == "sure" for guesses in outside)
    return {
        "accuracy_at_1": _share(g.best[:1] and g.best[0][0] == wanted for g, wanted in inside),
        "recall_at_3": _share(wanted in [flow for flow, _ in g.best] for g, wanted in inside),
        "coverage": _share(g.band == "sure" for g, _ in inside),
        "in_scope_none": _share(g.band == "none" for g, _ in inside),
        "precision": round(sum(sure) / max(1, len(sure) + wrongly), 3),
        "out_of_scope_answered": _share(g.band == "sure" for g in outside),
        "out_of_scope_suggested": _share(g.band == "unsure" for g in outside),
        "n": len(items),
    }


def crisis_figures(lists: CrisisLists, items: Sequence[Sample]) -> dict[str, float]:
    return {
        "crisis_recall": _share(lists.find(item.text) is not None for item in items if item.crisis is True),
        "near_miss_flagged": _share(
            lists.find(item.text) is not None for item in items if item.crisis is False
        ),
        "ordinary_flagged": _share(
            lists.find(item.text) is not None for item in items if item.crisis is None
        ),
        "n": len(items),
    }


def _share(values: Iterable[object]) -> float:
    found = [bool(value) for value in values]
    return round(sum(found) / max(1, len(found)), 3)


def main() -> None:
    started = time.perf_counter()
    model = IntentModel.train(shipped_phrases())
    trained = time.perf_counter() - started
    lists = shipped_crisis()
    items = samples(ROOT / "tests" / "nlu" / "labelled.yaml")
    topics = [item for item in items if item.crisis is None]
    figures = {
        "train_seconds": round(trained, 3),
        "intents, seen while writing phrases": intent_figures(model, [i for i in topics if not i.fresh]),
        "intents, fresh": intent_figures(model, [i for i in topics if i.fresh]),
        "crisis, seen while writing lists": crisis_figures(lists, items),
    }
    if "-v" in sys.argv:
        for item in items:
            guesses = model.guess(item.text)
            right = guesses.best and guesses.best[0][0] == item.intent
            if not right or guesses.band != "sure":
                print(
                    f"{guesses.band:7} {'ok ' if right else '   '} {item.intent} <- {item.text} {guesses.best}"
                )
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
