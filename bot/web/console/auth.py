"""Signing in with the identity key: a random challenge used once, then a token of which only the hash is kept."""

import hmac
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from bot.crypto.identity import verify_login
from bot.crypto.keys import ServerKeys
from bot.crypto.randomness import random_bytes, url_token
from bot.crypto.wire import from_base64, to_base64
from bot.kernel.errors import ConflictError, RefusedError
from bot.ports import Clock, Keyrings, StaffRegister, StaffRow, StaffSession, StaffSessions
from bot.usecases.invite_caseworker import token_hash

SESSION = timedelta(hours=8)

_CHALLENGE = 32  # random bytes
_CHALLENGE_LIFE = timedelta(minutes=2)
_MAC = 32


class Door:
    """Lets enrolled caseworkers in. Any process can check a challenge; none is stored before it was answered rightly."""

    def __init__(
        self,
        *,
        keys: ServerKeys,
        register: StaffRegister,
        keyrings: Keyrings,
        sessions: StaffSessions,
        organisations: Callable[[], Iterable[str]],
        clock: Clock,
    ) -> None:
        """Take where caseworkers and their sessions are kept.

        `organisations` names those that may have any: members of the network, before their keyring is founded too.
        """
        self._key = keys.row_key
        self._register = register
        self._keyrings = keyrings
        self._sessions = sessions
        self._organisations = organisations
        self._clock = clock

    def challenge(self, kid: str) -> str:
        """Random bytes with their end and our MAC, for this key only."""
        end = int((self._clock.now() + _CHALLENGE_LIFE).timestamp()).to_bytes(8, "big")
        fresh = end + random_bytes(_CHALLENGE)
        return to_base64(fresh + self._mac(kid, fresh))

    async def sign_in(
        self, kid: str, challenge: str, signature: str, *, server: str, addresses: frozenset[str]
    ) -> tuple[str, StaffSession, StaffRow]:
        """A new session's token, the session and whose it is.

        `server` is the address the caseworker's machine opened; it must be one of ours (`addresses`), so that nobody
        can pass our challenge on. Raises RefusedError `login.refused` without saying which part was wrong.
        """
        refused = RefusedError("login.refused", "This key does not open this server.")
        data = from_base64(challenge, "login")
        fresh, mac = data[:-_MAC], data[-_MAC:]
        now = self._clock.now()
        if (
            not hmac.compare_digest(mac, self._mac(kid, fresh))
            or int.from_bytes(fresh[:8], "big") < now.timestamp()
        ):
            raise refused
        staff = await self._find(kid)
        if staff is None or server not in addresses:
            raise refused
        try:
            verify_login(staff.identity_public, from_base64(signature, "login"), data, server=server)
        except RefusedError:
            raise refused from None
        await self._use_once(fresh, staff, now, refused)
        token = url_token()
        session = StaffSession(token_hash(token), staff.id, int((now + SESSION).timestamp()))
        await self._sessions.open(session)
        return token, session, staff

    async def who(self, token: str) -> StaffRow:
        """Whose token this is. Raises RefusedError `login.needed`."""
        now = int(self._clock.now().timestamp())
        staff = await self._sessions.find(token_hash(token), now) if token else None
        if staff is None:
            raise RefusedError("login.needed", "Sign in again.")
        return staff

    async def sign_out(self, token: str) -> None:
        """End the session at once."""
        await self._sessions.close(token_hash(token))

    async def _find(self, kid: str) -> StaffRow | None:
        for organisation in {*self._organisations(), *await self._keyrings.organisations()}:
            for row in await self._register.of(organisation):
                if row.identity_kid == kid and row.active:
                    return row
        return None

    def _mac(self, kid: str, fresh: bytes) -> bytes:
        return hmac.digest(self._key, b"login-challenge\x00" + kid.encode() + b"\x00" + fresh, "sha256")

    async def _use_once(self, fresh: bytes, staff: StaffRow, now: datetime, refused: RefusedError) -> None:
        """Keep for two minutes, in the database that all processes share, that this challenge was answered.

        It is kept as a session whose token nobody can make: its hash is our MAC.
        """
        used = hmac.digest(self._key, b"login-used\x00" + fresh, "sha256")
        end = int((now + _CHALLENGE_LIFE).timestamp()) + 1
        try:
            await self._sessions.open(StaffSession(used, staff.id, end))
        except ConflictError:
            raise refused from None
