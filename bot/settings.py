"""Every setting: typed, documented, and refused with its mend when it is wrong.

Settings come from the environment (prefix `FENER_`) or from `fener.toml`, which must be readable by its owner
only. Policy (keyring roots, approvals, retention, limits) comes from `fener.toml` alone: the service cannot
write it. A refusal names the setting and never repeats its value.
"""

import hmac
import os
import re
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from bot.kernel.errors import StartError

PREFIX: Final = "FENER_"
CONFIG_FILE: Final = "fener.toml"
MAX_IDLE_MINUTES: Final = 60

_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_OTHERS = stat.S_IRWXG | stat.S_IRWXO

Custody = Literal["file", "passphrase", "credential"]


class Retention(BaseModel):
    """How long sealed things are kept, in days. The limits are those of docs/explanation/anonymity.md."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    after_close_days: Annotated[int, Field(ge=0, le=14)] = 14
    at_most_days: Annotated[int, Field(ge=1, le=90)] = 90
    unread_note_days: Annotated[int, Field(ge=1, le=30)] = 30


class Limits(BaseModel):
    """What one address may ask for, and what of a caseworker's reading is told to their leads.

    Crisis words are never limited, and no reading is: beyond these numbers it is told.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    messages_per_minute: Annotated[int, Field(ge=10, le=1000)] = 40
    cases_read_per_hour: Annotated[int, Field(ge=5, le=1000)] = 20
    cases_exported_per_hour: Annotated[int, Field(ge=1, le=100)] = 3


