"""The list of commands, and what every command shares."""

import argparse
import importlib
import inspect
import os
import pkgutil

import pytest

import bot.cli
from bot.cli.main import COMMANDS, main

MODULES = [module.name for module in pkgutil.iter_modules(bot.cli.__path__)]


def offers_a_command(name: str) -> bool:
    module = importlib.import_module(f"bot.cli.{name}")
    return hasattr(module, "add") and hasattr(module, "run")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_module_that_adds_its_arguments_and_runs(name: str) -> None:
    module = importlib.import_module(f"bot.cli.{name}")

    module.add(argparse.ArgumentParser())
    assert list(inspect.signature(module.run).parameters) == ["args"]


def test_every_module_that_can_be_a_command_is_in_the_list() -> None:
    assert {name for name in MODULES if offers_a_command(name)} == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])

    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: fener {name}")


def test_products_of_small_matrices_do_not_wait_for_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)

    main([])

    assert os.environ["OPENBLAS_NUM_THREADS"] == "1"


def test_the_operator_may_decide_on_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "4")

    main([])

    assert os.environ["OPENBLAS_NUM_THREADS"] == "4"
