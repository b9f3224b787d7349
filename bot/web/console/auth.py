"""Signing in with the identity key: a random challenge used once, then a token of which only the hash is kept.

A token says when it was made, so that its end and the freshness of its signature need no column. Over HTTPS a browser
also gets a cookie that scripts cannot read, and neither opens anything without the other (docs/adr/0009).
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.crypto.identity import verify_login
from bot.crypto.keys import ServerKeys
from bot.crypto.randomness import random_bytes, url_token
from bot.crypto.wire import from_base64, to_base64
from bot.kernel.errors import ConflictError, RefusedError
from bot.kernel.rows import StaffSession
from bot.ports import (
    Clock,
    Keyrings,
    RateLimits,
    StaffRegister,
    StaffRow,
    StaffSessions,
)
from bot.usecases.invite_caseworker import token_hash

LONGEST: Final = timedelta(hours=8)
"""After this a session is over, whatever was done with it."""

IDLE: Final = timedelta(minutes=15)
"""A session that nobody used so long is over. An open page asks every few seconds, also while it is locked."""

FRESH: Final = timedelta(minutes=5)
"""How old a signature may be for what changes who can read."""

WRONG_A_MINUTE: Final = 20
"""Wrong answers for one key that are told apart from too many."""

WRONG_TOGETHER_A_MINUTE: Final = 600
"""The same for all keys; beyond, no wrong answer costs a look into the database."""

RIGHT_A_MINUTE: Final = 30
"""Sessions that one key may open."""

_MINUTE: Final = 60
_CHALLENGE: Final = 32  # random bytes
_CHALLENGE_LIFE: Final = timedelta(minutes=2)
_MAC: Final = 32
_TOKEN: Final = re.compile(r"([bp])([0-9a-f]{10})\.[\w-]{43}", re.ASCII)
_COOKIE: Final = re.compile(r"[\w-]{43}", re.ASCII)
_COOKIE_PREFIX: Final = "__Host-fener-"
_USED: Final = b"used"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session. `cookie` is what the browser has to send with the token; empty where there is none."""

    token: str
    cookie: str
    expires_at: int
    staff: StaffRow


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose token it is. `fresh`: their key signed within the last minutes."""

    staff: StaffRow
    fresh: bool


class Door:
    """Lets enrolled people in. Any process can check a challenge; none is stored before it was answered rightly."""

    def __init__(
        self,
        *,
        keys: ServerKeys,
        register: StaffRegister,
        keyrings: Keyrings,
        sessions: StaffSessions,
        limits: RateLimits,
        organisations: Callable[[], Iterable[str]],
        clock: Clock,
    ) -> None:
        """Take where people and their sessions are kept.

        `organisations` names those that may have any: members of the network, before their keyring is founded too.
        """
        self._keys = keys
        self._register = register
        self._keyrings = keyrings
        self._sessions = sessions
        self._limits = limits
        self._organisations = organisations
        self._clock = clock
        self._prolonged: dict[bytes, int] = {}
        self._people: Mapping[str, StaffRow] = {}
        self._people_at = 0
        self._stormy_until = 0

    def challenge(self, kid: str) -> str:
        """Random bytes with their end and our MAC, for this key only.

        There is no limit on these: one costs a MAC and is not stored, and a limit would let anybody who knows a
        key's id keep its owner out.
        """
        end = int((self._clock.now() + _CHALLENGE_LIFE).timestamp()).to_bytes(8, "big")
        fresh = end + random_bytes(_CHALLENGE)
        return to_base64(fresh + self._mac(kid, fresh))

    async def sign_in(
        self,
        kid: str,
        challenge: str,
        signature: str,
        *,
        server: str,
        addresses: frozenset[str],
        browser: bool,
    ) -> SignedIn:
        """A new session.

        `server` is the address the caseworker's machine opened; it must be one of ours (`addresses`), so that nobody
        can pass our challenge on. A `browser` over HTTPS gets a cookie.

        Raises RefusedError `login.refused` without saying which part was wrong; `login.limited` in its place when
        there were too many wrong answers, and for a key that opens too many sessions. A right answer is let in
        however many wrong ones came for the same key.
        """
        now = self._clock.now()
        try:
            staff, fresh = await self._answered(
                kid, challenge, signature, now, server=server, addresses=addresses
            )
            await self._use_once(fresh, staff, now)
        except RefusedError:
            if await self._too_many_wrong(kid, now):
                raise _limited() from None
            raise
        if not await self._limits.allow(self._digest(b"right", kid), limit=RIGHT_A_MINUTE, seconds=_MINUTE):
            raise _limited()
        binds = browser and server.startswith("https://")
        started = int(now.timestamp())
        token = f"{'b' if binds else 'p'}{started:010x}.{url_token()}"
        cookie = url_token() if binds else ""
        ends = started + int(LONGEST.total_seconds())
        hashed = token_hash(f"{token}.{cookie}" if binds else token)
        await self._sessions.open(StaffSession(hashed, staff.id, started + int(IDLE.total_seconds())))
        return SignedIn(token, cookie, ends, staff)

    async def who(self, token: str, cookies: Mapping[str, str]) -> Whose:
        """Whose token this is. Raises RefusedError `login.needed`."""
        hashed = _hash_of(token, cookies)
        started = started_at(token)
        now = int(self._clock.now().timestamp())
        if hashed is None or started is None or now - started >= LONGEST.total_seconds():
            raise _needed()
        staff = await self._sessions.find(hashed, now)
        if staff is None:
            raise _needed()
        await self._prolong(hashed, now, started)
        return Whose(staff, fresh=now - started <= FRESH.total_seconds())

    async def sign_out(self, token: str, cookies: Mapping[str, str]) -> None:
        """End the session at once."""
        hashed = _hash_of(token, cookies)
        if hashed is not None:
            self._prolonged.pop(hashed, None)
            await self._sessions.close(hashed)

    # --- private -----------------------------------------------------------------------------------------

    async def _answered(
        self,
        kid: str,
        challenge: str,
        signature: str,
        now: datetime,
        *,
        server: str,
        addresses: frozenset[str],
    ) -> tuple[StaffRow, bytes]:
        data = from_base64(challenge, "login")
        fresh, mac = data[:-_MAC], data[-_MAC:]
        if (
            not hmac.compare_digest(mac, self._mac(kid, fresh))
            or int.from_bytes(fresh[:8], "big") < now.timestamp()
            or server not in addresses
        ):
            raise _refused()
        staff = await self._find(kid, int(now.timestamp()))
        if staff is None:
            raise _refused()
        try:
            verify_login(staff.identity_public, from_base64(signature, "login"), data, server=server)
        except RefusedError:
            raise _refused() from None
        return staff, fresh

    async def _too_many_wrong(self, kid: str, now: datetime) -> bool:
        """Count a wrong answer. It changes what a wrong answer is told, and never what a right one is."""
        together = await self._limits.allow(
            self._digest(b"wrong", ""), limit=WRONG_TOGETHER_A_MINUTE, seconds=_MINUTE
        )
        if not together:
            self._stormy_until = int(now.timestamp()) + _MINUTE
            return True
        return not await self._limits.allow(
            self._digest(b"wrong", kid), limit=WRONG_A_MINUTE, seconds=_MINUTE
        )

    async def _find(self, kid: str, now: int) -> StaffRow | None:
        """Who has this key. In a storm of wrong answers from memory, at most a minute old: strangers cost nothing."""
        if now < self._stormy_until:
            if now - self._people_at >= _MINUTE or not self._people:
                self._people, self._people_at = (
                    {row.identity_kid: row for row in await self._everybody()},
                    now,
                )
            return self._people.get(kid)
        return next((row for row in await self._everybody() if row.identity_kid == kid), None)

    async def _everybody(self) -> list[StaffRow]:
        organisations = sorted({*self._organisations(), *await self._keyrings.organisations()})
        return [row for each in organisations for row in await self._register.of(each) if row.active]

    async def _prolong(self, hashed: bytes, now: int, started: int) -> None:
        """Move the idle end, at most once a minute: the page asks every three seconds."""
        if now - self._prolonged.get(hashed, started) < _MINUTE:
            return
        if len(self._prolonged) >= _MOST_REMEMBERED:
            self._prolonged.clear()
        self._prolonged[hashed] = now
        await self._sessions.prolong(hashed, now + int(IDLE.total_seconds()))

    def _mac(self, kid: str, fresh: bytes) -> bytes:
        return hmac.digest(
            self._keys.row_key, b"login-challenge\x00" + kid.encode() + b"\x00" + fresh, "sha256"
        )

    def _digest(self, what: bytes, kid: str) -> bytes:
        return hmac.digest(self._keys.row_key, b"login-limit\x00" + what + b"\x00" + kid.encode(), "sha256")

    async def _use_once(self, fresh: bytes, staff: StaffRow, now: datetime) -> None:
        """Keep for two minutes, in the database that all processes share, that this challenge was answered.

        It is kept as a session whose token nobody can make: its hash is our MAC, and longer than any session's.
        """
        used = _USED + hmac.digest(self._keys.row_key, b"login-used\x00" + fresh, "sha256")
        end = int((now + _CHALLENGE_LIFE).timestamp()) + 1
        try:
            await self._sessions.open(StaffSession(used, staff.id, end))
        except ConflictError:
            raise _refused() from None


_MOST_REMEMBERED: Final = 10_000  # sessions whose last prolonging one process knows


def cookie_name(token: str) -> str:
    """The cookie that goes with a token: one for each session, so that two tabs do not push each other out."""
    return _COOKIE_PREFIX + hashlib.sha256(token.encode()).hexdigest()[:16]


def started_at(token: str) -> int | None:
    """When the token was made, in seconds since 1970; None for what is no token."""
    found = _TOKEN.fullmatch(token)
    return int(found[2], 16) if found is not None else None


def _hash_of(token: str, cookies: Mapping[str, str]) -> bytes | None:
    """What is stored of a session; None for what can be none."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    if found[1] == "p":
        return token_hash(token)
    cookie = cookies.get(cookie_name(token), "")
    return token_hash(f"{token}.{cookie}") if _COOKIE.fullmatch(cookie) else None


def _needed() -> RefusedError:
    return RefusedError("login.needed", "Sign in again.")


def _refused() -> RefusedError:
    return RefusedError("login.refused", "This key does not open this server.")


def _limited() -> RefusedError:
    return RefusedError("login.limited", "There were too many tries: wait a minute.")
