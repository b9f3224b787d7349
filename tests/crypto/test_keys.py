import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.crypto.epochs import EPOCH, epoch_number, epoch_start
from bot.crypto.keyring import Head
from bot.crypto.keys import CREDENTIAL, KeyRoom, Rotation, ServerKeys
from bot.crypto.keystore import SEALED_FILE, Custody
from bot.kernel.errors import StartError, StorageError

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
CURRENT = epoch_number(NOW)
PASSPHRASE = "amber heron lake silver mint oak"
MONTH = timedelta(days=30)


def opened(
    tmp_path: Path,
    custody: Custody = "file",
    now: datetime = NOW,
    *,
    passphrase: str | None = PASSPHRASE,
    demo: bool = False,
    memory_key: bytes | None = None,
) -> ServerKeys:
    credentials = tmp_path / "credentials"
    credentials.mkdir(exist_ok=True)
    (credentials / CREDENTIAL).write_bytes(b"c" * 44)
    return KeyRoom.open(
        tmp_path / "keys",
        custody,
        now,
        passphrase=lambda: passphrase,
        credentials=credentials,
        demo=demo,
        memory_key=memory_key,
    )


def turned(keys: ServerKeys, now: datetime) -> Rotation:
    """Turned over, where nobody else has decided anything."""
    rotation = keys.prepare(now, {})
    keys.use(rotation, now)
    return rotation


def mended(error: pytest.ExceptionInfo[StartError]) -> str:
    """The mend, which is one sentence and holds no secret."""
    mend = error.value.mend
    assert mend.endswith(".")
    assert PASSPHRASE not in mend
    return mend


CUSTODIES: list[Custody] = ["file", "passphrase", "credential"]


@pytest.mark.parametrize("custody", CUSTODIES)
def test_the_same_keys_are_there_after_a_restart_and_only_the_memory_key_is_new(
    tmp_path: Path, custody: Custody
) -> None:
    first, second = opened(tmp_path, custody), opened(tmp_path, custody)

    assert first.salt == second.salt
    assert first.row_key == second.row_key
    assert first.signing == second.signing
    assert first.installation == second.installation
    assert first.epochs(NOW) == second.epochs(NOW)
    assert first.memory_key != second.memory_key


@pytest.mark.parametrize("custody", CUSTODIES)
def test_a_first_start_is_known_so_that_a_new_passphrase_can_be_typed_twice(
    tmp_path: Path, custody: Custody
) -> None:
    assert KeyRoom.is_new(tmp_path / "keys")
    opened(tmp_path, custody)
    assert not KeyRoom.is_new(tmp_path / "keys")


def test_two_installations_share_nothing(tmp_path: Path) -> None:
    one, other = opened(tmp_path / "one"), opened(tmp_path / "other")

    assert one.salt != other.salt
    assert one.signing.public != other.signing.public
    assert one.installation != other.installation
    assert one.epochs(NOW).current.secret != other.epochs(NOW).current.secret


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()


def test_a_worker_inherits_the_memory_key(tmp_path: Path) -> None:
    assert opened(tmp_path, memory_key=b"i" * 32).memory_key == b"i" * 32


@pytest.mark.parametrize("custody", CUSTODIES)
def test_keys_lie_where_only_we_can_read_them_and_show_nowhere(tmp_path: Path, custody: Custody) -> None:
    keys = opened(tmp_path, custody)
    folder = tmp_path / "keys"

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    secret = keys.epochs(NOW).current.secret
    for shown in (repr(keys), str(keys), repr(keys.epochs(NOW)), repr(keys.signing)):
        assert secret.hex() not in shown
        assert repr(secret)[2:-1] not in shown


@pytest.mark.parametrize("custody", ["passphrase", "credential"])
def test_sealed_keys_are_on_disk_as_ciphertext_only(tmp_path: Path, custody: Custody) -> None:
    keys = opened(tmp_path, custody)
    written = (tmp_path / "keys" / SEALED_FILE).read_bytes()

    for secret in (keys.epochs(NOW).current.secret, keys.salt, keys.row_key):
        assert secret not in written
        assert secret.hex().encode() not in written
    assert [path.name for path in (tmp_path / "keys").glob("*.key")] == []


