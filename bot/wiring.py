"""The composition root: settings in, a working Fener out, by plain constructor calls. The only file that knows every class."""

import time
from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot import __version__
from bot.channels.shared_pages import open_pages
from bot.channels.staff_mail import MailBell, MailServer
from bot.channels.staff_telegram import TelegramBell
from bot.channels.telegram_inbox import TelegramInbox
from bot.crypto.keyring import root_fingerprint
from bot.crypto.keys import KeyRoom, ServerKeys
from bot.crypto.pseudonym import Fingerprinter, SessionNames
from bot.directory.hours import duty_hours
from bot.flow.library import Library
from bot.handoff.many_cases import Usual
from bot.handoff.retention import RetentionRules
from bot.installation import TEST_MARK, Bells, Content, Fener, Staff, SystemClock
from bot.kernel.errors import FenerError
from bot.kernel.messages import ChannelName
from bot.ports import Channel
from bot.settings import Settings
from bot.storage.audit import SqlAuditTrail
from bot.storage.cases import SqlCaseDesk, SqlCaseQueue
from bot.storage.counters import SqlCounters
from bot.storage.database import Database, open_database
from bot.storage.epoch_ledger import SqlEpochLedger
from bot.storage.installation import check_installation
from bot.storage.keyrings import SqlKeyrings
from bot.storage.ledger import SqlDirectoryLedger
from bot.storage.mailboxes import SqlMailboxes
from bot.storage.memory_stores import Memory, open_memory
from bot.storage.referrals import SqlReferrals
from bot.storage.replaced_keys import SqlReplacedKeys
from bot.storage.retention import SqlRetention
from bot.storage.return_codes import SqlReturnCodes
from bot.storage.staff import SqlStaffRegister, SqlStaffSessions
from bot.storage.ways import SqlWays
from bot.telemetry.metrics import Metrics
from bot.usecases.add_note import AddNote
from bot.usecases.adopt_one_way import AdoptOneWay
from bot.usecases.answer_referral import AnswerReferral
from bot.usecases.bell import Bell
from bot.usecases.check_staffing import CheckStaffing
from bot.usecases.claim_case import ClaimCase
from bot.usecases.close_case import CloseCase
from bot.usecases.code_tries import CodeTries
from bot.usecases.decline_case import DeclineCase
from bot.usecases.deliver_mail import DeliverMail
from bot.usecases.destroy_wraps import DestroyWraps
from bot.usecases.do_effects import DoEffects
from bot.usecases.enrol_caseworker import EnrolCaseworker
from bot.usecases.extend_case import ExtendCase
from bot.usecases.follow_referrals import FollowReferrals
from bot.usecases.forget_person import ForgetPerson
from bot.usecases.go_on_duty import GoOnDuty
from bot.usecases.invite_caseworker import InviteCaseworker
from bot.usecases.keep_counters import KeepCounters
from bot.usecases.keep_directory import KeepDirectory
from bot.usecases.keep_ways import KeepWays
from bot.usecases.kept_referrals import KeptReferrals
from bot.usecases.make_return_code import MakeReturnCode
from bot.usecases.move_case import MoveCase
from bot.usecases.mute_case import Mutes
from bot.usecases.offer_referral import OfferReferral
from bot.usecases.open_case import OpenCase
from bot.usecases.open_notes import OpenNotes
from bot.usecases.pauses import Pauses
from bot.usecases.purge_expired import PurgeExpired
from bot.usecases.read_case import ReadCase
from bot.usecases.recognise_person import RecognisePerson
from bot.usecases.remember import Remember
from bot.usecases.remember_rings import RememberRings
from bot.usecases.return_case import ReturnCase
from bot.usecases.ring_staff import RingStaff
from bot.usecases.row_integrity import is_ours
from bot.usecases.send_reply import SendReply
from bot.usecases.sign_keyring import SignKeyring
from bot.usecases.take_turn import Rules, TakeTurn
from bot.usecases.tell_wait import TellWait
from bot.usecases.tend_case import TendCase
from bot.usecases.tidy_cases import TidyCases
from bot.usecases.turn_keys import TurnKeys
from bot.usecases.unlock_keys import UnlockKeys
from bot.usecases.vouch_for_audit import VouchForAudit

