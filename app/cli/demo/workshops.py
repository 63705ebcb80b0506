"""Workshops of the demo: series that go on, a full one with a line, past ones with who came, one called off."""

from datetime import date, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Resident
from app.cli.demo.chronicle import Chronicle
from app.cli.demo.ledger import DAY
from app.cli.demo.people import RESIDENT, RESIDENT2, RESIDENT3, VOLUNTEER, HubHere
from app.cli.demo.skills import written
from app.skills.workshops import services as workshops
from app.skills.workshops.models import Workshop

MADE_BEFORE = 21
"""So many days before the first date it was announced."""
GO_THERE = {
    "Premiers pas à la machine à coudre": (RESIDENT,),
    "Pain au levain": (RESIDENT3,),
    "Conversation en français": (RESIDENT2,),
    "Café réparation": (RESIDENT, RESIDENT3),
}
"""Which demo log-ins come to the next date."""
WAITS_FOR = {"Pain au levain": RESIDENT2}


class Workshops:
    """Plans them into the chronicle."""

    def __init__(
        self, *, chronicle: Chronicle, session: Session, rng: Random, hubs: list[HubHere], today: date
    ) -> None:
        self.chronicle = chronicle
        self.session = session
        self.rng = rng
        self.hubs = hubs
        self.today = today

    def plan(self) -> None:
        """All twenty."""
        for plan in written()["workshops"]:
            hub = self.hubs[plan["hub"]]
            first = hub.days.next_open(self.today + (plan["in_days"] - plan.get("since", 0)) * DAY)
            announced = hub.days.last_open(min(first, self.today) - MADE_BEFORE * DAY)
            self.chronicle.on(hub.days.at(announced, 15), partial(self._announce, hub, plan, first))

    def _announce(self, hub: HubHere, plan: dict[str, Any], first: date, now: datetime) -> None:
        """Made by whoever looks after the hub, held by one of its people; who comes registers from then on."""
        holder = VOLUNTEER if hub.id == 1 else hub.staff[1]
        hour, minute = map(int, plan["at"].split(":"))
        made = workshops.create(
            hub_id=hub.id,
            actor_id=hub.coordinator,
            rule=plan.get("rule"),
            title=plan["title"],
            text=plan["text"],
            learn=plan["learn"],
            bring=plan["bring"],
            room="",
            capacity=plan["capacity"],
            newcomer_places=plan["newcomers"],
            start=datetime(first.year, first.month, first.day, hour, minute),  # noqa: DTZ001 -- a wall clock
            minutes=plan["minutes"],
            facilitator_id=holder,
            facilitator_minutes=plan["paid"],
            induction=plan.get("induction"),
            now=now,
        )
        dates = self.session.execute(
            select(Workshop.id, Workshop.starts_at)
            .where(Workshop.series_id == made.series_id)
            .order_by(Workshop.starts_at)
        ).all()
        held = [one for one in dates if one.starts_at.date() < self.today]
        coming = next((one for one in dates if one.starts_at.date() > self.today), None)
        for workshop_id, starts_at in held:
            self._fill(hub, plan, workshop_id, after=now, before=starts_at, held=True)
        if coming is not None:
            self._fill(hub, plan, coming.id, after=now, before=coming.starts_at, held=False)
            if "cancelled" in plan:
                called_off = self._day(hub, -2) + timedelta(
                    hours=3
                )  # it may be the day on which people registered
                self.chronicle.on(called_off, partial(self._cancel, hub, coming.id, plan["cancelled"]))

    def _fill(
        self,
        hub: HubHere,
        plan: dict[str, Any],
        workshop_id: int,
        *,
        after: datetime,
        before: datetime,
        held: bool,
    ) -> None:
        people = [one.id for one in hub.members if one.id not in hub.staff]
        people = self.rng.sample(people, min(len(people), plan["come"] + plan.get("waiting", 0)))
        if not held:
            first = GO_THERE.get(plan["title"], ())
            room = plan["capacity"] - plan["newcomers"] - len(first)
            people = [*first, *people[: max(room, 0) if "waiting" not in plan else None]]
            if plan["title"] in WAITS_FOR:
                people.append(WAITS_FOR[plan["title"]])
        for turn, resident_id in enumerate(people):
            at = max(after, before - 6 * DAY) + timedelta(minutes=10 * (1 + turn))
            if not held:
                at = min(at, self._day(hub, -4 if "cancelled" in plan else -1) + timedelta(minutes=5 * turn))
            self.chronicle.on(at, partial(self._register, workshop_id, resident_id))
        if held:
            came = people if len(people) < 3 else people[:-1]
            for turn, resident_id in enumerate(came):
                door = before + timedelta(minutes=turn)
                self.chronicle.on(door, partial(self._scan, hub, workshop_id, resident_id))

    def _register(self, workshop_id: int, resident_id: int, now: datetime) -> None:
        workshops.register(workshop_id=workshop_id, actor_id=resident_id, now=now)

    def _scan(self, hub: HubHere, workshop_id: int, resident_id: int, now: datetime) -> None:
        """Whoever is on the list and comes; who only waited stays at home."""
        card = self.session.get_one(Resident, resident_id).code
        workshops.attend(workshop_id=workshop_id, member_code=card, actor_id=hub.coordinator, now=now)

    def _cancel(self, hub: HubHere, workshop_id: int, why: str, now: datetime) -> None:
        workshops.cancel(workshop_id=workshop_id, actor_id=hub.coordinator, why=why, now=now)

    def _day(self, hub: HubHere, day: int) -> datetime:
        return hub.days.at(hub.days.last_open(self.today + day * DAY), 60)