def test_the_demo_root_exists_in_a_demo_only(tmp_path: Path) -> None:
    assert opened(tmp_path).demo_root is None
    root = opened(tmp_path, demo=True).demo_root
    assert root
    assert root == opened(tmp_path, demo=True).demo_root
    assert root.public != opened(tmp_path).signing.public


# --- epochs ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("custody", CUSTODIES)
def test_an_old_epochs_key_is_destroyed_and_the_previous_one_kept(tmp_path: Path, custody: Custody) -> None:
    first = opened(tmp_path, custody).epochs(NOW).current
    keys = opened(tmp_path, custody, NOW + MONTH)
    turned(keys, NOW + MONTH)
    second = keys.epochs(NOW + MONTH)
    assert second.accepted[-1] == first

    keys = opened(tmp_path, custody, NOW + 2 * MONTH)
    turned(keys, NOW + 2 * MONTH)
    third = keys.epochs(NOW + 2 * MONTH)

    assert third.get(first.number) is None
    assert [key.number for key in third.accepted] == [CURRENT + 2, CURRENT + 1]
    names = [path.name for path in (tmp_path / "keys").iterdir()]
    assert f"epoch-{CURRENT}.key" not in names
    for path in (tmp_path / "keys").iterdir():
        assert first.secret.hex().encode() not in path.read_bytes()


def test_the_bytes_of_a_destroyed_key_are_overwritten_where_they_lay(tmp_path: Path) -> None:
    keys = opened(tmp_path)
    path = tmp_path / "keys" / f"epoch-{CURRENT}.key"
    secret = keys.epochs(NOW).current.secret.hex().encode()
    with path.open("rb") as still_open:
        assert secret in still_open.read()
        assert turned(keys, NOW + 2 * MONTH).destroyed == (CURRENT,)
        still_open.seek(0)
        assert secret not in still_open.read()


def test_the_next_key_is_made_a_week_ahead_and_used_when_its_time_comes(tmp_path: Path) -> None:
    keys = opened(tmp_path)
    ahead = epoch_start(CURRENT + 1) - timedelta(days=6)

    assert turned(keys, ahead - timedelta(days=2)).made == ()
    assert turned(keys, ahead).made == (CURRENT + 1,)
    assert keys.epochs(ahead).current.number == CURRENT
    assert keys.epochs(ahead + timedelta(days=6)).current.number == CURRENT + 1


def test_processes_agree_on_the_key_that_one_of_them_made(tmp_path: Path) -> None:
    one, other = opened(tmp_path), opened(tmp_path)
    later = NOW + MONTH

    turned(one, later)
    made = one.epochs(later).current
    assert turned(other, later).made == ()

    assert other.epochs(later).current == made
    assert opened(tmp_path, now=later).epochs(later).current == made


def test_opening_keys_makes_none_after_the_first_start_and_says_so_when_one_is_due(tmp_path: Path) -> None:
    opened(tmp_path)
    keys = opened(tmp_path, now=NOW + MONTH)

    with pytest.raises(StorageError, match=r"keys\.behind"):
        keys.epochs(NOW + MONTH)
    assert [path.name for path in (tmp_path / "keys").glob("epoch-*")] == [f"epoch-{CURRENT}.key"]


@pytest.mark.parametrize("custody", CUSTODIES)
def test_a_key_that_differs_from_the_recorded_one_is_neither_used_nor_replaced(
    tmp_path: Path, custody: Custody
) -> None:
    keys = opened(tmp_path, custody)
    recorded = {CURRENT: bytes(32)}
    before = {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()}

    with pytest.raises(StartError, match=r"keys\.behind") as error:
        keys.prepare(NOW, recorded)

    assert ("keys.sealed" if custody != "file" else f"epoch-{CURRENT}.key") in mended(error)
    assert {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()} == before
    assert keys.lacking(NOW, recorded) == (CURRENT,)