if TYPE_CHECKING:  # a server without these channels starts sooner, and smaller, without their libraries
    from bot.channels.telegram_api import TelegramChannel
    from bot.channels.twilio_api import WhatsAppChannel


def demo_organisations(library: Library) -> tuple[str, ...]:
    """The members of the network that are marked as fictitious, in file order."""
    organisations = library.directory.organisations
    members = [member.organisation for member in library.directory.network.members]
    return tuple(each for each in members if (found := organisations.get(each)) is not None and found.demo)


def open_typed(settings: Settings, clock: SystemClock, passphrase: str) -> ServerKeys:
    """The keys under a passphrase that somebody just typed. Raises StartError."""
    folder, demo = settings.keys_path, settings.offers_demo
    return KeyRoom.open(folder, "passphrase", clock.now(), passphrase=lambda: passphrase, demo=demo)


def pinned_roots(settings: Settings, keys: ServerKeys, demo: Iterable[str]) -> dict[str, str]:
    """Organisation -> pinned root: from fener.toml, and the server's own demo root for fictitious organisations."""
    roots = dict(settings.keyrings)
    if keys.demo_root is not None:
        roots.update(dict.fromkeys(demo, root_fingerprint(keys.demo_root.public)))
    return roots


def destroying_wraps(database: Database, keys: ServerKeys | None, clock: SystemClock) -> DestroyWraps:
    """What destroys a leaver's wraps; without keys those of the last weekly key only."""
    replaced = SqlReplacedKeys(database)
    return DestroyWraps(sealed=SqlCaseDesk(database), replaced=replaced, keys=keys, clock=clock)


def keeping_referrals(database: Database, keys: ServerKeys, clock: SystemClock) -> KeptReferrals:
    """Both sides of referrals, opened with the server's keys."""
    return KeptReferrals(
        referrals=SqlReferrals(database), keys=keys, audit=SqlAuditTrail(database), clock=clock
    )


def following_referrals(database: Database, keys: ServerKeys, clock: SystemClock) -> FollowReferrals:
    """What lets a referral stand as its second case does."""
    return FollowReferrals(
        kept=keeping_referrals(database, keys, clock),
        desk=SqlCaseDesk(database),
        mailboxes=SqlMailboxes(database),
        keys=keys,
        audit=SqlAuditTrail(database),
        clock=clock,
    )


def retention_rules(settings: Settings) -> RetentionRules:
    """How long things stay, as the operator decided."""
    return RetentionRules(
        after_close=timedelta(days=settings.retention.after_close_days),
        at_most=timedelta(days=settings.retention.at_most_days),
        unread_note=timedelta(days=settings.retention.unread_note_days),
    )


def open_channels(settings: Settings) -> "tuple[TelegramChannel | None, WhatsAppChannel | None]":
    """Telegram and WhatsApp, each None while it is off. Nothing is sent yet."""
    mark = TEST_MARK if settings.marks_test else None
    telegram = whatsapp = None
    if settings.telegram_token is not None:
        from bot.channels.telegram_api import OFFICIAL_API, TelegramChannel

        token = settings.telegram_token.get_secret_value()
        api_url = settings.telegram_api_url or OFFICIAL_API
        telegram = TelegramChannel(token, test_mark=mark, api_url=api_url)
    if settings.twilio_account_sid and settings.twilio_auth_token and settings.twilio_from:
        from bot.channels.twilio_api import WhatsAppChannel

        whatsapp = WhatsAppChannel(
            settings.twilio_account_sid,
            settings.twilio_auth_token.get_secret_value().split(",")[0].strip(),
            settings.twilio_from,
            api_url=settings.twilio_api_url,
            test_mark=mark,
        )
    return telegram, whatsapp


