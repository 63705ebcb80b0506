"""The kernel kills workers in the middle of it all. What was answered is there, once; nothing is in two hands."""

import itertools
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core import clock, outbox
from app.core.db import db
from app.core.idempotency import IdempotencyKey
from app.core.outbox import Delivery, StoredEvent
from app.items.models import Item, ItemClaim
from app.lending.models import Loan, LoanEvent
from app.notifications.models import Notification
from tests import factories
from tests.concurrency.crowd import Answer, Dropped, ask, at_once, post
from tests.faults.points import POINTS
from tests.harness.sizes import sized
from tests.harness.web import WebServer

ACTS = sized(1000)
CLIENTS = 8
ACTS_BETWEEN_KILLS = max(8, ACTS // 40)
PATIENCE_S = 300

Servers = Callable[..., WebServer]


@dataclass(frozen=True)
class Coded:
    """An object or a member, as a scanner knows them."""

    id: int
    code: str


def _coded(*rows: Any) -> list[Coded]:
    return [Coded(row.id, row.code) for row in rows]


@dataclass(frozen=True)
class Hold:
    """What one client knows of one loan: between these moments (monotonic) the object was surely in this hand."""

    item_id: int
    member_id: int
    loan_id: int
    since: float
    until: float


class Desk:
    """A volunteer's program that scans out and in, and scans again when the line broke."""

    def __init__(self, server: WebServer, headers: dict[str, str], hub_id: int, *, keyed: bool) -> None:
        self.server, self.headers, self.hub_id, self.keyed = server, headers, str(hub_id), keyed
        self.keys = itertools.count(1)
        self.dropped = 0
        self.patient_until = time.monotonic() + PATIENCE_S
        self.answers: list[Answer] = []
        self.held: list[Hold] = []

    def work(self, items: list[Coded], members: list[Coded], *, acts: int, chance: random.Random) -> None:
        """Lend and take back until so many acts were answered with yes."""
        while len(self.held) * 2 < acts:
            item, member = chance.choice(items), chance.choice(members)
            out = self._scan("check-out", {"item_code": item.code, "member_code": member.code})
            if out.status == 409:
                assert out.code in ("already_out", "claimed"), out
                assert self.keyed, f"nobody else lends this object: {out}"
                continue
            since = time.monotonic()
            assert out.status in (200, 201), out
            until = time.monotonic()
            back = self._scan("check-in", {"item_code": item.code})
            assert back.status == 200, back
            assert back.body["loan"]["id"] == out.body["id"]
            self.held.append(Hold(item.id, member.id, int(out.body["id"]), since, until))

    def _scan(self, what: str, body: dict[str, str]) -> Answer:
        headers = dict(self.headers)
        if self.keyed:
            headers["Idempotency-Key"] = f"scan-{next(self.keys)}"
        tries = -1
        while time.monotonic() < self.patient_until:
            tries += 1
            try:
                answer = ask(
                    self.server, post(f"/counter/{what}", {**body, "hub": self.hub_id}, headers=headers)
                )
            except Dropped:
                self.dropped += 1
                time.sleep(0.02 * min(tries + 1, 10))
                continue
            self.answers.append(answer)
            if tries == 0 and not self.keyed:
                assert not answer.body.get("repeated"), f"the first scan was taken for a second: {answer}"
            return answer
        raise AssertionError("the server never came back")


def test_sigkill_during_check_outs_and_check_ins(app: Flask, gunicorn_server: Servers) -> None:
    hub = factories.hub(policy={"max_loans": 100})
    shared = _coded(*(factories.item(hub=hub) for _ in range(3)))
    server = gunicorn_server(workers=4)
    counters = []
    works = []
    for number in range(CLIENTS):
        keyed = number % 2 == 0
        headers = factories.bearer(factories.volunteer(hub))
        counter = Desk(server, headers, hub.id, keyed=keyed)
        counters.append(counter)
        items = shared if keyed else _coded(*(factories.item(hub=hub) for _ in range(3)))
        members = _coded(*(factories.verified_member(hub) for _ in range(3)))
        chance = random.Random(number)
        works.append(
            lambda counter=counter, items=items, members=members, chance=chance: counter.work(
                items, members, acts=-(-ACTS // CLIENTS), chance=chance
            )
        )
    db.session.rollback()

    kills = _killing_meanwhile(server, counters, lambda: at_once(works))

    held = [hold for counter in counters for hold in counter.held]
    dropped = sum(counter.dropped for counter in counters)
    print(f"{len(held) * 2} acts, {kills} workers killed, {dropped} answers lost on the way")
    assert kills >= 3
    assert [str(a) for counter in counters for a in counter.answers if a.status >= 500] == []
    _every_yes_is_there_once(held)
    _never_in_two_hands(held)
    _claims_are_free(app)
    _each_event_is_handled_once(len(held))
    keyed_yes = sum(len(counter.held) * 2 for counter in counters if counter.keyed)
    assert db.session.scalar(select(func.count()).select_from(IdempotencyKey)) == keyed_yes


def _killing_meanwhile(server: WebServer, desks: list[Desk], work: Callable[[], object]) -> int:
    """Kill a worker each time some more acts were answered, until the work is done; how many."""
    over = threading.Event()
    killed: list[int] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 -- raised again below
            errors.append(error)
        finally:
            over.set()

    clients = threading.Thread(target=run)
    clients.start()
    while not over.wait(0.005):
        if sum(len(desk.answers) for desk in desks) < (len(killed) + 1) * ACTS_BETWEEN_KILLS:
            continue
        pid = server.kill_a_worker()
        if pid is not None:
            killed.append(pid)
    clients.join()
    if errors:
        raise errors[0]
    return len(killed)


def _every_yes_is_there_once(held: list[Hold]) -> None:
    db.session.rollback()
    loans = {
        loan_id: (item_id, borrower_id, status)
        for loan_id, item_id, borrower_id, status in db.session.execute(
            select(Loan.id, Loan.item_id, Loan.borrower_id, Loan.status)
        )
    }
    assert len({hold.loan_id for hold in held}) == len(held), "two yeses for one loan"
    assert {hold.loan_id: (hold.item_id, hold.member_id, "returned") for hold in held} == loans
    acts = Counter(db.session.execute(select(LoanEvent.loan_id, LoanEvent.status)))
    for hold in held:
        assert acts[hold.loan_id, "checked_out"] == 1
        assert acts[hold.loan_id, "returned"] == 1


def _never_in_two_hands(held: list[Hold]) -> None:
    """By what the clients saw, and by the history that the house wrote."""
    by_item: dict[int, list[Hold]] = defaultdict(list)
    for hold in held:
        by_item[hold.item_id].append(hold)
    for holds in by_item.values():
        holds.sort(key=lambda hold: hold.since)
        for one, next_one in itertools.pairwise(holds):
            assert one.until <= next_one.since, f"in two hands: {one} {next_one}"
    history: dict[int, list[tuple[str, int]]] = defaultdict(list)
    lines = (
        select(Loan.item_id, LoanEvent.status, LoanEvent.loan_id).join(LoanEvent.loan).order_by(LoanEvent.id)
    )
    for item_id, status, loan_id in db.session.execute(lines):
        if status in ("checked_out", "returned"):
            history[item_id].append((status, loan_id))
    for steps in history.values():
        for out, back in zip(steps[::2], steps[1::2], strict=True):
            assert (out[0], back[0]) == ("checked_out", "returned")
            assert out[1] == back[1]


def _claims_are_free(app: Flask) -> None:
    assert db.session.scalar(select(func.count()).where(ItemClaim.live)) == 0
    assert db.session.scalar(select(func.count()).where(Item.status != "active")) == 0


def _each_event_is_handled_once(loans: int) -> None:
    """What the killed workers did not tell, the scheduler's delivery tells; a second run tells nothing again."""
    kinds = Counter(db.session.scalars(select(StoredEvent.kind)))
    assert kinds["LoanCheckedOut"] == loans
    assert kinds["LoanReturned"] == loans
    left = outbox.due(now=clock.now() + timedelta(days=1), limit=100_000)
    print(f"{len(left)} of {kinds.total()} events were left to the scheduler")
    assert outbox.deliver(left, now=clock.now()) == len(left)
    told = _notifications()
    assert outbox.due(now=clock.now() + timedelta(days=1), limit=1) == []
    everything = list(db.session.scalars(select(StoredEvent.id)))
    db.session.rollback()
    outbox.deliver(everything, now=clock.now())
    assert _notifications() == told
    _handlers_all_told()
    assert told == {"lending.checked_out": loans, "lending.returned": loans}


def _notifications() -> Counter[str]:
    db.session.rollback()
    return Counter(db.session.scalars(select(Notification.kind)))


def _handlers_all_told() -> None:
    handlers = {kind.__name__: len(told) for kind, told in outbox._handlers().items()}
    told = dict(db.session.execute(select(Delivery.event_id, func.count()).group_by(Delivery.event_id)).all())
    for event_id, kind, delivered_at in db.session.execute(
        select(StoredEvent.id, StoredEvent.kind, StoredEvent.delivered_at)
    ):
        assert delivered_at is not None
        assert told.get(event_id, 0) == handlers.get(kind, 0), kind


def test_killed_at_named_points(app: Flask, gunicorn_server: Servers) -> None:
    """Out and in, each killed once at each point and scanned again: both are done, and told, once."""
    hub = factories.hub(policy={"max_loans": 100})
    anna = factories.verified_member(hub).code
    headers = factories.bearer(factories.volunteer(hub))
    things = _coded(*(factories.item(hub=hub) for _ in POINTS))
    place = str(hub.id)
    server = gunicorn_server(workers=2, options=("tests.faults.dying:app",))
    for point, thing in zip(POINTS, things, strict=True):
        done_before_it_died = point != "before the commit"
        for what, body in (
            ("check-out", {"item_code": thing.code, "member_code": anna, "hub": place}),
            ("check-in", {"item_code": thing.code, "hub": place}),
        ):
            with pytest.raises(Dropped):
                ask(server, post(f"/counter/{what}", body, headers={**headers, "X-Die-At": point}))
            again = ask(server, post(f"/counter/{what}", body, headers=headers))
            assert again.status == (201 if what == "check-out" and not done_before_it_died else 200), again
            assert bool(again.body.get("repeated")) == done_before_it_died, (point, str(again))
    db.session.rollback()
    lines = select(Loan.item_id, LoanEvent.status).join(LoanEvent.loan).order_by(LoanEvent.id)
    history: dict[int, list[str]] = defaultdict(list)
    for item_id, status in db.session.execute(lines):
        if status != "reserved":
            history[item_id].append(status)
    assert history == {thing.id: ["checked_out", "returned"] for thing in things}
    _claims_are_free(app)
    _each_event_is_handled_once(len(things))