def test_a_server_that_runs_for_months_destroys_old_keys_in_time(tmp_path: Path) -> None:
    keys = opened(tmp_path)
    turned(keys, epoch_start(CURRENT + 1) - timedelta(days=1))
    turned(keys, epoch_start(CURRENT + 2) - timedelta(days=1))

    turned(keys, epoch_start(CURRENT + 2))

    assert CURRENT not in keys._epochs
    assert not (tmp_path / "keys" / f"epoch-{CURRENT}.key").exists()


def test_a_case_named_now_stays_reachable_for_thirty_days(tmp_path: Path) -> None:
    key = opened(tmp_path).epochs(NOW).current
    late = NOW + MONTH
    keys = opened(tmp_path, now=late)
    turned(keys, late)

    assert keys.epochs(late).get(key.number) == key
    assert key.reachable_until > late


def test_keys_of_the_far_future_mean_a_wrong_clock_and_destroy_nothing(tmp_path: Path) -> None:
    opened(tmp_path, now=NOW + 10 * EPOCH)
    before = sorted(path.name for path in (tmp_path / "keys").iterdir())

    with pytest.raises(StartError, match=r"keys\.clock") as error:
        opened(tmp_path)
    assert "date" in mended(error)
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == before


# --- what goes wrong ------------------------------------------------------------------------------------


@pytest.mark.parametrize("custody", CUSTODIES)
def test_keys_that_others_can_read_are_refused(tmp_path: Path, custody: Custody) -> None:
    opened(tmp_path, custody)
    path = next(path for path in (tmp_path / "keys").iterdir() if path.name != ".lock")
    path.chmod(0o640)

    with pytest.raises(StartError, match=r"keys\.permissions") as error:
        opened(tmp_path, custody)
    assert f"chmod 600 {path}" in mended(error)


def test_a_folder_that_others_can_look_into_is_refused(tmp_path: Path) -> None:
    opened(tmp_path)
    (tmp_path / "keys").chmod(0o755)

    with pytest.raises(StartError, match=r"keys\.permissions") as error:
        opened(tmp_path)
    assert "chmod 700" in mended(error)


def test_a_key_behind_a_link_is_refused(tmp_path: Path) -> None:
    opened(tmp_path)
    path = tmp_path / "keys" / "installation.key"
    elsewhere = path.rename(tmp_path / "elsewhere.key")
    path.symlink_to(elsewhere)

    with pytest.raises(StartError, match=r"keys\.unreadable"):
        opened(tmp_path)


@pytest.mark.parametrize("custody", CUSTODIES)
def test_a_damaged_key_is_refused_and_never_replaced(tmp_path: Path, custody: Custody) -> None:
    opened(tmp_path, custody)
    path = tmp_path / "keys" / ("installation.key" if custody == "file" else SEALED_FILE)
    for damaged in (b"", path.read_bytes()[:-5], b"\xff" * 100, path.read_bytes().replace(b"v", b"w")):
        path.write_bytes(damaged)

        with pytest.raises(StartError, match=r"keys\.damaged") as error:
            opened(tmp_path, custody)
        assert str(path) in mended(error)
        assert path.read_bytes() == damaged


def test_a_key_file_with_one_wrong_digit_is_refused(tmp_path: Path) -> None:
    opened(tmp_path)
    path = tmp_path / "keys" / "installation.key"
    written = path.read_text()
    place = len("fener-key v1 installation ")
    path.write_text(written[:place] + ("0" if written[place] != "0" else "1") + written[place + 1 :])

    with pytest.raises(StartError, match=r"keys\.damaged"):
        opened(tmp_path)


def test_two_swapped_key_files_are_refused(tmp_path: Path) -> None:
    opened(tmp_path)
    one, other = (tmp_path / "keys" / name for name in ("installation.key", f"epoch-{CURRENT}.key"))
    one.write_bytes(other.read_bytes())

    with pytest.raises(StartError, match=r"keys\.damaged"):
        opened(tmp_path)