def open_bells(settings: Settings, clock: SystemClock) -> "tuple[dict[str, Bell], TelegramChannel | None]":
    """The ways of ringing caseworkers that are switched on, and the bot for staff. Nothing is sent yet."""
    bells: dict[str, Bell] = {}
    bot = None
    if settings.staff_telegram_token is not None:
        from bot.channels.telegram_api import OFFICIAL_API, TelegramChannel

        api_url = settings.telegram_api_url or OFFICIAL_API
        bot = TelegramChannel(settings.staff_telegram_token.get_secret_value(), api_url=api_url)
        bells["telegram"] = TelegramBell(bot)
    if settings.smtp_host is not None:
        password = settings.smtp_password
        server = MailServer(
            settings.smtp_host,
            settings.smtp_port,
            settings.smtp_from or "",
            settings.smtp_security,
            settings.smtp_user or "",
            password.get_secret_value() if password is not None else "",
        )
        bells["email"] = MailBell(server, now=clock.now)
    return bells, bot


async def build(
    settings: Settings, library: Library, keys: ServerKeys, *, clock: SystemClock | None = None
) -> Fener:
    """Everything, connected. Raises StartError with one sentence when a part is not there."""
    clock = clock or SystemClock()
    database = await open_database(settings.database, version=__version__)
    try:
        if not keys.locked:
            await check_installation(database, keys.installation)
        memory = await open_memory(settings.memory_url, keys)
    except FenerError:
        await database.close()
        raise
    fener = assemble(settings, library, keys=keys, database=database, memory=memory, clock=clock)
    try:
        if not keys.locked:
            await fener.turn_keys()
        if not keys.locked and settings.custody == "passphrase":
            await fener.unlock.adopt()
    except FenerError:
        await fener.close()
        raise
    return fener


