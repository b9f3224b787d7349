"""Every setting is typed and refused with its mend; no refusal repeats a value."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.kernel.errors import StartError
from bot.settings import Settings, read_settings, variable

TWILIO = {
    "FENER_TWILIO_ACCOUNT_SID": "AC0",
    "FENER_TWILIO_AUTH_TOKEN": "token",
    "FENER_TWILIO_FROM": "whatsapp:+15550001111",
    "FENER_PUBLIC_URL": "https://help.example.org/",
    "FENER_KEY_CUSTODY": "file",
}


def refusal(environment: dict[str, str], folder: Path) -> str:
    with pytest.raises(StartError) as refused:
        read_settings(environment, folder)
    return refused.value.mend


def test_without_any_setting_it_is_a_demo_on_sqlite_in_var(tmp_path: Path) -> None:
    found = read_settings({}, tmp_path)

    assert found.offers_demo
    assert not found.real_channel
    assert found.database.startswith("sqlite:///")
    assert found.keys_path == Path("var/keys")


def test_a_real_channel_offers_nothing_fictitious_unless_told_to(tmp_path: Path) -> None:
    assert not read_settings(TWILIO, tmp_path).offers_demo
    assert read_settings({**TWILIO, "FENER_DEMO": "1"}, tmp_path).marks_test


def test_the_public_url_is_the_same_with_and_without_a_last_slash(tmp_path: Path) -> None:
    assert read_settings(TWILIO, tmp_path).public_url == "https://help.example.org"


@pytest.mark.parametrize(
    "missing", ["FENER_TWILIO_ACCOUNT_SID", "FENER_TWILIO_AUTH_TOKEN", "FENER_TWILIO_FROM"]
)
def test_half_a_twilio_account_is_refused(tmp_path: Path, missing: str) -> None:
    half = {name: value for name, value in TWILIO.items() if name != missing}

    assert "set all three" in refusal(half, tmp_path)


def test_whatsapp_without_a_public_url_is_refused(tmp_path: Path) -> None:
    without = {name: value for name, value in TWILIO.items() if name != "FENER_PUBLIC_URL"}

    assert "FENER_PUBLIC_URL" in refusal(without, tmp_path)


def test_a_real_channel_must_say_where_its_keys_are(tmp_path: Path) -> None:
    without = {name: value for name, value in TWILIO.items() if name != "FENER_KEY_CUSTODY"}

    assert "FENER_KEY_CUSTODY=passphrase" in refusal(without, tmp_path)


def test_a_telegram_webhook_needs_a_url_and_a_secret_of_plain_letters(tmp_path: Path) -> None:
    webhook = {"FENER_TELEGRAM_TOKEN": "1:a", "FENER_TELEGRAM_MODE": "webhook", "FENER_KEY_CUSTODY": "file"}
    assert "FENER_TELEGRAM_WEBHOOK_SECRET" in refusal(webhook, tmp_path)

    webhook |= {"FENER_PUBLIC_URL": "https://a.example", "FENER_TELEGRAM_WEBHOOK_SECRET": "not allowed!"}
    told = refusal(webhook, tmp_path)
    assert "letters, digits" in told
    assert "not allowed" not in told


def test_every_wrong_setting_is_named_at_once(tmp_path: Path) -> None:
    told = refusal(
        {
            "FENER_SESSION_IDLE_MINUTES": "61",
            "FENER_LOG_LEVEL": "canary",
            "FENER_MEMORY_URL": "redis://canary",
        },
        tmp_path,
    )

    for name in ("FENER_SESSION_IDLE_MINUTES", "FENER_LOG_LEVEL", "FENER_MEMORY_URL"):
        assert name in told
    assert "canary" not in told


def test_policy_comes_from_the_file_only(tmp_path: Path) -> None:
    assert "fener.toml" in refusal({"FENER_KEYRINGS": "{}"}, tmp_path)

    file = tmp_path / "fener.toml"
    file.write_text('[keyrings]\nrs-lantern = "ab"\n[retention]\nafter_close_days = 7\n')
    file.chmod(0o600)
    found = read_settings({}, tmp_path)
    assert found.keyrings == {"rs-lantern": "ab"}
    assert found.retention.after_close_days == 7


def test_a_setting_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "fener.toml"
    file.write_text("")
    file.chmod(0o644)

    assert refusal({}, tmp_path) == f"{file} can be read by others: run chmod 600 {file}."


def test_a_broken_setting_file_is_told_by_its_place_and_not_by_its_words(tmp_path: Path) -> None:
    file = tmp_path / "fener.toml"
    file.write_text('telegram_token = "canary\n')
    file.chmod(0o600)

    told = refusal({}, tmp_path)
    assert "line 1" in told
    assert "canary" not in told


@pytest.mark.parametrize(
    ("wrong", "mend"),
    [
        ({"FENER_SMTP_HOST": "mail.example.org"}, "FENER_SMTP_FROM"),
        ({"FENER_SMTP_FROM": "desk@example.org"}, "FENER_SMTP_HOST"),
        ({"FENER_SMTP_HOST": "h", "FENER_SMTP_FROM": "Robin <r@e.org>"}, "without a name"),
        ({"FENER_SMTP_HOST": "h", "FENER_SMTP_FROM": "d@e.org", "FENER_SMTP_USER": "d"}, "set both"),
        ({"FENER_SMTP_HOST": "h", "FENER_SMTP_FROM": "d@e.org", "FENER_SMTP_SECURITY": "none"}, "starttls"),
        (
            {
                "FENER_TELEGRAM_TOKEN": "1:a",
                "FENER_STAFF_TELEGRAM_TOKEN": "1:a",
                "FENER_KEY_CUSTODY": "file",
            },
            "never the one that people write to",
        ),
    ],
)
def test_a_bell_that_could_not_ring_or_not_quietly_is_refused(
    tmp_path: Path, wrong: dict[str, str], mend: str
) -> None:
    assert mend in refusal(wrong, tmp_path)


def test_retention_can_be_shortened_and_never_lengthened(tmp_path: Path) -> None:
    file = tmp_path / "fener.toml"
    file.write_text("[retention]\nunread_note_days = 31\n")
    file.chmod(0o600)

    assert "unread_note_days" in refusal({}, tmp_path)


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "fener.toml"
    file.write_text('log_level = "error"\n')
    file.chmod(0o600)

    assert read_settings({}, tmp_path).log_level == "error"
    assert read_settings({"FENER_LOG_LEVEL": "debug"}, tmp_path).log_level == "debug"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from([variable(name) for name in Settings.model_fields]),
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=9, max_size=30).map(
            lambda text: f"canary{text}"
        ),
        min_size=1,
    )
)
def test_whatever_is_set_it_starts_or_is_refused_without_repeating_it(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    told = ""
    try:
        read_settings(environment, tmp_path)
    except StartError as refused:
        told = str(refused)

    assert "canary" not in told
