"""The proof of the counter without a network: everything is applied once and in order, whatever dies meanwhile."""

from collections.abc import Callable

from playwright.sync_api import expect
from sqlalchemy import select

from app.accounts.models import Resident
from app.core.db import db
from app.items.models import Item
from app.lending.models import Loan, LoanEvent
from tests import factories
from tests.browser.tablets import Device, House, done_since, to_settle
from tests.harness.sizes import FULL
from tests.harness.wire import Fate

ACTS = 40 if FULL else 12


class Morning:
    """Scans of all kinds at two tablets in turn, and what the house should write down of them."""

    def __init__(self, house: House, first: Device, second: Device) -> None:
        self.house, self.tablets = house, (first, second)
        self.items = [factories.item(f"Objet {n}", hub=house.hub) for n in range(ACTS)]
        self.back = range(2, ACTS, 3)  # these are out, and come back
        for number in self.back:
            house.out(self.items[number], self.member(number))
        self.line = max(db.session.scalars(select(LoanEvent.id)), default=0)
        self.wanted: tuple[list[tuple[str, int]], list[tuple[str, int]]] = ([], [])

    def member(self, number: int) -> Resident:
        return self.house.members[number % len(self.house.members)]

    def acts(self, numbers: range) -> None:
        for number in numbers:
            tablet, item = self.tablets[number % 2], self.items[number]
            if number in self.back:
                tablet.take_back(item)
            else:
                tablet.lend(self.member(number), item)
            self.wanted[number % 2].append(("returned" if number in self.back else "checked_out", item.id))

    def check(self, seen_twice: Item) -> None:
        done = done_since(self.line)
        assert sorted(done) == sorted([*self.wanted[0], *self.wanted[1]]), "each act once"
        for wanted in self.wanted:
            mine = [one for one in wanted if one[1] != seen_twice.id]
            assert [one for one in done if one in mine] == mine, "in the order of the scans"
        order = {item.id: n for n, item in enumerate(self.items)}
        lent = db.session.scalars(select(Loan).where(Loan.item_id.in_(order), Loan.walk_in)).all()
        moments = [loan.checked_out_at for loan in sorted(lent, key=lambda loan: order[loan.item_id])]
        assert moments == sorted(moments, key=str), "each at its own moment"


def dying(house: House) -> Callable[[], Fate]:
    """The server dies twice while scans are sent; before the second time it has done one that it never answers."""
    seen = 0

    def fate() -> Fate:
        nonlocal seen
        seen += 1
        if seen in (ACTS // 4, ACTS // 2 + 1):
            house.kill()
            return "lost"
        return "unanswered" if seen == ACTS // 2 else "through"

    return fate


def test_a_morning_without_network(house: House, device: Callable[..., Device]) -> None:
    """Two tablets, a browser that is killed, a server that is killed twice while they send, three conflicts."""
    first, second = device(), device()
    morning = Morning(house, first, second)
    first.open()
    second.open()
    house.wire.cut()
    # Meanwhile, at the other end of the wire: what the devices cannot know.
    factories.membership(house.hub, banned := factories.resident("Sami T."), status="suspended")
    taken, wished, gone = (factories.item(f"Surprise {n}", hub=house.hub) for n in range(3))
    house.out(taken, house.members[4])
    morning.acts(range(ACTS // 2))
    first.lend(house.members[0], taken)
    second.lend(banned, wished)
    first.kill()
    first.page.goto("/counter")
    expect(first.page).to_have_title("Comptoir sans réseau – MoviLab")
    expect(first.banner).to_contain_text("Pas de réseau : continuez.")
    expect(first.page.locator(".plate")).to_have_text("Comptoir · Maison des Tilleuls")
    expect(first.page.locator("#rest .today li")).to_have_count(len(morning.wanted[0]) + 1)
    morning.acts(range(ACTS // 2, ACTS))
    first.take_back(gone)
    both = morning.items[morning.back[0]]
    for tablet in (first, second):
        tablet.take_back(both)  # one gesture, seen by both

    house.wire.watch("POST /api/v1/counter/check", dying(house))
    house.wire.mend()
    for tablet in (first, second):
        tablet.page.evaluate("dispatchEvent(new Event('online'))")
    for _ in range(2):
        house.server.process.wait(timeout=120)
        house.come_back()
    first.sent()
    second.sent()
    morning.check(both)
    planted = [(taken.code, "already_out"), (wished.code, "blocked"), (gone.code, "not_out")]
    assert sorted(to_settle()) == sorted(planted)
    first.page.goto(f"/counter/to-settle?hub={house.hub.slug}")
    expect(first.page.get_by_role("button", name="Essayer encore")).to_have_count(3)
