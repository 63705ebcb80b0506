"""Sessions of the demo in every state: what the log-ins have to answer and to confirm, and enough of everybody else's for
statements with a history."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from app.cli.demo.chronicle import Chronicle
from app.cli.demo.ledger import DAY
from app.cli.demo.people import (
    LOG_INS,
    ORGANIZER,
    RESIDENT,
    RESIDENT2,
    RESIDENT3,
    VOLUNTEER,
    HubHere,
)
from app.cli.demo.skills import Posted, Skills, written
from app.skills.sessions import services as sessions
from app.skills.sessions.models import SkillSession
from app.skills.sessions.services import passing

PAST = 36
"""Sessions of everybody else that ended well."""
MOST_LEARNT = 2
"""So many of them somebody learnt in: within what a newcomer may owe."""


@dataclass
class Story:
    """A session from the asking on. `day` counts from today, `offset` is in minutes after the door opens; `id` once it
    was asked."""

    skill: Posted
    hub: HubHere
    asker_id: int
    day: int
    offset: int
    start: datetime
    minutes: int
    id: int = 0

    @property
    def giver_id(self) -> int:
        """Who teaches or helps."""
        return self.skill.resident_id if self.skill.kind == "offer" else self.asker_id

    @property
    def learner_id(self) -> int:
        """Who learns."""
        return self.asker_id if self.skill.kind == "offer" else self.skill.resident_id

    @property
    def ends(self) -> datetime:
        """When it is over."""
        return self.start + timedelta(minutes=self.minutes)


class Sessions:
    """Plans them into the chronicle."""

    def __init__(
        self, *, chronicle: Chronicle, skills: Skills, rng: Random, hubs: list[HubHere], today: date
    ) -> None:
        self.chronicle = chronicle
        self.skills = skills
        self.rng = rng
        self.hubs = hubs
        self.hub = hubs[0]
        self.today = today
        self._busy: set[tuple[int, date]] = set()
        self._learnt: dict[int, int] = {}

    def plan(self) -> None:
        """The stories of the log-ins, then those of everybody else."""
        self._of_log_ins()
        self._of_others()

    # -- the demo log-ins -------------------------------------------------------------------------------------

    def _of_log_ins(self) -> None:
        couscous = self.skills.of(RESIDENT, "Couscous du vendredi")
        french = self.skills.of(RESIDENT, "Conversation en français")
        brakes = self.skills.of(RESIDENT2, "Régler ses freins et ses vitesses")
        sewing = self.skills.of(RESIDENT3, "Premiers pas à la machine à coudre")
        blades = self.skills.of(VOLUNTEER, "Affûter ciseaux et rabots")
        start = self.skills.of(ORGANIZER, "Débuter sur un ordinateur")
        self._held(self._story(french, RESIDENT3, -40, 60))
        self._held(self._story(couscous, RESIDENT2, -31, 120))
        self._held(self._story(brakes, RESIDENT, -24, 90))
        self._held(self._story(sewing, VOLUNTEER, -17, 60))
        self._held(self._story(start, RESIDENT3, -12, 90), agrees=False)
        self._one_said(self._story(sewing, RESIDENT, -2, 90))
        self._one_said(self._story(french, ORGANIZER, -3, 60))
        self._accepted(self._story(blades, RESIDENT3, 4, 60))
        self._moving(self._story(brakes, RESIDENT3, 6, 60))
        self._accepted(self._story(start, RESIDENT, 9, 60))
        self._asked(self._story(couscous, RESIDENT3, 5, 120), others=2)
        self._asked(self._story(sewing, RESIDENT2, 7, 60), others=1)
        self._asked(self._story(brakes, ORGANIZER, 8, 60), others=1)
        self._disputed(self._story(couscous, VOLUNTEER, -6, 120))

    # -- everybody else ---------------------------------------------------------------------------------------

    def _of_others(self) -> None:
        ends = iter((
            self._declined, self._cancelled, self._cancelled_late, self._expired, self._lapsed, self._settled,
            self._dismissed, self._silent,
        ))  # fmt: skip
        asked = accepted = 0
        for at, skill in enumerate(self._free_skills()):
            story: Story | None
            if at < PAST:
                story = self._with_somebody(skill, -55 + at * 50 // PAST)
                if story:
                    self._held(story)
            elif (end := next(ends, None)) is not None:
                story = self._with_somebody(skill, -30)
                if story:
                    end(story)
            elif accepted < 6:
                story = self._with_somebody(skill, 2 + accepted * 3)
                accepted += 1
                if story:
                    self._accepted(story)
            elif asked < 5:
                story = self._with_somebody(skill, 4 + asked)
                asked += 1
                if story:
                    self._asked(story, others=asked % 3)

    def _free_skills(self) -> Iterable[Posted]:
        """Those of others at a hub that suit at any time, in an order of their own."""
        judges = {hub.coordinator for hub in self.hubs}
        free = [
            one
            for one in self.skills.posted
            if one.free
            and one.hub is not None
            and one.resident_id > len(LOG_INS)
            and one.resident_id not in judges
        ]
        self.rng.shuffle(free)
        return free

    def _with_somebody(self, skill: Posted, day: int) -> Story | None:
        """Asked by somebody of the same hub who can owe it; None where there is nobody."""
        hub = skill.hub or self.hub
        own = {one.resident_id for one in self.skills.posted if one.category == skill.category}
        candidates = [one.id for one in hub.members if one.id not in own and one.id != hub.coordinator]
        self.rng.shuffle(candidates)
        for asker_id in candidates:
            learner_id = asker_id if skill.kind == "offer" else skill.resident_id
            if self._learnt.get(learner_id, 0) < MOST_LEARNT:
                self._learnt[learner_id] = self._learnt.get(learner_id, 0) + 1
                return self._story(skill, asker_id, day, self.rng.choice((45, 60, 60, 90)))
        return None

    # -- how each went ----------------------------------------------------------------------------------------

    def _story(self, skill: Posted, asker_id: int, day: int, minutes: int) -> Story:
        """On a day when neither of the two has another one: the next such day, or, of what is past, the one before."""
        hub = skill.hub or self.hub
        at = self._free_day(hub, (asker_id, skill.resident_id), day)
        offset = 30 * self.rng.randrange(1, 4)
        start = hub.days.at(at, offset)
        return Story(skill, hub, asker_id, (at - self.today).days, offset, start, minutes)

    def _free_day(self, hub: HubHere, people: tuple[int, int], day: int) -> date:
        seek, step = (hub.days.next_open, DAY) if day > 0 else (hub.days.last_open, -DAY)
        at = seek(self.today + day * DAY)
        while any((one, at) in self._busy for one in people):
            at = seek(at + step)
        self._busy |= {(one, at) for one in people}
        return at

    def _another(self, story: Story) -> datetime:
        """The same time of another day, later than the one that was named first."""
        people = (story.asker_id, story.skill.resident_id)
        return story.hub.days.at(self._free_day(story.hub, people, story.day + 1), story.offset)

    def _asked(self, story: Story, *, others: int = 0) -> None:
        asked_at = self._evening(min(story.day - 6, -1))
        starts = [story.start, *(self._another(story) for _other in range(others))]
        message = self.rng.choice(written()["asking"])

        def act(now: datetime) -> None:
            story.id = sessions.ask(
                skill_id=story.skill.id,
                actor_id=story.asker_id,
                starts=starts,
                minutes=story.minutes,
                place="hub",
                message=message,
                now=now,
            ).id

        self.chronicle.on(asked_at, act)

    def _accepted(self, story: Story) -> None:
        self._asked(story)
        self._next(story, self._evening(min(story.day - 6, -1), later=40), "accept", story.skill.resident_id)

    def _moving(self, story: Story) -> None:
        """Agreed, and now the one who teaches would rather have another day."""
        self._accepted(story)
        others = [self._another(story)]
        self._next(story, self._evening(-1, later=80), "propose", story.giver_id, starts=others)

    def _held(self, story: Story, *, agrees: bool = True) -> None:
        """Both said the same; where the other one only said that it is right, it was so long all the same."""
        self._accepted(story)
        at = story.ends + timedelta(minutes=20)
        self._next(story, at, "confirm", story.giver_id, minutes=story.minutes)
        later = at + timedelta(hours=3)
        if agrees:
            self._next(story, later, "confirm", story.learner_id, minutes=story.minutes)
        else:
            self._next(story, later, "agree", story.learner_id)

    def _one_said(self, story: Story) -> None:
        self._accepted(story)
        self._next(
            story, story.ends + timedelta(minutes=20), "confirm", story.giver_id, minutes=story.minutes
        )

    def _silent(self, story: Story) -> None:
        self._one_said(story)
        self._pass(story, story.ends + timedelta(days=8))

    def _lapsed(self, story: Story) -> None:
        self._accepted(story)
        self._pass(story, story.ends + timedelta(days=15))

    def _expired(self, story: Story) -> None:
        self._asked(story)
        self._pass(story, story.ends + timedelta(days=2))

    def _declined(self, story: Story) -> None:
        self._asked(story)
        at = self._evening(story.day - 5, later=60)
        self._next(story, at, "decline", story.skill.resident_id, why=self._why())

    def _cancelled(self, story: Story) -> None:
        self._accepted(story)
        at = story.start - timedelta(days=3)
        self._next(story, at, "cancel", story.asker_id, why=self._why())

    def _cancelled_late(self, story: Story) -> None:
        self._accepted(story)
        at = story.start - timedelta(hours=4)
        self._next(story, at, "cancel", story.skill.resident_id, why=self._why())

    def _disputed(self, story: Story) -> None:
        """One says two hours, the other one: nothing has moved yet."""
        self._one_said(story)
        at = story.ends + timedelta(hours=5)
        why = "Nous avons commencé une heure plus tard que prévu."
        self._next(story, at, "dispute", story.learner_id, minutes=story.minutes // 2, why=why)

    def _settled(self, story: Story) -> None:
        self._disputed(story)
        self._settle(
            story, story.minutes // 2, "Entendus tous les deux : une demi-séance, et l’on recommence."
        )

    def _dismissed(self, story: Story) -> None:
        self._disputed(story)
        self._settle(story, None, "La séance n’a pas eu lieu, le lieu était fermé.")

    def _settle(self, story: Story, minutes: int | None, note: str) -> None:
        at, judge = story.ends + timedelta(days=4), story.hub.coordinator
        self._next(story, at, "settle", judge, minutes=minutes, note=note)

    # -- acts -------------------------------------------------------------------------------------------------

    def _next(self, story: Story, at: datetime, what: str, actor_id: int, **said: object) -> None:
        act: Callable[..., SkillSession] = getattr(sessions, what)
        self.chronicle.on(at, lambda now: act(session_id=story.id, actor_id=actor_id, now=now, **said))

    def _pass(self, story: Story, at: datetime) -> None:
        self.chronicle.on(at, lambda now: passing.close(story.id, now=now))

    def _evening(self, day: int, *, later: int = 0) -> datetime:
        at = self.hub.days.last_open(self.today + timedelta(days=day))
        return self.hub.days.at(at, 30 + later + self.rng.randrange(5))

    def _why(self) -> str:
        return str(self.rng.choice(written()["reasons"]))