class Settings(BaseModel):
    """What the operator decided. Field `data_dir` is the variable `FENER_DATA_DIR`, and so on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    content_dir: Path = Field(default=Path(), description="folder holding flows/, directory/, translations/")
    data_dir: Path = Field(default=Path("var"), description="database, releases, cache")
    keys_dir: Path | None = Field(
        default=None, description="the server's keys; best on another disk than the data"
    )
    key_custody: Custody | None = Field(
        default=None, description="`passphrase`, `credential` (systemd) or `file`"
    )
    keys_passphrase: SecretStr | None = Field(
        default=None, description="opens the keys under custody `passphrase`"
    )
    database_url: str | None = Field(
        default=None, description="`postgresql://...`; SQLite in the data folder otherwise"
    )
    memory_url: str = Field(
        default="memory://", description="`memory://`, or `valkey://host:port/n` for several processes"
    )
    public_url: str | None = Field(
        default=None, description="the URL that providers call; signatures are computed on it"
    )
    telegram_token: SecretStr | None = Field(default=None, description="from @BotFather; turns Telegram on")
    telegram_mode: Literal["polling", "webhook"] = Field(
        default="polling", description="`webhook` needs the public URL and a secret"
    )
    telegram_webhook_secret: SecretStr | None = Field(
        default=None, description="1 to 256 letters, digits, _ and -"
    )
    telegram_api_url: str | None = Field(
        default=None, description="another Bot API server, without the trailing `/bot`"
    )
    staff_telegram_token: SecretStr | None = Field(
        default=None, description="another bot, which rings caseworkers and no person writes to"
    )
    smtp_host: str | None = Field(default=None, description="rings caseworkers by e-mail, with the next ones")
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = Field(
        default=465, description="465 for `tls`, usually 587 for `starttls`"
    )
    smtp_security: Literal["tls", "starttls", "none"] = Field(
        default="tls", description="`none` only to this machine itself"
    )
    smtp_user: str | None = Field(default=None, description="who signs in at the mail server")
    smtp_password: SecretStr | None = Field(default=None, description="with that name")
    smtp_from: str | None = Field(default=None, description="the neutral address that the mail comes from")
    twilio_account_sid: str | None = Field(default=None, description="turns WhatsApp on, with the next two")
    twilio_auth_token: SecretStr | None = Field(
        default=None, description="signs what Twilio sends; two, with a comma, while it is changed"
    )
    twilio_from: str | None = Field(default=None, description="`whatsapp:+...`, the number people write to")
    twilio_api_url: str | None = Field(
        default=None, description="replaces scheme and host of every Twilio request"
    )
    session_idle_minutes: Annotated[int, Field(ge=1, le=MAX_IDLE_MINUTES)] = Field(
        default=30, description="a conversation is forgotten after so many idle minutes; at most 60"
    )
    demo: bool | None = Field(
        default=None, description="offer the fictitious services; on by itself while no real channel is set"
    )
    try_page: bool | None = Field(
        default=None, alias="try", description="the page `/try/`; on by itself without a public URL"
    )
    semantic: Literal["auto", "on", "off"] = Field(
        default="auto", description="embeddings for free text; the word lists work without"
    )
    metrics_token: SecretStr | None = Field(
        default=None, description="lets others than this machine read /metrics"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="how much is logged; never who or what"
    )
    keyrings: Mapping[str, str] = Field(
        default_factory=dict, description="fener.toml only: organisation -> root fingerprint"
    )
    approval: Mapping[str, str] = Field(
        default_factory=dict, description="fener.toml only: flow -> `two people`"
    )
    retention: Retention = Field(default=Retention(), description="fener.toml only: days")
    limits: Limits = Field(
        default=Limits(),
        description="fener.toml only: messages a minute; cases an hour before leads are told",
    )

    @field_validator("public_url", "telegram_api_url", "twilio_api_url")
    @classmethod
    def _is_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("write a URL such as https://help.example.org")
        return value.rstrip("/")

    @field_validator("memory_url")
    @classmethod
    def _is_memory(cls, value: str) -> str:
        if value != "memory://" and not value.startswith("valkey://"):
            raise ValueError("write memory:// or valkey://host:port/0")
        return value

    @field_validator("database_url")
    @classmethod
    def _is_database(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("postgresql://", "sqlite:///")):
            raise ValueError("write postgresql://name:password@host/database, or leave it out for SQLite")
        return value

    @field_validator("twilio_from")
    @classmethod
    def _is_sender(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith("whatsapp:+"):
            raise ValueError("write whatsapp:+ and the number people write to")
        return value

    @field_validator("smtp_from")
    @classmethod
    def _is_mail_address(cls, value: str | None) -> str | None:
        if value is not None and re.fullmatch(r"[^\s@<>,;:\"]{1,64}@[^\s@<>,;:\"]{3,190}", value) is None:
            raise ValueError("write an address such as desk@example.org, without a name")
        return value

    @model_validator(mode="after")
    def _rings_quietly(self) -> Self:
        if self.staff_telegram_token is not None and self.telegram_token is not None:
            staff, people = self.staff_telegram_token, self.telegram_token
            if hmac.compare_digest(staff.get_secret_value().encode(), people.get_secret_value().encode()):
                raise ValueError(
                    "FENER_STAFF_TELEGRAM_TOKEN takes a bot of its own: never the one that people write to"
                )
        if self.smtp_host is None:
            if self.smtp_user or self.smtp_password or self.smtp_from:
                raise ValueError(
                    "FENER_SMTP_HOST is missing: set it too, or leave all FENER_SMTP_ settings out"
                )
            return self
        if self.smtp_from is None:
            raise ValueError("e-mail needs FENER_SMTP_FROM: the neutral address that it comes from")
        if (self.smtp_user is None) != (self.smtp_password is None):
            raise ValueError("FENER_SMTP_USER and FENER_SMTP_PASSWORD belong together: set both, or neither")
        if self.smtp_security == "none" and self.smtp_host not in _THIS_MACHINE:
            raise ValueError("FENER_SMTP_SECURITY=none is for this machine only: write tls or starttls")
        return self

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        twilio = (self.twilio_account_sid, self.twilio_auth_token, self.twilio_from)
        if any(twilio) and not all(twilio):
            raise ValueError(
                "FENER_TWILIO_ACCOUNT_SID, FENER_TWILIO_AUTH_TOKEN and FENER_TWILIO_FROM belong together: set all three"
            )
        if self.whatsapp and self.public_url is None:
            raise ValueError("WhatsApp needs FENER_PUBLIC_URL: Twilio signs what it sends for that URL")
        if self.telegram and self.telegram_mode == "webhook":
            if self.public_url is None or self.telegram_webhook_secret is None:
                raise ValueError(
                    "FENER_TELEGRAM_MODE=webhook needs FENER_PUBLIC_URL and FENER_TELEGRAM_WEBHOOK_SECRET"
                )
            secret = self.telegram_webhook_secret.get_secret_value()
            if not secret or not all(
                letter.isascii() and (letter.isalnum() or letter in "_-") for letter in secret
            ):
                raise ValueError("FENER_TELEGRAM_WEBHOOK_SECRET takes letters, digits, _ and - only")
        if self.real_channel and self.key_custody is None:
            raise ValueError(
                "with a real channel say where the keys are: FENER_KEY_CUSTODY=passphrase (best), credential, or file"
            )
        return self

    @property
    def telegram(self) -> bool:
        """Whether Telegram is configured."""
        return self.telegram_token is not None

    @property
    def whatsapp(self) -> bool:
        """Whether WhatsApp is configured."""
        return self.twilio_auth_token is not None

    @property
    def real_channel(self) -> bool:
        """Whether anybody outside can write to this installation."""
        return self.telegram or self.whatsapp

    @property
    def offers_demo(self) -> bool:
        """Whether fictitious services may be offered: never by itself on a real channel."""
        return self.demo if self.demo is not None else not self.real_channel

    @property
    def shows_try(self) -> bool:
        """Whether there is a page `/try/`: by itself only where no address for the public is set."""
        return self.try_page if self.try_page is not None else self.public_url is None

    @property
    def marks_test(self) -> bool:
        """Whether every message is marked TEST: fictitious services on a real channel."""
        return self.real_channel and self.offers_demo

    @property
    def keys_path(self) -> Path:
        """The folder of the server's keys."""
        return self.keys_dir or self.data_dir / "keys"

    @property
    def custody(self) -> Custody:
        """How the keys are kept."""
        return self.key_custody or "file"

    @property
    def database(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'fener.db').absolute()}"


