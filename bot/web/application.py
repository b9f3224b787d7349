"""The parts of a running Fener as one HTTP application."""

from bot.channels.limits import TELEGRAM, WHATSAPP
from bot.directory.hours import duty_hours
from bot.installation import Fener
from bot.kernel.messages import ChannelName
from bot.storage.audit import SqlAuditTrail, first_break
from bot.storage.cases import SqlCaseDesk
from bot.storage.counters import SqlCounters
from bot.usecases.dismiss_staff import DismissStaff
from bot.usecases.do_effects import ROUTE_SECONDS
from bot.usecases.look_over_audit import LookOverAudit
from bot.usecases.mute_case import MuteCase, Mutes
from bot.usecases.remember import REPLAY_SECONDS
from bot.usecases.report_quarter import ReportQuarter
from bot.usecases.tell_alarms import TellAlarms
from bot.usecases.watch_network import WatchNetwork
from bot.web.app import Bounded, Running, create_app
from bot.web.caring import caring
from bot.web.console.auth import Door
from bot.web.console.desk import Desk, Rules
from bot.web.health import Numbers, Ready
from bot.web.hsds.shelf import Shelf
from bot.web.try_it.pages import About, TryPage
from bot.web.webhooks import TelegramWebhook, WhatsAppWebhook


def application(fener: Fener, running: Running) -> Bounded:
    """Webhooks, health and the caseworkers' interface over one installation."""
    settings, staff = fener.settings, fener.staff
    secret = settings.telegram_webhook_secret
    audit = SqlAuditTrail(fener.database)

    async def content_ready() -> None:
        return None  # a Fener without content does not start

    return create_app(
        whatsapp=WhatsAppWebhook(
            fener.turns,
            fener.turns.apology,
            signatures=fener.twilio_signatures,
            metrics=fener.metrics,
            test_mark=fener.test_mark,
        ),
        telegram=TelegramWebhook(
            fener.inbox.take_or_log if fener.inbox is not None else None,
            secret=secret.get_secret_value() if secret is not None else "",
            metrics=fener.metrics,
        ),
        ready=Ready(
            {
                "database": fener.database.ping,
                "memory": fener.memory.ping,
                "content": content_ready,
                "keys": fener.turn_keys.when_due,
            }
        ),
        numbers=Numbers(
            fener.metrics,
            settings.metrics_token.get_secret_value() if settings.metrics_token is not None else None,
        ),
        desk=Desk(
            door=Door(
                keys=fener.keys,
                register=staff.register,
                keyrings=staff.keyrings,
                sessions=staff.sessions,
                limits=fener.memory.limits,
                organisations=lambda: [
                    member.organisation for member in fener.content.library.directory.network.members
                ],
                clock=fener.clock,
            ),
            invite=staff.invite,
            enrol=staff.enrol,
            dismiss=DismissStaff(
                register=staff.register,
                sessions=staff.sessions,
                wraps=fener.wraps,
                staffing=fener.staffing,
                audit=audit,
                clock=fener.clock,
            ),
            sign_keyring=staff.sign_keyring,
            duty=staff.duty,
            read=staff.read,
            claim=staff.claim,
            reply=staff.reply,
            decline=staff.decline,
            note=staff.note,
            give_back=staff.give_back,
            close=staff.close,
            refer=staff.refer,
            mute=MuteCase(
                mutes=Mutes(kept=fener.memory.replays, memory_key=fener.keys.memory_key),
                desk=SqlCaseDesk(fener.database),
                keys=fener.keys,
                staffing=fener.staffing,
                audit=audit,
                clock=fener.clock,
            ),
            care=caring(fener),
            away_until=fener.staffing.away_until,
            left_alone=fener.staffing.left_alone,
            look_over=LookOverAudit(
                audit=audit, vouch=fener.vouch, first_break=first_break, clock=fener.clock
            ),
            alarms=TellAlarms(audit=audit, clock=fener.clock),
            report=ReportQuarter(
                counters=SqlCounters(fener.database),
                audit=audit,
                keyrings=staff.keyrings,
                clock=fener.clock,
            ),
            network=WatchNetwork(
                audit=audit,
                desk=SqlCaseDesk(fener.database),
                staffing=fener.staffing,
                keys=fener.keys,
                content=fener.content,
                clock=fener.clock,
            ),
            vouch=fener.vouch,
            register=staff.register,
            keyrings=staff.keyrings,
            keys=fener.keys,
            roots=staff.roots,
            content=fener.content,
            clock=fener.clock,
            public_url=settings.public_url,
            rules=_rules(fener),
            services=fener.services,
            ways=fener.bell.ways,
            wait=fener.bell.wait,
            staff_bot=fener.bell.bot_name,
        ),
        shelf=Shelf(
            directory=fener.services.directory.now,
            clock=fener.clock,
            limits=fener.memory.limits,
            demo=settings.offers_demo and not settings.real_channel,
        ),
        running=running,
        public_url=settings.public_url,
        try_page=_try_page(fener).routes() if fener.try_channel is not None else (),
    )


def _rules(fener: Fener) -> Rules:
    settings = fener.settings
    on: dict[ChannelName, int | None] = {}
    if fener.whatsapp is not None:
        on["whatsapp"] = WHATSAPP.text
    if fener.telegram is not None:
        on["telegram"] = TELEGRAM.text
    if fener.try_channel is not None:
        on["simulator"] = None
    return Rules(
        demo=settings.offers_demo,
        channels=on,
        live_minutes=ROUTE_SECONDS // 60,
        answer_days=settings.retention.unread_note_days,
        after_close_days=settings.retention.after_close_days,
        at_most_days=settings.retention.at_most_days,
        duty_hours=duty_hours(fener.content.library.directory.network),
    )


def _try_page(fener: Fener) -> TryPage:
    assert fener.try_channel is not None
    settings = fener.settings

    async def sealed_to(organisation: str) -> str:
        named = {each.organisation: each.name for each in await fener.staffing.now()}
        return named.get(organisation, organisation)

    return TryPage(
        fener.turns,
        fener.try_channel,
        content=fener.content,
        limits=fener.memory.limits,
        metrics=fener.metrics,
        about=About(
            demo=settings.offers_demo,
            idle_minutes=settings.session_idle_minutes,
            route_minutes=ROUTE_SECONDS // 60,
            replay_minutes=REPLAY_SECONDS // 60,
            after_close_days=settings.retention.after_close_days,
            at_most_days=settings.retention.at_most_days,
        ),
        sealed_to=sealed_to,
        test_mark=fener.test_mark,
    )
