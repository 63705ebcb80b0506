"""What the demo log-ins find on their pages: a few objects with a story of their own, around Maison des Tilleuls."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from app.cli.demo.ledger import DAY, Ledger
from app.cli.demo.objects import Inventory, Thing
from app.cli.demo.people import (
    COORDINATOR,
    LOG_INS,
    RESIDENT,
    RESIDENT2,
    RESIDENT3,
    HubHere,
    Neighbour,
    home_of_log_in,
    moment,
)

FREE_ON_THE_SHELVES = (
    ("Escabeau 3 marches pliant", "A2"), ("Tondeuse électrique", "A1"), ("Poussette de voyage", "D2"),
    ("Ukulélé soprano", "C3"), ("Luge deux places", "D3"), ("Caisse à outils complète", "B1"),
    ("Robot pâtissier", "C2"), ("Sorbetière", "C2"),
)  # fmt: skip
"""Objects of the hub that nobody holds today."""


class Stage:
    """Sets the scene object by object; each comes with the day before which chance may add to its past."""

    def __init__(
        self, *, inventory: Inventory, ledger: Ledger, rng: Random, hub: HubHere, today: date
    ) -> None:
        self.inventory = inventory
        self.ledger = ledger
        self.rng = rng
        self.hub = hub
        self.today = today
        self.long_ago = today - timedelta(days=45)

    def set(self) -> Iterator[tuple[Thing, date]]:
        """All of it: the counter's day, what the residents hold, what they lend."""
        self._inductions()
        yield from self._of_the_residents()
        yield from self._at_the_counter()
        yield from self._of_neighbours()
        for title, shelf in FREE_ON_THE_SHELVES:
            yield self.inventory.at_hub(self.hub, title, shelf=shelf), self.today

    def _inductions(self) -> None:
        """The seven have been shown everything, so that no lesson stands between them and an object."""
        at = moment(self.today - timedelta(days=90), 16)
        for template in self.inventory.written.templates:
            if template.needs_induction:
                for number in range(1, len(LOG_INS) + 1):
                    self.ledger.grant(number, template.title, at, by=COORDINATOR)

    def _of_the_residents(self) -> Iterator[tuple[Thing, date]]:
        """In hand, reserved and once returned."""
        days, today = self.hub.days, self.today
        drill = self.inventory.at_hub(self.hub, "Perceuse-visseuse 18 V", shelf="B3")
        first = days.next_open(today + timedelta(days=24))
        self.ledger.reserved(
            drill, self._member(), first=first, due=days.next_open(first + timedelta(days=3))
        )
        yield drill, today
        tent = self.inventory.at_hub(self.hub, "Tente 4 places", shelf="C1")
        self._out(tent, RESIDENT, since=4, due=days.next_open(today + timedelta(days=3)))
        yield tent, self.long_ago
        projector = self.inventory.at_hub(self.hub, "Vidéoprojecteur", shelf="D1")
        first = days.next_open(today + timedelta(days=5))
        self.ledger.reserved(projector, RESIDENT, first=first, due=days.next_open(first + timedelta(days=2)))
        yield projector, today
        steps = self.inventory.at_hub(self.hub, "Escabeau 5 marches", shelf="A3")
        back = days.last_open(today - timedelta(days=20))
        first = days.last_open(back - timedelta(days=4))
        self.ledger.returned(steps, RESIDENT, first=first, due=back, back=back)
        yield steps, self.long_ago
        machine = self.inventory.at_hub(self.hub, "Machine à coudre", shelf="C3")
        self._out(machine, RESIDENT2, since=3, due=days.next_open(today + timedelta(days=6)))
        for turn, waiting in enumerate((RESIDENT3, RESIDENT), start=1):
            self.ledger.waits(machine, waiting, turn=turn)
        yield machine, self.long_ago

    def _at_the_counter(self) -> Iterator[tuple[Thing, date]]:
        """Expected, due back, late and broken."""
        days, today = self.hub.days, self.today
        camera = self.inventory.at_hub(self.hub, "Appareil photo hybride", shelf="B2")
        first = days.next_open(today)
        self.ledger.reserved(
            camera, self._member(), first=first, due=days.next_open(first + timedelta(days=2))
        )
        yield camera, today
        trolley = self.inventory.at_hub(self.hub, "Diable pliant, 90 kg", shelf="A1")
        self._out(trolley, self._member(), since=2, due=days.next_open(today))
        yield trolley, self.long_ago
        saw = self.inventory.at_hub(self.hub, "Scie sauteuse pendulaire", shelf="B1")
        self._out(saw, self._member(), since=3, due=days.next_open(today + DAY))
        yield saw, self.long_ago
        speaker = self.inventory.at_hub(self.hub, "Enceinte sur batterie", shelf="D3")
        self._out(speaker, self._member(late=True), since=6, due=days.last_open(today - DAY))
        yield speaker, self.long_ago
        broken = ("damaged", "L’écran reste noir, même branché.")
        meter = self.inventory.at_hub(self.hub, "Wattmètre de prise", shelf="B1", broken=broken)
        back = days.last_open(today - timedelta(days=2))
        self.ledger.in_repair(
            meter, self._member(), first=days.last_open(back - timedelta(days=3)), back=back
        )
        yield meter, self.long_ago

    def _of_neighbours(self) -> Iterator[tuple[Thing, date]]:
        """What the three residents lend: free, asked for, out, and left at the hub."""
        days, today = self.hub.days, self.today
        nadia, samir, ines = (self._log_in(number) for number in (RESIDENT, RESIDENT2, RESIDENT3))
        yield self.inventory.of_neighbour(nadia, self.hub, "Vélo enfant 20 pouces"), today
        case = self.inventory.of_neighbour(nadia, self.hub, "Grande valise 90 litres")
        first = today + timedelta(days=7)
        self.ledger.asked(case, RESIDENT3, first=first, due=first + timedelta(days=5))
        yield case, today
        steamer = self.inventory.of_neighbour(nadia, self.hub, "Couscoussier inox")
        borrower = self._member()
        self.ledger.in_hand(steamer, borrower, first=today - timedelta(days=2), due=today + timedelta(days=4))
        yield steamer, self.long_ago
        yield self.inventory.of_neighbour(samir, self.hub, "Scie égoïne et boîte à onglets"), today
        yield self.inventory.of_neighbour(samir, self.hub, "Kubb en bois"), today
        yield self.inventory.of_neighbour(ines, self.hub, "Multimètre numérique"), today
        books = self.inventory.of_neighbour(ines, self.hub, "Livres de jardinage (lot de 8)", left=True)
        first = days.next_open(today + timedelta(days=10))
        self.ledger.reserved(
            books, self._member(), first=first, due=days.next_open(first + timedelta(days=9))
        )
        yield books, today

    def _out(self, thing: Thing, borrower_id: int, *, since: int, due: date) -> None:
        first = self.hub.days.last_open(min(due, self.today) - timedelta(days=since))
        self.ledger.in_hand(thing, borrower_id, first=first, due=due)

    def _member(self, *, late: bool = False) -> int:
        """Somebody of the hub who holds nothing yet."""
        idle = [one for one in self.hub.members if not one.live and one.joined < self.long_ago]
        one = self.rng.choice(idle)
        one.live += 1
        one.late = late
        return one.id

    def _log_in(self, number: int) -> Neighbour:
        home = home_of_log_in(self.hub, number)
        return Neighbour(number, LOG_INS[number - 1][1], home.lat, home.lon, self.today - timedelta(days=400))
