"""A colleague gone bad signs a note that claims more than a note may: `fener case open` does not believe it."""

from datetime import timedelta

import pytest

from bot.cli.opened_case import OpenedCase, open_answer
from bot.crypto.envelope import HeaderFields, seal
from bot.crypto.keyfile import CaseworkerKeys
from bot.handoff.summary import CaseMessage
from bot.usecases.add_note import TeamNote
from tests.usecases.house import WORDS, Caseworker, House


async def told(house: House, worker: Caseworker) -> OpenedCase:
    """What the worker's machine makes of the only case."""
    row, envelopes = await house.fener.staff.read(worker.row, (await house.case()).id)
    answer = {
        "case": {"messages": row.sequence, "queue": row.queue, "epoch": row.epoch},
        "envelopes": [
            {"sequence": each.sequence, "sealed": each.sealed.decode(), "hour": each.hour}
            for each in envelopes
        ],
        "team": {"complaints": []},
    }
    keys = CaseworkerKeys(identity=worker.identity, duty=(worker.duty,), notes={})
    return open_answer(answer, row.id, keys, await worker.keyring())


async def forge(house: House, bad: Caseworker, body: bytes) -> None:
    row = await house.case()
    able = [member.duty for member in (await bad.keyring()).members if member.duty is not None]
    header = HeaderFields(row.id, bad.organisation, 1, "internal", row.epoch)
    await house.fener.staff.note(bad.row, row.id, TeamNote(1, seal(body, able, header, bad.identity)))


@pytest.mark.parametrize("kind", ["cancel", "erased", "message", "key", "moved", "nonsense"])
async def test_a_note_neither_speaks_as_the_person_nor_moves_their_mailbox_nor_shuts_anybody_out(
    house: House, kind: str
) -> None:
    ana, bad = await house.caseworker("Ana"), await house.caseworker("Bad", role="caseworker")
    await house.person().hand_over()
    before = await told(house, ana)
    now = house.clock.now()
    message = CaseMessage(
        kind if kind in {"key", "moved"} else "cancel",  # type: ignore[arg-type]  # the test names its kind
        "",
        now,
        mailbox_public=b"\x06" * 32,
        reachable_until=now + timedelta(days=9),
    ).to_bytes()

    await forge(house, bad, message.replace(b'"cancel"', f'"{kind}"'.encode()))

    after = await told(house, ana)
    assert after.summary.note == WORDS
    assert after.mailbox_public == before.mailbox_public
    assert after.reachable_until == before.reachable_until
    assert [(line.sender, line.kind) for line in after.lines] == [("caseworker", "sealed")]
