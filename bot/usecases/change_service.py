"""What changes every week is changed by one person at once; a safety answer only when a second person agrees."""

from bot.directory.changing import changed, safety_field, safety_words
from bot.directory.ledger import SAFETY, WEEKLY, Event, Json, written
from bot.directory.model import Answer
from bot.directory.standing import Standing, different_people
from bot.kernel.audit import AuditEvent
from bot.kernel.errors import RefusedError
from bot.usecases.act_on_service import ActOnService, Scene, Vetter, check_not_own, reasonable
from bot.usecases.follow_directory import Release


class ChangeService:
    """Changes to a service between two releases of its file."""

    def __init__(self, act: ActOnService, *, release: Release) -> None:
        """Take what writes deeds down, and the release: its vocabulary and its network."""
        self._act = act
        self._release = release

    async def __call__(self, name: str, who: Vetter, field: str, value: Json, *, source: str) -> Standing:
        """Change hours, capacity, phones or the notice, from now on.

        Raises RefusedError: `change.field`, `change.value`, `change.same`, `change.source`, `change.foreign`, and those of
        `ActOnService`.
        """
        self._check_may(name, who)
        told = reasonable(source, "change.source")
        if field not in WEEKLY:
            raise RefusedError("change.field", f"These change here: {', '.join(WEEKLY)}.")

        def decide(scene: Scene) -> Event:
            after, problems = changed(scene.service, field, value, scene.country)
            if problems:
                raise RefusedError("change.value", problems[0].mend)
            new = written(after, field)
            if new == written(scene.service, field):
                raise RefusedError("change.same", "It says that already.")
            return scene.event("changed", field=field, value=new, source=told)

        return await self._act(name, who, AuditEvent.SERVICE_CHANGED, decide)

    async def propose_safety(
        self, name: str, who: Vetter, word: str, answer: Answer, *, source: str
    ) -> Standing:
        """Ask for another safety answer. Until a second person decides, a safe answer counts as unknown.

        Raises RefusedError: as `__call__` does.
        """
        self._check_may(name, who)
        told = reasonable(source, "change.source")
        if word not in safety_words(self._release().taxonomy):
            raise RefusedError("change.field", "There is no such safety word.")

        def decide(scene: Scene) -> Event:
            if written(scene.file, safety_field(word)) == answer == scene.service.safety.of(word):
                raise RefusedError("change.same", "It says that already.")
            return scene.event("safety_proposed", field=safety_field(word), value=answer, source=told)

        return await self._act(name, who, AuditEvent.SERVICE_CHANGED, decide)

    async def accept_safety(self, name: str, who: Vetter, of: int) -> Standing:
        """Agree with a safety answer that another person asked for at position `of`.

        Raises RefusedError: `vetting.own`, `vetting.same`, `change.gone`, and those of `ActOnService`.
        """
        check_not_own(name, who)

        def decide(scene: Scene) -> Event:
            asked = _asked(scene, of)
            mine = scene.event("safety_accepted", field=asked.field, value=asked.value, of=of)
            if not different_people(asked, mine):
                raise RefusedError("vetting.same", "You asked for it: another person has to agree.")
            return mine

        return await self._act(name, who, AuditEvent.SERVICE_CHANGED, decide)

    async def reject_safety(self, name: str, who: Vetter, of: int, *, reason: str) -> Standing:
        """Leave a safety answer as it was.

        Raises RefusedError: `vetting.own`, `change.reason`, `change.gone`, and those of `ActOnService`.
        """
        check_not_own(name, who)
        words = reasonable(reason, "change.reason")

        def decide(scene: Scene) -> Event:
            asked = _asked(scene, of)
            return scene.event("safety_rejected", field=asked.field, value=asked.value, words=words, of=of)

        return await self._act(name, who, AuditEvent.SERVICE_CHANGED, decide)

    def may(self, name: str, who: Vetter) -> bool:
        """Whether they may change it: a member's services its own people, everybody else's any editor."""
        owner = name.partition("/")[0]
        members = {member.organisation for member in self._release().network.members}
        return not who.organisation or owner not in members or owner == who.organisation

    def _check_may(self, name: str, who: Vetter) -> None:
        if not self.may(name, who):
            raise RefusedError("change.foreign", "This organisation changes its services itself.")


def _asked(scene: Scene, of: int) -> Event:
    for event in scene.standing.waiting:
        if event.position == of and event.field.startswith(SAFETY):
            return event
    raise RefusedError("change.gone", "This was decided meanwhile, or asked for anew.")
