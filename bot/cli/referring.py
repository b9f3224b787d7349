"""`fener case refer` and `send-back`: propose a second organisation to the person, or give back what another one referred."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from bot.cli.connection import DeskError, fields_of, items_of, number_of, text_of
from bot.cli.signed_in import add_connection, unlocked
from bot.cli.terminal import indented, shown
from bot.handoff.referral import FIELDS, LONGEST_VALUE, REASONS, ReferralOffer, offered
from bot.nlu.personal import find_personal

_HOUR: Final = 3600
_SOGIESC: Final = "sogiesc"

LABELS: Final[Mapping[str, str]] = {
    "place": "Place",
    "address": "How to speak to you",
    "age": "Age",
    "safety": "What keeps you safe",
    "words": "Your words",
    "note": "Note from the helper",
    "sogiesc": "About who you are",
}
"""As the person reads them in English; a test compares."""


def add_actions(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The two subcommands."""
    refer = commands.add_parser(
        "refer",
        help="ask the person whether another organisation may help; without --to: who can, how it stands",
    )
    refer.add_argument("case", metavar="CASE")
    refer.add_argument("--to", metavar="ORG", help="the organisation to ask")
    refer.add_argument(
        "--queue", metavar="Q", help="what it is about; not needed where it takes one thing only"
    )
    for name in FIELDS:
        refer.add_argument(
            f"--{name}", metavar="TEXT", default="", help=f"what would leave as: {LABELS[name]}"
        )
    refer.add_argument(
        "--also-sogiesc",
        action="store_true",
        help="let --sogiesc go to an organisation that is not an LGBTIQ+ one; the person is told so",
    )
    refer.add_argument(
        "--wishes-read", action="store_true", help="you have read how the person wants to be spoken to"
    )
    refer.add_argument("--yes", action="store_true", help="do not ask again after the preview")
    add_connection(refer)
    back = commands.add_parser(
        "send-back", help="do not take a case that another organisation referred: it is deleted here"
    )
    back.add_argument("case", metavar="CASE")
    back.add_argument("--reason", required=True, choices=REASONS, help="the person is told in plain words")
    add_connection(back)


def act(args: argparse.Namespace) -> int:
    """Do one of them."""
    client = unlocked(args)
    case = client.find(args.case)
    if args.action == "send-back":
        client.send_back(case, args.reason)
        print("Given back, and deleted here. The person and who referred them are told the reason.")
        return 0
    known = client.referrals(case)
    if args.to is None:
        print("\n".join(_standing(known)))
        return 0
    receiver = _chosen(known, args.to)
    queue = _queue(receiver, args.queue)
    fields = _fields(args, receiver)
    preview = _preview(receiver, queue, fields)
    print(preview)
    if found := _personal(fields):
        print(f"Look again: this may show who they are: {', '.join(shown(each) for each in found)}.")
    if not args.yes:
        print("\nAsk the person whether exactly this may be sent? Type yes: ", end="", flush=True)
        if sys.stdin.readline().strip().casefold() != "yes":
            raise DeskError("referral.unsent", "Nobody was asked, and nothing was sent.")
    offer = ReferralOffer(text_of(receiver, "organisation"), queue, fields)
    client.refer(client.open(case), offer, preview, wishes_read=args.wishes_read)
    print("The person is asked in their chat. Nothing leaves before they say yes.")
    return 0


def _standing(known: Mapping[str, object]) -> Sequence[str]:
    lines = []
    for each in items_of(known.get("referrals")):
        since = datetime.fromtimestamp(number_of(each, "hour") * _HOUR, UTC)
        reason = f" ({shown(text_of(each, 'reason'))})" if each.get("reason") else ""
        lines.append(
            f"{shown(text_of(each, 'name'))}: {text_of(each, 'state')}{reason}, {since:%Y-%m-%d %H:00}"
        )
    lines = lines or ["Nobody was asked yet."]
    lines.append("\nWho can be asked now:")
    for each in items_of(known.get("receivers")):
        duty = "on duty" if each.get("on_duty") is True else "off duty"
        queues = ", ".join(sorted(fields_of(each.get("queues"))))
        kind = ", LGBTIQ+ organisation" if each.get("lgbtiq") is True else ""
        lines.append(
            f"  {text_of(each, 'organisation')}  {shown(text_of(each, 'name'))}{kind}, {duty}: {queues}"
        )
    return lines


def _chosen(known: Mapping[str, object], to: str) -> Mapping[str, object]:
    for each in items_of(known.get("receivers")):
        if each.get("organisation") == to:
            return each
    raise DeskError("referral.receiver", "It cannot be asked now: 'fener case refer CASE' lists who can.")


def _queue(receiver: Mapping[str, object], asked: str | None) -> str:
    queues = fields_of(receiver.get("queues"))
    if asked is None and len(queues) == 1:
        return next(iter(queues))
    if asked not in queues or asked is None:
        raise DeskError("referral.queue", f"Say what it is about, with --queue: {', '.join(sorted(queues))}.")
    return asked


def _fields(args: argparse.Namespace, receiver: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    found = tuple((name, value) for name in FIELDS if (value := offered(str(getattr(args, name)))))
    if any(len(value) > LONGEST_VALUE for _, value in found):
        raise DeskError(
            "referral.long", f"At most {LONGEST_VALUE} characters each: the person reads all of it."
        )
    told = any(name == _SOGIESC for name, _ in found)
    if told and receiver.get("lgbtiq") is not True and not args.also_sogiesc:
        raise DeskError(
            "referral.sogiesc",
            "This is not an LGBTIQ+ organisation: leave --sogiesc out, or add --also-sogiesc if it is needed there.",
        )
    return found


def _personal(fields: Sequence[tuple[str, str]]) -> Sequence[str]:
    """Numbers, addresses and user names in what would leave: often nobody there needs them."""
    found = [value[each.start : each.end] for _, value in fields for each in find_personal(value)]
    return tuple(dict.fromkeys(found))


def _preview(receiver: Mapping[str, object], queue: str, fields: Sequence[tuple[str, str]]) -> str:
    lines = [
        f"To {shown(text_of(receiver, 'name'))}, about: {shown(text_of(fields_of(receiver.get('queues')), queue))}"
    ]
    lines.append("With the name of your organisation and the language of the case, and:")
    lines += [f"{LABELS[name]}: {value}" for name, value in fields] or ["nothing else"]
    return lines[0] + "\n" + indented("\n".join(lines[1:]))
