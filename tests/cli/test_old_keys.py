"""Replaced duty keys are destroyed when no case needs them, and not before; the same rules as in the console."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.cli.old_keys import KEPT_AFTER_USE, LONGEST_NEEDED, without_old_keys
from bot.crypto.identity import make_duty_key, make_identity
from bot.crypto.keyfile import CaseworkerKeys
from bot.kernel.errors import FenerError

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
WEEK = timedelta(days=7)


@dataclass
class Server:
    """Says which keys open cases need, or whatever a test wants it to say."""

    needed: Collection[str] = ()
    answer: object = None
    fault: FenerError | None = None
    asked: list[str] = field(default_factory=list)

    def call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> object:
        assert (method, path) == ("POST", "/duty-key/needed")
        assert body is not None
        kids = body["kids"]
        assert isinstance(kids, list)
        self.asked += kids
        if self.fault is not None:
            raise self.fault
        return {"needed": [kid for kid in kids if kid in self.needed]} if self.answer is None else self.answer


def kids(keys: CaseworkerKeys) -> list[str]:
    return [key.kid for key in keys.duty]


def after(weeks: int, server: Server) -> tuple[CaseworkerKeys, str]:
    """The keys of somebody who worked every week, with a new key each; and their first key."""
    keys = CaseworkerKeys(identity=make_identity(), duty=(make_duty_key(),))
    first = keys.duty[0].kid
    for week in range(1, weeks + 1):
        keys = replace(keys, duty=(*keys.duty, make_duty_key()))
        keys = without_old_keys(keys, keys.duty[-1].kid, START + week * WEEK, server)
    return keys, first


def test_a_replaced_key_goes_two_weeks_later_and_the_file_never_grows() -> None:
    keys, first = after(2, Server())
    assert first in kids(keys)
    keys, first = after(3, Server())
    assert first not in kids(keys)
    keys, _ = after(20, Server())
    assert len(keys.duty) == 3
    assert len(keys.notes) == 2


def test_a_key_that_an_open_case_needs_stays_and_goes_when_it_does_not_any_more() -> None:
    keys = CaseworkerKeys(identity=make_identity(), duty=(make_duty_key(), make_duty_key()))
    old, new = kids(keys)
    keys = without_old_keys(keys, new, START, Server())
    later = START + KEPT_AFTER_USE

    assert kids(without_old_keys(keys, new, later, Server(needed={old}))) == [old, new]
    assert kids(without_old_keys(keys, new, later, Server())) == [new]
    assert kids(without_old_keys(keys, new, START + LONGEST_NEEDED, Server(needed={old}))) == [new]


@given(
    st.one_of(
        st.none(),
        st.text(max_size=5),
        st.lists(st.integers()),
        st.dictionaries(st.text(max_size=3), st.none()),
    )
)
def test_an_odd_answer_or_none_at_all_destroys_nothing(answer: object) -> None:
    server = Server(answer=answer) if answer is not None else Server(fault=FenerError("server.unreachable"))
    keys = CaseworkerKeys(identity=make_identity(), duty=(make_duty_key(), make_duty_key()))
    old, new = kids(keys)
    keys = without_old_keys(keys, new, START, server)

    assert kids(without_old_keys(keys, new, START + KEPT_AFTER_USE, server)) == [old, new]


def test_the_key_that_is_sealed_to_now_is_never_asked_about() -> None:
    server = Server()
    keys = CaseworkerKeys(identity=make_identity(), duty=(make_duty_key(), make_duty_key()))
    certified, newest = kids(keys)
    for weeks in range(30):
        keys = without_old_keys(keys, certified, START + weeks * WEEK, server)

    assert kids(keys) == [certified, newest]
    assert server.asked == []
