"""Where commands find the content, and what a start leaves alone: libraries that it does not need."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot import settings
from bot.cli.content import CONFIG_FILE, PREFIX, content_folder
from bot.kernel.errors import StartError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without fener.toml to be in, and no setting in the environment."""
    for name in {settings.variable(field) for field in settings.Settings.model_fields}:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("nowhere")
def test_without_any_setting_the_content_is_where_the_settings_put_it_by_default() -> None:
    assert content_folder() == settings.read_settings({}).content_dir


def test_the_environment_and_the_file_say_where_the_content_is(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = nowhere / CONFIG_FILE
    file.write_text('content_dir = "from-file"\n', encoding="utf-8")
    file.chmod(0o600)
    assert content_folder() == Path("from-file")

    monkeypatch.setenv("FENER_CONTENT_DIR", "from-environment")
    assert content_folder() == Path("from-environment")


@pytest.mark.usefixtures("nowhere")
def test_a_wrong_setting_is_refused_also_where_only_the_content_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FENER_KEY_CUSTODY", "the cat")

    with pytest.raises(StartError):
        content_folder()


def test_every_setting_has_the_name_that_is_looked_for() -> None:
    assert settings.CONFIG_FILE == CONFIG_FILE
    assert all(settings.variable(field).startswith(PREFIX) for field in settings.Settings.model_fields)


@pytest.mark.parametrize(
    ("module", "spared"),
    [
        ("bot.cli.chat", {"cryptography", "fastapi", "pydantic", "sqlalchemy", "telegram", "twilio"}),
        ("bot.cli.serve", {"aiohttp", "telegram", "twilio"}),
    ],
)
def test_a_start_is_spared_the_libraries_it_does_not_need(module: str, spared: set[str]) -> None:
    looked = f"import sys, {module}; print(*sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", looked], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert module in done.stdout.split()
    assert not spared & set(done.stdout.split())