_FROM_FILE_ONLY: Final = {"keyrings", "approval", "retention", "limits"}


def variable(field: str) -> str:
    """The environment variable of a field: `data_dir` -> `FENER_DATA_DIR`."""
    alias = Settings.model_fields[field].alias
    return PREFIX + (alias or field).upper()


def read_settings(environment: Mapping[str, str] | None = None, folder: Path | None = None) -> Settings:
    """The settings in force: the environment over `fener.toml` in `folder` (default: where we were started).

    Raises StartError that names every wrong setting with its mend, without repeating a value.
    """
    environment = os.environ if environment is None else environment
    values = _from_file((folder or Path.cwd()) / CONFIG_FILE)
    names = {variable(field): (info.alias or field) for field, info in Settings.model_fields.items()}
    for name, text in environment.items():
        if name not in names:
            continue
        if names[name] in _FROM_FILE_ONLY:
            raise StartError(
                "setting.refused",
                f"{name} is policy: set it in {CONFIG_FILE}, which the service cannot write.",
            )
        if text.strip():
            values[names[name]] = text.strip()
    try:
        return Settings.model_validate(values)
    except ValidationError as fault:
        raise StartError("setting.refused", _mends(fault)) from None


def _mends(fault: ValidationError) -> str:
    lines = []
    for error in fault.errors(include_url=False, include_context=False, include_input=False):
        what = error["msg"].removeprefix("Value error, ")
        where = ".".join(str(part) for part in error["loc"])
        if not where:
            lines.append(f"{what}.")
        elif "." in where or where in _FROM_FILE_ONLY or error["type"] == "extra_forbidden":
            lines.append(f"{CONFIG_FILE}: '{where}': {what}.")
        else:
            lines.append(f"{PREFIX}{where.upper()}: {what}.")
    return " ".join(lines)


def _from_file(path: Path) -> dict[str, object]:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return {}
    except OSError:
        raise StartError("setting.unreadable", f"{path} cannot be read: check who owns it.") from None
    if mode & _OTHERS:
        raise StartError("setting.open", f"{path} can be read by others: run chmod 600 {path}.")
    try:
        return {name.lower(): value for name, value in tomllib.loads(path.read_text("utf-8")).items()}
    except OSError:
        raise StartError("setting.unreadable", f"{path} cannot be read: check who owns it.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        place = str(fault).rpartition("(at ")[2].rstrip(")")
        raise StartError("setting.broken", f"{path} is not valid TOML near {place}.") from None
