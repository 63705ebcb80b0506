"""Loads the whole territory into an empty database, in one transaction: all of it or nothing."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from itertools import chain
from random import Random

from argon2 import PasswordHasher
from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Resident
from app.cli.demo.chronicle import Chronicle
from app.cli.demo.hours import Hours
from app.cli.demo.ledger import Ledger
from app.cli.demo.loans import Chance
from app.cli.demo.objects import Inventory
from app.cli.demo.people import PASSWORD, Population, moment
from app.cli.demo.places import open_hubs, open_shelves
from app.cli.demo.purchases import Purchases
from app.cli.demo.reading import written
from app.cli.demo.rows import Rows
from app.cli.demo.scenes import Scenes
from app.cli.demo.sessions import Sessions
from app.cli.demo.skills import Skills
from app.cli.demo.stage import Stage
from app.cli.demo.workshops import Workshops
from app.core.audit import AuditEntry
from app.core.clock import day_at
from app.core.db import transaction
from app.core.outbox import StoredEvent
from app.finding import vocabulary
from app.hubs.models import Closure, Hub, Membership, OpeningHours, Territory
from app.items.filters import OBJECTS
from app.items.models import Category, Induction, Item, ItemClaim, Part
from app.lending.models import Loan, LoanEvent, ReminderSent, RepairTicket
from app.lending.repairs.models import RepairStep
from app.lending.transfers.models import Transfer
from app.lending.waiting.models import PlaceInLine
from app.messages.models import Conversation, Message
from app.notifications.models import Notification
from app.payments.cash.models import CashBox, Receipt
from app.payments.ledger.models import MoneyAccount, MoneyTransaction
from app.purchases.delivery.models import Leftover
from app.purchases.models import Campaign, PickUpSlot, Product
from app.purchases.pledging.models import Pledge, PledgeIncrement
from app.skills.filters import SKILLS
from app.skills.ledger.models import TimeAccount, TimeTransfer, VolunteerShift
from app.skills.models import Availability, Skill, SkillCategory
from app.skills.rings import services as rings
from app.skills.rings.models import Ring
from app.skills.sessions.models import SessionLine, SessionTime, SkillSession
from app.skills.workshops.models import Attendee, Workshop, WorkshopSeries

TIMEZONE = "Europe/Paris"
FEWEST = 40
"""Fewer objects would leave some demo log-in without its story."""
TABLES = (
    Territory, Category, SkillCategory, Hub, OpeningHours, Closure, Resident, Membership, Item, Part, Induction,
    ItemClaim, Skill, Availability, Loan, LoanEvent, ReminderSent, RepairTicket, RepairStep, PlaceInLine,
    Conversation, Message, Notification, Transfer, AuditEntry, StoredEvent, Ring, SkillSession, SessionTime, SessionLine,
    WorkshopSeries, Workshop, Attendee, TimeAccount, TimeTransfer, VolunteerShift, Campaign, Product, PickUpSlot, Pledge,
    PledgeIncrement, Leftover, MoneyAccount, MoneyTransaction, Receipt, CashBox,
)  # fmt: skip
"""From transfers on they get their rows from the services that scenes and the chronicle call."""


class Refused(Exception):
    """The demo territory is not for this database or this installation; says why."""


@dataclass(frozen=True)
class Loaded:
    """How much was made."""

    hubs: int
    residents: int
    objects: int
    loans: int


def load(*, objects: int, seed: int, now: datetime) -> Loaded:
    """Fill an empty database with the demo territory: the same seed on the same day gives the same rows.

    Raises `Refused` in production, for fewer than `FEWEST` objects, and where anybody or anything is already there.
    """
    if current_app.extensions["movilab.config"].is_production:
        raise Refused("The demo territory is not for production: its log-ins are public.")
    if objects < FEWEST:
        raise Refused(f"The demo territory needs at least {FEWEST} objects.")
    with transaction() as session:
        _require_empty(session)
        return _load(session, objects=objects, seed=seed, today=day_at(now, TIMEZONE))


def _require_empty(session: Session) -> None:
    for model in (Resident, Hub, Item):
        if session.scalar(select(model.id).limit(1)) is not None:
            raise Refused(
                f"This database already holds a {model.__name__.lower()}: "
                "the demo territory only goes into an empty one."
            )


def _load(session: Session, *, objects: int, seed: int, today: date) -> Loaded:
    rng = Random(seed)  # noqa: S311  # made-up neighbours, no secrets
    content = written()
    rows = Rows(session, *TABLES)
    shelves = open_shelves(rows, content.shelves)
    hubs = open_hubs(rows, content.hubs, today=today)
    population = Population(rows=rows, rng=rng, hubs=hubs, names=content.names, today=today)
    population.settle(residents=_residents(objects), spread_km=_spread_km(objects), hashed=_hasher(seed))
    inventory = Inventory(rows=rows, rng=rng, hubs=hubs, written=content, shelves=shelves, today=today)
    ledger = Ledger(rows=rows, rng=rng, names=content.names, residents=population.residents, today=today)
    chance = Chance(ledger=ledger, rng=rng, today=today)
    stage = Stage(inventory=inventory, ledger=ledger, rng=rng, hub=hubs[0], today=today)
    scenes = Scenes(inventory=inventory, session=session, hub=hubs[0], far=hubs[1], today=today)
    for thing, before in chain(stage.set(), scenes.props()):
        chance.past(thing, before=before)
    share = _share_at_hubs(objects)
    skills = Skills(rows=rows, rng=Random(seed), hubs=hubs, today=today)  # noqa: S311  # as above
    skills.post()
    while rows.counts[Item] < objects:
        chance.tell(inventory.drawn(share_at_hubs=share))
        rows.write_when_many()
    ledger.tell()
    rows.write()
    for searched in (OBJECTS, SKILLS):
        vocabulary.count_all(searched)
    rows.settle()
    chronicle = Chronicle(session=session, today=today)
    Workshops(chronicle=chronicle, session=session, rng=skills.rng, hubs=hubs, today=today).plan()
    Hours(chronicle=chronicle, hub=hubs[0], today=today).plan()
    Sessions(chronicle=chronicle, skills=skills, rng=skills.rng, hubs=hubs, today=today).plan()
    own = Random(seed + 1)  # noqa: S311  # as above: what came before stays as it was
    share = min(1.0, objects / 600)
    Purchases(chronicle=chronicle, session=session, rng=own, hubs=hubs, today=today, share=share).plan()
    evening = moment(today - timedelta(days=1), 18)
    chronicle.on(evening, lambda now: rings.propose(rings.to_propose(), now=now))
    scenes.play()
    chronicle.play()
    return Loaded(
        hubs=len(hubs),
        residents=rows.counts[Resident],
        objects=rows.counts[Item],
        loans=session.scalar(select(func.count(Loan.id))) or 0,
    )


def _residents(objects: int) -> int:
    """300 for 600 objects; a town's worth for a small load, one for four objects beyond."""
    return max(150, objects // 2) if objects <= 600 else 300 + (objects - 600) // 4


def _spread_km(objects: int) -> float:
    """How far from their hub people live: further where there are many, so that a street stays a street."""
    return min(40.0, max(2.2, 2.2 * math.sqrt(objects / 600)))


def _share_at_hubs(objects: int) -> float:
    """Half of the objects stand at hubs, until their shelves are full."""
    return 0.55 if objects <= 2_000 else (1_100 + 0.1 * (objects - 2_000)) / objects


def _hasher(seed: int) -> Callable[[str], str]:
    """Hashes the demo password; the salt comes from the seed, so that two loads are equal. Everybody knows the
    password anyway, and production has none of these people."""
    argon2 = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
    return lambda who: argon2.hash(PASSWORD, salt=sha256(f"{seed}/{who}".encode()).digest()[:16])
