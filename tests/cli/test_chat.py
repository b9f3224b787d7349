"""`fener chat` as people and scripts see it: its output is a contract."""

import io
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli.chat import Chat
from bot.cli.main import main
from bot.content.folders import load_library

ROOT = Path(__file__).parents[2]
CONTENT = ROOT
FOLDERS = ("flows", "directory", "translations")


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A copy of the shipped content in English only, that a test may spoil; `make test` walks all languages."""
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, tmp_path / folder)
    for language in (tmp_path / "translations").iterdir():
        if language.is_dir() and language.name != "en":
            shutil.rmtree(language)
    return tmp_path


def chat(capsys: pytest.CaptureFixture[str], tmp_path: Path, script: str, *options: str) -> str:
    file = tmp_path / "script.txt"
    file.write_text(script, encoding="utf-8")
    code = main(["chat", "--content", str(CONTENT), "--script", str(file), *options])
    assert code == 0
    return capsys.readouterr().out


def test_each_message_is_echoed_and_each_line_of_the_reply_is_marked(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = chat(capsys, tmp_path, "hi\n")

    lines = out.splitlines()
    assert lines[0] == "> hi"
    assert all(line.startswith("< ") for line in lines[1:])
    assert "<   1 English" in lines
    assert lines[-1] == "< 9 A person · 0 Leave"


def test_blank_lines_and_remarks_are_skipped(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = chat(capsys, tmp_path, "# a remark\n\n   \nhi\n")

    assert [line for line in out.splitlines() if line.startswith(">")] == ["> hi"]


def test_emergency_numbers_are_one_message_away(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "Ambulance" in chat(capsys, tmp_path, "sos\n")


def test_a_handoff_is_queued_and_names_two_code_words(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = chat(capsys, tmp_path, "9\n2\n1\nI got a letter\n")

    assert "< Your message is locked and waits for" in out
    assert "< Your code words are: " in out


def test_with_closed_nobody_is_on_duty_and_the_message_waits(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = chat(capsys, tmp_path, "9\n2\n1\nI got a letter\n", "--closed")

    assert "< Your message is locked and waits for" in out
    assert "< Nobody is on duty now" in out


def test_messages_can_come_from_standard_input(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"hi\r\n0\n"), encoding="utf-8"))

    assert main(["chat", "--content", str(CONTENT)]) == 0
    assert "> hi\n" in capsys.readouterr().out


def test_a_conversation_can_begin_in_another_language(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert "> hi" in chat(capsys, tmp_path, "hi\n", "--lang", "ar")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--lang", "xx"], "fener chat: there is no language 'xx'; there are en"),
        (["--script", "nowhere.txt"], "fener chat: nowhere.txt cannot be read: No such file or directory"),
    ],
)
def test_a_wrong_option_is_one_clear_sentence(
    capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    assert main(["chat", "--content", str(CONTENT), *options]) == 2
    assert message in capsys.readouterr().err


def test_a_script_that_is_not_utf8_is_one_clear_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "script.txt"
    file.write_bytes(b"\xff\xfe\x00")

    assert main(["chat", "--content", str(CONTENT), "--script", str(file)]) == 2
    assert "it is not UTF-8" in capsys.readouterr().err


def test_a_missing_folder_is_one_clear_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["chat", "--content", str(tmp_path / "nowhere")]) == 2
    assert "there is no folder" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["chat", "test"])
def test_content_with_errors_is_refused_with_every_problem_and_its_mend(
    capsys: pytest.CaptureFixture[str], content: Path, command: str
) -> None:
    flow = content / "flows" / "start.yaml"
    flow.write_text(
        flow.read_text(encoding="utf-8").replace("go: menu.main", "go: menu.mian"), encoding="utf-8"
    )

    assert main([command, "--content", str(content)]) == 1
    err = capsys.readouterr().err
    assert "flows/start.yaml:" in err
    assert "mend: " in err


def test_the_installed_command_answers(tmp_path: Path) -> None:
    file = tmp_path / "script.txt"
    file.write_text("hi\n", encoding="utf-8")
    command = [sys.executable, "-m", "bot", "chat", "--content", str(CONTENT), "--script", str(file)]
    before = time.monotonic()

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)

    assert done.returncode == 0, done.stderr
    assert "> hi" in done.stdout
    assert time.monotonic() - before < 30  # a hang, not a speed: speeds are never asserted


def test_in_a_terminal_one_is_the_caseworker_too(capsys: pytest.CaptureFixture[str]) -> None:
    library, _ = load_library(CONTENT, today=datetime.now(UTC).date())  # noqa: TID251  # as the command does
    assert library is not None
    typed = iter(
        [
            "!answer too early",
            "9",
            "2",
            "1",
            "I got a letter",
            "!answer Hello, I am here.",
            "hi",
            "1",
            "!wait x",
            "!wait 40",
        ]
    )

    def read(_prompt: str) -> str:
        try:
            return next(typed)
        except StopIteration:
            raise EOFError from None

    Chat(library, "en", on_duty=True).talk(read)

    out = capsys.readouterr().out
    assert "(There is no open case, or no words:" in out
    assert "(You are the caseworker now:" in out
    assert "  There is a note. Is now a good time?" in out
    assert "  Hello, I am here." in out
    assert "(How many minutes?" in out
    assert "(Time passed.)" in out


# --- fener test ----------------------------------------------------------------------------------------


def test_the_conversations_and_paths_of_named_flows_alone_are_played_and_walked(
    capsys: pytest.CaptureFixture[str], content: Path
) -> None:
    code = main(["test", "info.sogiesc", "human.talk", "--content", str(content)])

    out = capsys.readouterr().out
    assert code == 0, out
    assert "0 broken promises" in out
    assert "\ninfo.sogiesc " in out
    assert "asylum" not in out


def test_a_flow_that_is_not_there_is_told_with_the_nearest_name(
    capsys: pytest.CaptureFixture[str], content: Path
) -> None:
    assert main(["test", "info.sogies", "--content", str(content)]) == 2

    assert "there is no flow 'info.sogies': did you mean 'info.sogiesc'?" in capsys.readouterr().err


def test_a_script_that_goes_another_way_is_told_with_its_place_and_what_was_read(
    capsys: pytest.CaptureFixture[str], content: Path
) -> None:
    script = content / "flows" / "start.test.yaml"
    script.write_text(
        "flow: start\ntests:\n  - name: the menu comes first\n    talk:\n      - bot: menu.main/need\n",
        encoding="utf-8",
    )

    assert main(["test", "start", "--content", str(content)]) == 1
    out = capsys.readouterr().out
    assert "flows/start.test.yaml:5:9: start: the menu comes first [en]" in out
    assert "  expected the bot at menu.main/need\n  but it was at start.language/pick" in out
    assert "    | Hello." in out


def test_a_faulty_script_is_told_with_its_mend(capsys: pytest.CaptureFixture[str], content: Path) -> None:
    (content / "flows" / "start.test.yaml").write_text(
        "flow: start\ntests:\n  - talk: []\n", encoding="utf-8"
    )

    assert main(["test", "start.language", "--content", str(content)]) == 1
    out = capsys.readouterr().out
    assert "flows/start.test.yaml:3:5: S101 'name' is missing\n  mend: add 'name:'" in out


def test_missed_steps_can_be_named(capsys: pytest.CaptureFixture[str], content: Path) -> None:
    for script in (content / "flows").glob("*.test.yaml"):
        script.unlink()

    main(["test", "start.language", "--missed", "--content", str(content)])

    assert "missed: " in capsys.readouterr().out


def test_a_changed_language_says_anew_what_a_yes_would_send(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = chat(capsys, tmp_path, "9\n1\nمجھے مدد چاہیے\n1\n")

    last = out.rpartition("> 1\n")[2]
    assert "Lantern Demo Centre" in last
    assert "Yes, send it" in last
