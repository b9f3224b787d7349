"""The server refuses what it cannot serve, in one sentence each."""

import os
import socket
from pathlib import Path

import pytest

from bot.cli.serve import check_workers, listen, prepare_folder
from bot.kernel.errors import StartError
from bot.settings import Settings


def refusal(error: pytest.ExceptionInfo[StartError]) -> str:
    mend = error.value.mend
    assert mend
    assert "\n" not in mend
    return mend


@pytest.mark.parametrize("workers", [0, -1, 65, 10_000])
def test_a_number_of_workers_that_makes_no_sense_is_refused(workers: int) -> None:
    with pytest.raises(StartError) as error:
        check_workers(Settings(), workers)

    assert "1 to 64" in refusal(error)


def test_one_worker_needs_nothing() -> None:
    check_workers(Settings(), 1)


@pytest.mark.parametrize(
    ("settings", "missing", "there"),
    [
        (Settings(), ("PostgreSQL", "Valkey"), ()),
        (Settings(database_url="postgresql://localhost/x"), ("Valkey",), ("PostgreSQL",)),
        (Settings(memory_url="valkey://127.0.0.1:1/0"), ("PostgreSQL",), ("Valkey",)),
        (Settings(database_url="sqlite:///x"), ("PostgreSQL", "Valkey"), ()),
    ],
)
def test_several_workers_are_told_which_store_is_missing(
    settings: Settings, missing: tuple[str, ...], there: tuple[str, ...]
) -> None:
    with pytest.raises(StartError) as error:
        check_workers(settings, 2)

    mend = refusal(error)
    assert all(name in mend for name in missing)
    assert not any(name in mend for name in there)


def test_several_workers_over_shared_stores_are_fine() -> None:
    check_workers(Settings(database_url="postgresql://localhost/x", memory_url="valkey://127.0.0.1:1/0"), 4)


def test_the_data_folder_is_made_for_us_alone(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    prepare_folder(folder)

    assert folder.stat().st_mode & 0o077 == 0
    assert list(folder.iterdir()) == []


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.touch()
    with pytest.raises(StartError) as error:
        prepare_folder(file)

    assert "FENER_DATA_DIR" in refusal(error)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_data_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StartError) as error:
        prepare_folder(tmp_path)

    assert "FENER_DATA_DIR" in refusal(error)


def test_a_port_that_is_taken_is_refused() -> None:
    with listen("127.0.0.1", 0) as first, pytest.raises(StartError) as error:
        listen("127.0.0.1", first.getsockname()[1])

    assert "is taken" in refusal(error)


@pytest.mark.parametrize("port", [-1, 65_536, 10**9])
def test_a_port_that_does_not_exist_is_refused(port: int) -> None:
    with pytest.raises(StartError) as error:
        listen("127.0.0.1", port)

    assert str(port) in refusal(error)


def test_a_listening_socket_is_only_where_it_was_asked_for() -> None:
    with listen("127.0.0.1", 0) as ours:
        assert ours.getsockname()[0] == "127.0.0.1"
        assert ours.family == socket.AF_INET
