"""One installation with a caseworker on duty, made once; every fault gets a copy of its own."""

import asyncio
import io
import logging
import shutil
import sys
import threading
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog

from bot.flow.library import Library
from bot.telemetry.logs import report_task, set_up_logs
from tests.faults.provider import Provider
from tests.faults.scene import Scene
from tests.usecases.fixtures import library
from tests.usecases.house import Caseworker

__all__ = ["library"]


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    """The log of the process, as the server sets it up, at its most talkative."""
    hooks = sys.excepthook, sys.unraisablehook, threading.excepthook, warnings.showwarning
    root = logging.root.handlers, logging.root.level, logging.lastResort, logging.raiseExceptions
    stream = io.StringIO()
    set_up_logs("debug", stream)
    yield stream
    sys.excepthook, sys.unraisablehook, threading.excepthook, warnings.showwarning = hooks
    logging.root.handlers, level, logging.lastResort, logging.raiseExceptions = root
    logging.root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


class _Template:
    """The folder and the caseworker that every scene begins with."""

    def __init__(self) -> None:
        self.folder = Path()
        self.ana: Caseworker | None = None


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, library: Library) -> _Template:
    """Made by the first fault that asks."""
    made = _Template()
    made.folder = tmp_path_factory.mktemp("template") / "data"

    async def make() -> None:
        async with Provider() as provider:
            scene = Scene(made.folder, library, provider, io.StringIO())
            await scene.start()
            made.ana = await scene.caseworker("Ana")
            await scene.close()

    made.folder.mkdir(mode=0o700)
    asyncio.run(make())
    return made


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with Provider() as api:
        yield api


@pytest.fixture
async def scene(
    tmp_path: Path,
    library: Library,
    template: _Template,
    provider: Provider,
    logs: io.StringIO,
) -> AsyncIterator[Scene]:
    asyncio.get_running_loop().set_exception_handler(report_task)
    folder = tmp_path / "data"
    shutil.copytree(template.folder, folder)
    stage = Scene(folder, library, provider, logs)
    await stage.start()
    assert template.ana is not None
    stage.ana = Caseworker(stage, template.ana.organisation, "Ana")
    stage.ana.identity, stage.ana.duty, stage.ana.enrolled = (
        template.ana.identity,
        template.ana.duty,
        template.ana.enrolled,
    )
    yield stage
    await stage.close()
