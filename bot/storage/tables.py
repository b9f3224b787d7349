"""Every table and column of the database, and beside each why it is kept and until when.

No column holds an address, a name, or words that are not sealed; only `directory_ledger` holds the words of vetters,
which are written to be published with the directory. Ids are random, times are whole hours since
1970. Tables with random keys have no rowid in SQLite: a rowid would tell in which order people came.
`cases` and all that hangs on a case goes together: after close, or when the person erases it.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

metadata: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

_ID = String(32)


def _gone_with(table: str) -> ForeignKey:
    return ForeignKey(f"{table}.id", ondelete="CASCADE")


cases: Final = Table(
    "cases",
    metadata,
    # until 14 days after close, 90 days at most (settings `retention`)
    Column("id", _ID, primary_key=True),  # random; names the case to caseworkers' programs and in the audit
    Column("organisation", Text, nullable=False),  # who may see the case; from the person's consent
    Column("queue", Text, nullable=False),  # which caseworkers it waits for
    Column("need", Text, nullable=False),  # what it is about, one word of the taxonomy, to sort the queue
    Column("urgency", Text, nullable=False),  # what to open first
    Column("language", Text, nullable=False),  # who on duty can read it
    Column("status", Text, nullable=False),  # waiting, claimed, answered, closed
    Column("designation", Text, nullable=False),  # two random words by which people speak of the case
    Column("pseudonym", LargeBinary, index=True),  # keyed, memory-hard; finds the case; goes at the end of it
    Column("epoch", Integer, nullable=False),  # number of the key under which the pseudonym was made
    Column("salt", LargeBinary, nullable=False),  # makes this case's mailbox key unlike any other's
    Column("mailbox_public", LargeBinary, nullable=False),  # what replies are sealed to
    Column("gate", LargeBinary, nullable=False),  # what checks the word chosen at handoff, if any
    Column("opened_hour", Integer, nullable=False),  # how long somebody waits; when the case must go
    Column("touched_hour", Integer, nullable=False),  # until when the person can be reached
    Column("closed_hour", Integer),  # when the case must go
    Column("claimed_by", _ID),  # the caseworker who answers
    Column("sequence", Integer, nullable=False),  # inbound envelopes so far: none can vanish unseen
    Column("note_sequence", Integer, nullable=False),  # replies so far: none can be repeated
    Column("mac", LargeBinary, nullable=False),  # shows that nobody else wrote the row
    sqlite_with_rowid=False,
)
_OPEN = text("closed_hour IS NULL")
Index("uq_cases_open_pseudonym", cases.c.pseudonym, unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index(
    "uq_cases_open_designation",
    cases.c.organisation,
    cases.c.designation,
    unique=True,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)

envelopes: Final = Table(
    "envelopes",
    metadata,
    # with their case
    Column("id", _ID, primary_key=True),  # random; authenticated inside
    Column("case", _ID, _gone_with("cases"), nullable=False),  # whose it is
    Column("position", Integer, nullable=False),  # order within the case, since hours are too coarse for it
    Column("sequence", Integer, nullable=False),  # place in its direction; authenticated inside the envelope
    Column("direction", Text, nullable=False),  # in (person), out (copy of a reply), internal
    Column("sealed", LargeBinary, nullable=False),  # only recipients of one organisation can open it
    Column("hour", Integer, nullable=False),  # shown to caseworkers
    CheckConstraint("direction IN ('in', 'out', 'internal')", name="direction"),
    Index("uq_envelopes_position", "case", "position", unique=True),
    sqlite_with_rowid=False,
)
_NUMBERED = text("direction <> 'internal'")
Index(
    "uq_envelopes_sequence",
    envelopes.c.case,
    envelopes.c.direction,
    envelopes.c.sequence,
    unique=True,
    sqlite_where=_NUMBERED,
    postgresql_where=_NUMBERED,
)

notes: Final = Table(
    "notes",
    metadata,
    # until the person's next message after reading, 24 hours after reading, or 30 days
    Column("id", _ID, primary_key=True),  # random; authenticated inside
    Column("case", _ID, _gone_with("cases"), nullable=False),  # whose mailbox
    Column("sequence", Integer, nullable=False),  # order; covered by the signature
    Column("sealed", LargeBinary, nullable=False),  # opens with a key made from the person's next message
    Column("signer", Text, nullable=False),  # key id of the caseworker who answers for the words
    Column("signature", LargeBinary, nullable=False),  # an unsigned reply is never delivered
    Column("hour", Integer, nullable=False),  # when an unread note must go
    Column("delivered_hour", Integer),  # when a read note must go
    Index("uq_notes_sequence", "case", "sequence", unique=True),
    sqlite_with_rowid=False,
)

seen: Final = Table(
    "seen",
    metadata,
    # with their case
    Column("digest", LargeBinary, primary_key=True),  # keyed message id: no second effect
    Column("case", _ID, _gone_with("cases"), nullable=False, index=True),  # where it went
    sqlite_with_rowid=False,
)

return_codes: Final = Table(
    "return_codes",
    metadata,
    # until used, 30 days at most, never longer than the case is open
    Column("case", _ID, _gone_with("cases"), primary_key=True),  # which case it moves; one code each
    Column("name", LargeBinary, nullable=False, unique=True),  # keyed, memory-hard; finds what was typed
    Column("sealed", LargeBinary, nullable=False),  # the way to the case; opens with the code only
    Column("epoch", Integer, nullable=False),  # number of the key under which the name was made
    Column("hour", Integer, nullable=False),  # when it must go
    Column("mac", LargeBinary, nullable=False),  # shows that nobody else wrote the row
    sqlite_with_rowid=False,
)

referrals: Final = Table(
    "referrals",
    metadata,
    # with their case: each side of a referral belongs to a case of its own
    Column("id", _ID, primary_key=True),  # random; authenticated inside
    Column("case", _ID, _gone_with("cases"), nullable=False, index=True),  # whose side it is
    Column("sealed", LargeBinary, nullable=False),  # with whom, how it stands; opens with the server's keys
    sqlite_with_rowid=False,
)

invites: Final = Table(
    "invites",
    metadata,
    # until used, or 30 minutes
    Column("token_hash", LargeBinary, primary_key=True),  # SHA-256: the table does not hold the link itself
    Column("organisation", Text, nullable=False),  # what the invitation is for
    Column("role", Text, nullable=False),  # what the invitation is for
    Column("expires_at", BigInteger, nullable=False),  # in seconds; it is not a person's time
    sqlite_with_rowid=False,
)

staff: Final = Table(
    "staff",
    metadata,
    # while enrolled; inactive ones as long as their signatures must be checked
    Column("id", _ID, primary_key=True),  # random; the actor in the audit
    Column("organisation", Text, nullable=False, index=True),  # whose cases they may see
    Column("role", Text, nullable=False),  # lead or caseworker
    Column("alias", Text, nullable=False),  # what colleagues call them; they choose it
    Column("identity_kid", Text, nullable=False, unique=True),  # names the signing key
    Column("identity_public", LargeBinary, nullable=False),  # checks their signatures
    Column("duty_certificate", LargeBinary, nullable=False),  # this week's sealing key, signed
    Column("duty_statement", LargeBinary, nullable=False),  # "on duty", signed; empty when off
    Column("active", Boolean, nullable=False),  # a leaver gets nothing more
    sqlite_with_rowid=False,
)

ways: Final = Table(
    "ways",
    metadata,
    # until the caseworker takes it out, or is no longer active
    Column("id", _ID, primary_key=True),  # random; names the way to its caseworker
    Column("staff", _ID, _gone_with("staff"), nullable=False, index=True),  # whom it rings; never a person
    Column("kind", Text, nullable=False),  # email or telegram
    Column("sealed", LargeBinary, nullable=False),  # the staff address; opens with the server's keys only
    sqlite_with_rowid=False,
)

staff_sessions: Final = Table(
    "staff_sessions",
    metadata,
    # until signed out or ended
    Column("token_hash", LargeBinary, primary_key=True),  # SHA-256: the table does not hold the token itself
    Column("staff", _ID, _gone_with("staff"), nullable=False, index=True),  # who signed in
    Column("expires_at", BigInteger, nullable=False),  # in seconds; a caseworker's time
    sqlite_with_rowid=False,
)

replaced_keys: Final = Table(
    "replaced_keys",
    metadata,
    # 90 days after it was replaced, when no message sealed to it is left; 24 hours after its owner left
    Column("digest", LargeBinary, primary_key=True),  # keyed: names a weekly key to the server alone
    Column("staff", _ID, _gone_with("staff"), nullable=False, index=True),  # whose; the audit says so, too
    Column("until_hour", Integer, nullable=False),  # when the row must go
    sqlite_with_rowid=False,
)

keyrings: Final = Table(
    "keyrings",
    metadata,
    # as long as the organisation is in the network: the chain is what sealing trusts
    Column("organisation", Text, primary_key=True),  # whose keyring
    Column("position", Integer, primary_key=True),  # order of the chain, from 0
    Column("entry", LargeBinary, nullable=False),  # signed; trusted only once verified
    sqlite_with_rowid=False,
)

directory_ledger: Final = Table(
    "directory_ledger",
    metadata,
    # always: what was vetted, suspended and changed belongs to the directory, as its files do
    Column("position", Integer, primary_key=True),  # order of the chain, from 0
    Column("line", LargeBinary, nullable=False),  # what happened to which service, and which vetter says so
    Column("mac", LargeBinary, nullable=False),  # shows that nobody else wrote the line
    sqlite_with_rowid=False,
)

epochs: Final = Table(
    "epochs",
    metadata,
    # as long as the epoch's key is accepted: 60 days at most
    Column("number", Integer, primary_key=True, autoincrement=False),  # which thirty days, counted from 1970
    Column("fingerprint", LargeBinary, nullable=False),  # keyed: tells the key in force from any other one
    sqlite_with_rowid=False,
)

counters: Final = Table(
    "counters",
    metadata,
    # two years: as long as what was missing, and how a service did, says something
    Column("kind", Text, primary_key=True),  # what was counted: a need in vain, or how a service was
    Column("subject", Text, primary_key=True),  # one word of the content: the need, or the service
    Column("detail", Text, primary_key=True),  # the country, empty where none was said; or the outcome
    Column("week", Text, primary_key=True),  # which calendar week, such as 2026-W48: no day, no hour
    Column("count", Integer, nullable=False),  # conversations, in whole tens: no cell stands for fewer
    CheckConstraint("count >= 10 AND (count / 10) * 10 = count", name="tens"),
    sqlite_with_rowid=False,
)

audit: Final = Table(
    "audit",
    metadata,
    # one year
    Column("organisation", Text, primary_key=True),  # one chain each; none sees another's
    Column("position", Integer, primary_key=True),  # order of the chain, from 0
    Column("hour", Integer, nullable=False),  # when the line must go
    Column("line", LargeBinary, nullable=False),  # who did what kind of thing to which case; no content
    Column("hash", LargeBinary, nullable=False),  # SHA-256 of the line: what the next one must hold
    sqlite_with_rowid=False,
)

meta: Final = Table(
    "meta",
    metadata,
    # always
    Column("name", Text, primary_key=True),  # which fact: `written_by`
    Column("value", Text, nullable=False),  # which version of Fener made the tables
    sqlite_with_rowid=False,
)
