"""A real organisation: nobody receives anything by a link alone; the lead founds, the operator pins, colleagues are signed in."""

import re
import shutil
from pathlib import Path

from tests.doubles.telegram import TelegramDouble
from tests.e2e.installation import ROOT, Installation
from tests.e2e.test_story import WORDS, hand_over_on_telegram, say

ORGANISATION = "rs-demo-lantern"


def real_content(folder: Path) -> Path:
    """The shipped content with its organisations no longer marked as made up."""
    content = folder / "content"
    for name in ("flows", "directory", "translations"):
        shutil.copytree(ROOT / name, content / name)
    for path in (content / "directory").rglob("*.yaml"):
        path.write_text(re.sub(r"^\s*demo: (true|yes)\n", "", path.read_text(), flags=re.MULTILINE))
    return content


async def enrol(fener: Installation, role: str, home: str) -> str:
    code, link, errors = await fener.fener(
        "staff", "invite", "--org", ORGANISATION, "--role", role, "--server", fener.url
    )
    assert code == 0, errors
    return await fener.case("enrol", "--invite", link.strip(), "--alias", home.title(), home=home)


async def found_and_pin(fener: Installation) -> None:
    """The first lead enrols, and the operator pins what they read out."""
    told = await enrol(fener, "lead", "mira")
    pin = re.search(r'\[keyrings\]\s+(\S+ = "[0-9a-f]{64}")', told)
    assert pin, told
    config = fener.cwd / "fener.toml"
    config.write_text(f"[keyrings]\n{pin[1]}\n")
    config.chmod(0o600)


async def duty_on(fener: Installation, home: str) -> None:
    options = ["--server", fener.url, "--passphrase-file", str(fener.folder / "passphrase")]
    code, _, errors = await fener.fener("duty", "on", *options, home=home)
    assert code == 0, errors


async def test_a_real_organisation_receives_cases_once_founded_pinned_and_signed(
    telegram: TelegramDouble, tmp_path: Path
) -> None:
    fener = Installation(tmp_path, FENER_CONTENT_DIR=str(real_content(tmp_path)), FENER_DEMO="0")
    fener.cwd = tmp_path
    async with fener:
        await found_and_pin(fener)
        await fener.stop()
        fener.settings |= {"FENER_TELEGRAM_TOKEN": telegram.token, "FENER_TELEGRAM_API_URL": telegram.url}
        await fener.start()
        await duty_on(fener, "mira")
        told = await enrol(fener, "caseworker", "ana")
        assert "the lead signs you in" in told

        sam = telegram.person()
        designation = await hand_over_on_telegram(sam)
        assert "TEST" not in sam.heard[-1]
        assert (await fener.opened(designation, home="mira"))["summary"]["note"] == WORDS
        code, _, errors = await fener.fener(
            "case",
            "open",
            designation,
            "--server",
            fener.url,
            "--passphrase-file",
            str(tmp_path / "passphrase"),
            home="ana",
        )
        assert code == 1
        assert "No lead has signed you into the keyring" in errors

        waiting = re.search(
            r"^  (\w{16})  caseworker\s+Ana\s+WAITS", await fener.case("team", home="mira"), re.MULTILINE
        )
        assert waiting
        await fener.case("admit", waiting[1], home="mira")
        await duty_on(fener, "ana")
        await say(sam, "is somebody there?")
        later = await fener.fener(
            "case",
            "open",
            designation,
            "--server",
            fener.url,
            "--passphrase-file",
            str(tmp_path / "passphrase"),
            home="ana",
        )
        assert (
            "sealed to colleagues only" in later[2]
        )  # what was sealed before stays with whom it was sealed to
        told = await fener.case("reply", designation, "Yes, I am Mira.", home="mira")
        assert "Sent" in told


async def test_two_leads_sign_every_change_and_who_leaves_receives_nothing_more(tmp_path: Path) -> None:
    fener = Installation(tmp_path, FENER_CONTENT_DIR=str(real_content(tmp_path)), FENER_DEMO="0")
    fener.cwd = tmp_path
    async with fener:
        await found_and_pin(fener)
        await fener.restart()
        await enrol(fener, "lead", "nada")
        await fener.case("admit", await waiting_key(fener, "Nada"), home="mira")
        await enrol(fener, "caseworker", "ana")
        ana = await waiting_key(fener, "Ana")

        told = await fener.case("admit", ana, home="mira")
        assert "Two leads have to sign" in told
        assert "WAITS" in await fener.case("team", home="mira")
        told = await fener.case("cosign", "keyring-change.json", home="nada", stdin="yes\n")
        assert "in force" in told
        assert "WAITS" not in await fener.case("team", home="mira")

        await fener.case("remove", ana, home="nada")
        assert "Ana" not in await fener.case("team", home="nada")
        options = ["--server", fener.url, "--passphrase-file", str(tmp_path / "passphrase")]
        code, _, errors = await fener.fener("case", "list", *options, home="ana")
        assert code == 1
        assert "does not open this server" in errors  # who left cannot sign in


async def waiting_key(fener: Installation, alias: str) -> str:
    team = await fener.case("team", home="mira")
    found = re.search(rf"^  (\w{{16}})  \S+\s+{alias}\s+WAITS", team, re.MULTILINE)
    assert found, team
    return found[1]