def test_a_lost_installation_key_is_refused_instead_of_made_anew(tmp_path: Path) -> None:
    opened(tmp_path)
    (tmp_path / "keys" / "installation.key").unlink()

    with pytest.raises(StartError, match=r"keys\.missing") as error:
        opened(tmp_path)
    assert "installation.key" in mended(error)


@pytest.mark.parametrize("passphrase", [None, "", "another passphrase altogether"])
def test_without_the_right_passphrase_the_keys_stay_locked(tmp_path: Path, passphrase: str | None) -> None:
    opened(tmp_path, "passphrase")
    before = (tmp_path / "keys" / SEALED_FILE).read_bytes()

    with pytest.raises(StartError, match=r"keys\.locked") as error:
        opened(tmp_path, "passphrase", passphrase=passphrase)
    mended(error)
    assert (tmp_path / "keys" / SEALED_FILE).read_bytes() == before


def test_keys_are_not_sealed_under_a_short_passphrase(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"keys\.passphrase") as error:
        opened(tmp_path, "passphrase", passphrase="letmein")
    assert "six" in mended(error)
    assert not (tmp_path / "keys" / SEALED_FILE).exists()


def test_a_missing_credential_is_named(tmp_path: Path) -> None:
    for folder in (None, tmp_path):
        with pytest.raises(StartError, match=r"keys\.credential") as error:
            KeyRoom.open(tmp_path / "keys", "credential", NOW, credentials=folder)
        assert CREDENTIAL in mended(error)


@pytest.mark.parametrize(
    ("made", "wanted"),
    [
        ("file", "passphrase"),
        ("file", "credential"),
        ("passphrase", "file"),
        ("passphrase", "credential"),
        ("credential", "passphrase"),
    ],
)
def test_keys_made_under_another_custody_are_never_overlooked(
    tmp_path: Path, made: Custody, wanted: Custody
) -> None:
    opened(tmp_path, made)

    with pytest.raises(StartError, match=r"keys\.custody") as error:
        opened(tmp_path, wanted)
    assert "FENER_KEY_CUSTODY" in mended(error)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StartError, match=r"keys\.unwritable") as error:
        KeyRoom.open(tmp_path / "file" / "keys", "file", NOW)
    assert "FENER_KEYS_DIR" in mended(error)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir(mode=0o500)

    with pytest.raises(StartError, match=r"keys\.unwritable"):
        opened(tmp_path)


def test_a_half_written_file_of_a_crash_does_no_harm(tmp_path: Path) -> None:
    first = opened(tmp_path)
    (tmp_path / "keys" / f"epoch-{CURRENT + 1}.key.new").write_bytes(b"half")
    (tmp_path / "keys" / f"epoch-{CURRENT + 1}.key.new").chmod(0o600)

    later = opened(tmp_path, now=NOW + MONTH)
    turned(later, NOW + MONTH)

    assert later.salt == first.salt
    assert later.epochs(NOW + MONTH).current.number == CURRENT + 1


# --- known heads ----------------------------------------------------------------------------------------


def test_a_keyring_head_only_moves_forward_and_survives_a_restart(tmp_path: Path) -> None:
    heads = opened(tmp_path).heads
    assert heads.get("rs-lantern") is None

    heads.remember("rs-lantern", Head(3, "3" * 64))
    heads.remember("rs-lantern", Head(2, "2" * 64))
    heads.remember("pt-lantern", Head(1, "1" * 64))

    again = opened(tmp_path).heads
    assert again.get("rs-lantern") == Head(3, "3" * 64)
    assert again.get("pt-lantern") == Head(1, "1" * 64)
    again.forget("rs-lantern")
    assert heads.get("rs-lantern") is None


def test_heads_that_somebody_changed_are_refused(tmp_path: Path) -> None:
    heads = opened(tmp_path).heads
    heads.remember("rs-lantern", Head(3, "3" * 64))
    path = tmp_path / "keys" / "keyring-heads"
    path.write_bytes(path.read_bytes().replace(b'"version":3', b'"version":1'))

    with pytest.raises(StartError, match=r"keys\.damaged") as error:
        heads.get("rs-lantern")
    assert str(path) in mended(error)
