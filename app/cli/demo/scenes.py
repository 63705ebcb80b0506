"""What people did on the last open day, each by the service that a neighbour would have used: kits put together and lent,
a van on its way, repairs at every step, an object kept aside for whose turn it is."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from app.accounts.models import Resident
from app.cli.demo.ledger import DAY
from app.cli.demo.objects import Inventory, Thing
from app.cli.demo.people import COORDINATOR, RESIDENT, RESIDENT2, RESIDENT3, VOLUNTEER, HubHere, moment
from app.items.kits import services as kits
from app.items.models import Item
from app.lending import services as lending
from app.lending.models import RepairTicket
from app.lending.repairs import services as repairs
from app.lending.services import passing
from app.lending.transfers import services as transfers
from app.lending.waiting import services as waiting

KITS = {
    "Soirée raclette": (
        "De quoi recevoir douze personnes : l’appareil, la lumière et un jeu pour après.",
        "C4",
        ("Appareil à raclette 12 personnes", "Guirlande lumineuse 20 m", "Jeu d’ambiance pour douze"),
    ),
    "Week-end sous la tente": (
        "Pour partir à deux sans rien acheter : dormir, cuisiner, et c’est tout.",
        "C1",
        ("Tente 2 places légère", "Matelas gonflables et pompe", "Réchaud à gaz et popote"),
    ),
}
"""By title: what it is, its shelf, and the objects that it is made of."""
TO_LOAD, ON_ITS_WAY, ASKED_FOR = (
    "Barnum 3 × 3 m",
    "Tables pliantes (lot de 4)",
    "Rampe d’accès portable 1,5 m",
)
ON_THE_BENCH, MENDED, GIVEN_UP = "Lampe de luminothérapie", "Table à repasser large", "Lave-vitres et perche"
KEPT_ASIDE = "Jeux en bois géants (lot)"


class Scenes:
    """`props()` before the rows are written, `play()` once they are."""

    def __init__(
        self, *, inventory: Inventory, session: Session, hub: HubHere, far: HubHere, today: date
    ) -> None:
        self.inventory = inventory
        self.session = session
        self.hub = hub
        self.far = far
        self.today = today
        self.things: dict[str, Thing] = {}

    def props(self) -> Iterator[tuple[Thing, date]]:
        """The objects, each with the day before which chance may add to its past; none of them is held today."""
        shelves = {TO_LOAD: "D3", ON_THE_BENCH: "B2", MENDED: "A2", GIVEN_UP: "A2", KEPT_ASIDE: "C3"}
        for title, (description, shelf, objects) in KITS.items():
            self.things[title] = self.inventory.kit(
                self.hub, title, like=objects[0], description=description, shelf=shelf
            )
            yield self.things[title], self._last_open(self.hub) - DAY
            shelves |= dict.fromkeys(objects, shelf)
        for title, shelf in shelves.items():
            yield self._prop(self.hub, title, shelf)
        for title in (ON_ITS_WAY, ASKED_FOR):
            yield self._prop(self.far, title, self.far.shelves[0])

    def _prop(self, hub: HubHere, title: str, shelf: str) -> tuple[Thing, date]:
        self.things[title] = self.inventory.at_hub(hub, title, shelf=shelf)
        return self.things[title], self._last_open(hub) - DAY

    def play(self) -> None:
        """All of it, in the order of that day. The scheduler tells who is to be told."""
        self._kits()
        self._van()
        self._bench()
        now = self._at(9)
        for resident_id in (RESIDENT, RESIDENT2):
            waiting.join(item_id=self._id(KEPT_ASIDE), actor_id=resident_id, now=now)
        self.session.flush()

    def _kits(self) -> None:
        for title, (_, _, objects) in KITS.items():
            for one in objects:
                kits.put_in(
                    kit_id=self._id(title), object_id=self._id(one), actor_id=COORDINATOR, now=self._at(1)
                )
        party, camping = KITS
        first = self.hub.days.next_open(self.today + timedelta(days=4))
        due = self.hub.days.next_open(first + timedelta(days=2))
        lending.reserve(
            item_id=self._id(party), actor_id=RESIDENT3, first_day=first, due=due, now=self._at(2)
        )
        kit = self.session.get_one(Item, self._id(camping))
        borrower = self.session.get_one(Resident, self._somebody())
        lending.check_out(
            item_code=kit.code,
            member_code=borrower.code,
            hub_id=self.hub.id,
            actor_id=VOLUNTEER,
            parts=[part.name for part in kit.parts],
            acknowledged=True,
            now=self._at(3),
        )

    def _van(self) -> None:
        """One object waits to be loaded, one is on its way here, one is asked for elsewhere."""
        transfers.request(
            item_id=self._id(TO_LOAD),
            to_hub_id=self.far.id,
            actor_id=COORDINATOR,
            note="Pour leur fête de samedi.",
            now=self._at(4),
        )
        coming = transfers.request(
            item_id=self._id(ON_ITS_WAY), to_hub_id=self.hub.id, actor_id=COORDINATOR, now=self._at(4)
        )
        now = self._at(4, at=self.far)
        transfers.send(transfer_id=coming.id, actor_id=self.far.staff[0], now=now)
        transfers.push(now=moment(self.today, 3), after_id=coming.id - 1, limit=1)
        transfers.request(
            item_id=self._id(ASKED_FOR),
            to_hub_id=self.hub.id,
            actor_id=COORDINATOR,
            note="L’entrée du jardin a deux marches.",
            now=self._at(5),
        )

    def _bench(self) -> None:
        """One on the bench, one back on its shelf, one that nobody could save."""
        ticket = self._broken(ON_THE_BENCH, "Elle s’allume, puis s’éteint au bout d’une minute.")
        repairs.write_down(
            ticket_id=ticket.id,
            actor_id=VOLUNTEER,
            state="repairing",
            note="Ouverte : le ventilateur est plein de poussière. Nettoyé, à essayer une heure.",
            minutes=25,
            now=self._at(6),
        )
        passing.push_repairs(now=moment(self.today, 3), after_id=ticket.id - 1, limit=1)
        ticket = self._broken(MENDED, "Un pied ne tient plus.")
        for state, note, cents, minutes in (
            ("parts", "Une vis de 6 à trouver, la quincaillerie en a.", 190, 5),
            ("back", "Vis changée, les quatre pieds resserrés.", 0, 15),
        ):
            repairs.write_down(
                ticket_id=ticket.id,
                actor_id=VOLUNTEER,
                state=state,
                note=note,
                cents=cents,
                minutes=minutes,
                paid_by="le lieu",
                now=self._at(7),
            )
        ticket = self._broken(GIVEN_UP, "La perche est fendue sur toute sa longueur.")
        repairs.write_down(
            ticket_id=ticket.id,
            actor_id=COORDINATOR,
            state="retired",
            note="Ne se répare pas sans danger. Les raclettes restent à l’atelier.",
            now=self._at(8),
        )

    def _broken(self, title: str, note: str) -> RepairTicket:
        return repairs.found_broken(
            item_id=self._id(title), condition="damaged", note=note, actor_id=VOLUNTEER, now=self._at(5)
        )

    def _somebody(self) -> int:
        """A member who was there long ago and holds nothing."""
        idle = (one for one in self.hub.members if not one.live and one.id not in self.hub.staff)
        return min(idle, key=lambda one: (one.joined, one.id)).id

    def _id(self, title: str) -> int:
        return self.things[title].id

    def _last_open(self, hub: HubHere) -> date:
        return hub.days.last_open(self.today - DAY)

    def _at(self, turn: int, *, at: HubHere | None = None) -> datetime:
        """The moment of the scene with this number."""
        hub = at or self.hub
        return hub.days.at(self._last_open(hub), 10 * turn)