def assemble(
    settings: Settings,
    library: Library,
    *,
    keys: ServerKeys,
    database: Database,
    memory: Memory,
    clock: SystemClock,
    others: Mapping[ChannelName, Channel] | None = None,
    other_bells: Mapping[str, Bell] | None = None,
) -> Fener:
    """The parts put together over open stores. `others` send, and `other_bells` ring, in place of what the settings ask for."""
    content = Content(library)
    metrics, counters = Metrics(), KeepCounters(counters=SqlCounters(database), clock=clock)
    telegram, whatsapp = open_channels(settings)
    channels: dict[ChannelName, Channel] = {}
    if telegram is not None:
        channels["telegram"] = telegram
    if whatsapp is not None:
        channels["whatsapp"] = whatsapp
    try_channel = open_pages(time.monotonic, memory.pages, keys.memory_key) if settings.shows_try else None
    if try_channel is not None:
        channels["simulator"] = try_channel
    channels.update(others or {})
    demo = demo_organisations(library) if settings.offers_demo else ()
    roots = pinned_roots(settings, keys, demo)
    audit, names = SqlAuditTrail(database), SessionNames(keys.memory_key)
    wraps = destroying_wraps(database, keys, clock)
    turn_keys = TurnKeys(keys=keys, ledger=SqlEpochLedger(database), clock=clock)
    vouch = VouchForAudit(audit=audit, keys=keys, clock=clock)
    queue, desk = SqlCaseQueue(database, time.monotonic), SqlCaseDesk(database)
    mailboxes, retention = SqlMailboxes(database), SqlRetention(database)
    referrals, follow = keeping_referrals(database, keys, clock), following_referrals(database, keys, clock)
    register, keyrings = SqlStaffRegister(database), SqlKeyrings(database)
    fingerprinter = Fingerprinter(b"" if keys.locked else keys.salt)
    remember = Remember(
        sessions=memory.sessions,
        replays=memory.replays,
        memory_key=keys.memory_key,
        idle_seconds=settings.session_idle_minutes * 60,
    )
    staffing = CheckStaffing(
        keyrings=keyrings,
        register=register,
        roots=roots,
        heads=keys.heads,
        hours=duty_hours(library.directory.network),
        complaints=[name for name, each in library.directory.network.queues.items() if each.independent],
        most_open=library.directory.network.most_open,
        desk=desk,
        ours=partial(is_ours, keys),
        pauses=Pauses(kept=memory.replays, memory_key=keys.memory_key),
        clock=clock,
    )
    services = KeepDirectory.over(
        lambda: content.library.directory,
        ledger=SqlDirectoryLedger(database),
        audit=audit,
        keys=keys,
        limits=memory.limits,
        clock=clock,
    )
    bells, staff_bot = open_bells(settings, clock)
    bells.update(other_bells or {})
    ways, rings = SqlWays(database), RememberRings(sessions=memory.sessions, memory_key=keys.memory_key)
    wait = TellWait(keys=keys, desk=desk, staffing=staffing, rings=rings, clock=clock)
    recognise = RecognisePerson(
        keys=keys,
        fingerprinter=fingerprinter,
        queue=queue,
        keyrings=keyrings,
        staffing=staffing,
        notes=OpenNotes(mailboxes=mailboxes, staffing=staffing),
        wait=wait,
        referrals=referrals,
        turn_keys=turn_keys,
        clock=clock,
    )
    codes, tries, routes = SqlReturnCodes(database), CodeTries(memory.limits), memory.routes
    extend = ExtendCase(
        keys=keys,
        queue=queue,
        desk=desk,
        codes=codes,
        staffing=staffing,
        follow=follow,
        audit=audit,
        clock=clock,
    )
    make_code = MakeReturnCode(keys=keys, codes=codes, recognise=recognise, clock=clock)
    move_case = MoveCase(
        keys=keys, codes=codes, recognise=recognise, extend_case=extend, routes=routes, clock=clock
    )
    close = CloseCase(
        desk=desk,
        mailboxes=mailboxes,
        routes=routes,
        keys=keys,
        staffing=staffing,
        follow=follow,
        audit=audit,
        clock=clock,
    )
    forget = ForgetPerson(
        remember=remember,
        routes=routes,
        mailboxes=mailboxes,
        extend_case=extend,
        follow=follow,
        fingerprinter=fingerprinter,
        channels=channels,
        audit=audit,
        clock=clock,
    )
    open_case = OpenCase(
        keys=keys, queue=queue, staffing=staffing, turn_keys=turn_keys, audit=audit, clock=clock
    )
    refer = AnswerReferral(
        kept=referrals, open_case=open_case, mailboxes=mailboxes, turn_keys=turn_keys, audit=audit
    )
    do = DoEffects(
        recognise=recognise,
        services=services,
        open_case=open_case,
        extend_case=extend,
        tend=TendCase(extend_case=extend, make_code=make_code, refer=refer, mailboxes=mailboxes, clock=clock),
        refer=refer,
        routes=routes,
        limits=memory.limits,
    )
    turns = TakeTurn(
        content=content,
        names=names,
        remember=remember,
        locks=memory.locks,
        limits=memory.limits,
        recognise=recognise,
        staffing=staffing,
        services=services,
        queue=queue,
        wait=wait,
        do=do,
        tidy=TidyCases(mailboxes=mailboxes, extend_case=extend, close_case=close),
        tries=tries,
        move_case=move_case,
        forget=forget,
        mutes=Mutes(kept=memory.replays, memory_key=keys.memory_key),
        clock=clock,
        metrics=metrics,
        counters=counters,
        rules=Rules(settings.limits.messages_per_minute, settings.offers_demo),
    )
    deliver = DeliverMail(
        routes=routes,
        locks=memory.locks,
        names=names,
        recognise=recognise,
        mailboxes=mailboxes,
        remember=remember,
        channels=channels,
        content=content,
        clock=clock,
    )
    reply = SendReply(
        desk=desk,
        keys=keys,
        staffing=staffing,
        deliver=deliver,
        follow=follow,
        turn_keys=turn_keys,
        audit=audit,
        clock=clock,
    )
    note = AddNote(desk=desk, queue=queue, keys=keys, staffing=staffing, audit=audit, clock=clock)
    staff = Staff(
        register=register,
        sessions=SqlStaffSessions(database),
        keyrings=keyrings,
        roots=roots,
        invite=InviteCaseworker(register=register, audit=audit, clock=clock),
        enrol=EnrolCaseworker(
            keys=keys,
            register=register,
            keyrings=keyrings,
            staffing=staffing,
            content=content,
            demo_organisations=demo,
            audit=audit,
            clock=clock,
        ),
        sign_keyring=SignKeyring(
            keyrings=keyrings, roots=roots, heads=keys.heads, staffing=staffing, audit=audit, clock=clock
        ),
        duty=GoOnDuty(register=register, wraps=wraps, staffing=staffing, audit=audit, clock=clock),
        read=ReadCase(
            desk=desk,
            notes=desk,
            routes=routes,
            keys=keys,
            staffing=staffing,
            audit=audit,
            clock=clock,
            usual=Usual(settings.limits.cases_read_per_hour, settings.limits.cases_exported_per_hour),
        ),
        claim=ClaimCase(desk=desk, keys=keys, staffing=staffing, follow=follow, audit=audit, clock=clock),
        reply=reply,
        refer=OfferReferral(
            kept=referrals,
            follow=follow,
            reply=reply,
            desk=desk,
            routes=routes,
            keys=keys,
            turn_keys=turn_keys,
            staffing=staffing,
            content=content,
            audit=audit,
            clock=clock,
        ),
        decline=DeclineCase(
            replies=reply,
            desk=desk,
            routes=routes,
            deliver=deliver,
            follow=follow,
            keys=keys,
            audit=audit,
            clock=clock,
        ),
        note=note,
        give_back=ReturnCase(notes=note, audit=audit, clock=clock),
        close=close,
    )
    return Fener(
        settings=settings,
        content=content,
        keys=keys,
        database=database,
        memory=memory,
        metrics=metrics,
        counters=counters,
        staffing=staffing,
        turns=turns,
        staff=staff,
        services=services,
        vouch=vouch,
        wraps=wraps,
        turn_keys=turn_keys,
        purge=PurgeExpired(
            retention=retention,
            ends=retention,
            desk=desk,
            codes=codes,
            follow=follow,
            vouch=vouch,
            wraps=wraps,
            keys=keys,
            turn_keys=turn_keys,
            rules=retention_rules(settings),
            clock=clock,
        ),
        unlock=UnlockKeys(
            keys=keys,
            fingerprinter=fingerprinter,
            staffing=staffing,
            adopt=AdoptOneWay(
                keys=keys, queue=queue, desk=desk, audit=audit, organisations=roots, staffing=staffing
            ),
            opened=partial(open_typed, settings, clock),
            belongs=partial(check_installation, database),
            turn_keys=turn_keys,
            pin=lambda: roots.update(pinned_roots(settings, keys, demo)),
        ),
        bell=Bells(
            ring=RingStaff(
                keys=keys,
                desk=desk,
                register=register,
                ways=ways,
                staffing=staffing,
                rings=rings,
                bells=bells,
                clock=clock,
            ),
            ways=KeepWays(keys=keys, ways=ways, bells=bells, codes=memory.replays, limits=memory.limits),
            wait=wait,
            bot=staff_bot,
        ),
        telegram=telegram,
        whatsapp=whatsapp,
        inbox=TelegramInbox(turns, telegram) if telegram is not None else None,
        try_channel=try_channel,
        demo_organisations=demo,
        clock=clock,
    )
