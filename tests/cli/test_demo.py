"""The demo territory: the same rows for the same seed, no story that the rules would not have allowed."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import func, insert, select

from app.accounts.models import Resident
from app.accounts.rules import DEMO_DOMAIN
from app.cli.demo.loader import Refused, load
from app.cli.demo.people import LOG_INS, PASSWORD, RESIDENT, RESIDENT2, RESIDENT3
from app.cli.demo.reading import written
from app.core import codes
from app.core.db import Base, db, transaction
from app.core.outbox import StoredEvent
from app.geo import places
from app.geo import rules as geo
from app.home import queries as gathered
from app.hubs.models import Closure, Hub, Membership, OpeningHours, Territory
from app.hubs.rules import ClosedDays, OpenDays, Opening
from app.items.models import Category, Induction, Item, ItemClaim
from app.lending.models import HOLDING, Loan, LoanEvent, RepairTicket
from app.lending.queries import blockers
from app.lending.wording import SENTENCES
from app.notifications.models import Notification
from app.notifications.rules import told
from app.payments.cash.models import CashBox
from app.payments.ledger import audit as ledger_audit
from app.payments.ledger import queries as money
from app.payments.ledger.rules import Account
from app.purchases.models import Campaign
from app.purchases.pledging.models import Pledge
from app.skills.ledger.models import TimeAccount, TimeEntry, TimeTransfer
from app.skills.models import Skill
from app.skills.sessions import rules as session_rules
from app.skills.sessions.models import SkillSession
from app.skills.workshops.models import Attendee, Workshop, WorkshopSeries
from tests.harness.databases import FEW, KINDS, Database, Databases
from tests.harness.sizes import FULL

NOW = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
DRAWINGS = Path(__file__).resolve().parents[2] / "static" / "drawings" / "categories"


@pytest.fixture(scope="module", params=KINDS)
def loaded(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Flask]:
    """The whole territory on each database, once for all who only look at it."""
    database = databases.fresh(request.param, "territory")
    with database.app.app_context():
        load(objects=600, seed=1, now=NOW)
        db.session.remove()
    yield database.app
    database.dispose()


@pytest.fixture
def territory(loaded: Flask) -> Iterator[Flask]:
    with loaded.app_context():
        yield loaded
        db.session.remove()


def everything() -> dict[str, list[Any]]:
    """All rows of all tables, in the order of their keys."""
    tables = Base.metadata.sorted_tables
    found = {
        t.name: [tuple(row) for row in db.session.execute(select(t).order_by(*t.primary_key))] for t in tables
    }
    db.session.rollback()
    return found


@pytest.mark.parametrize("database", FEW, indirect=True)
def test_the_same_seed_on_the_same_day_gives_the_same_rows(app: Flask, database: Database) -> None:
    load(objects=60, seed=7, now=NOW)
    first = everything()
    database.empty()
    load(objects=60, seed=7, now=NOW + timedelta(hours=9))
    assert everything() == first


@pytest.mark.parametrize("database", FEW, indirect=True)
def test_another_seed_gives_other_people(app: Flask, database: Database) -> None:
    load(objects=60, seed=7, now=NOW)
    first = everything()["resident"]
    database.empty()
    load(objects=60, seed=8, now=NOW)
    assert everything()["resident"] != first


def test_it_is_as_large_and_as_diverse_as_promised(territory: Flask) -> None:
    count = {
        model: db.session.scalar(select(func.count()).select_from(model)) for model in (Hub, Resident, Item)
    }
    assert count[Hub] >= 8
    assert count[Resident] >= 290
    assert count[Item] == 600
    assert db.session.scalar(select(func.count(Item.category_id.distinct()))) >= 30
    assert db.session.scalar(select(func.count(Item.title.distinct()))) >= 300
    assert db.session.scalar(select(func.count(Hub.kind.distinct()))) >= 6
    communes = select(func.count(Territory.id.distinct())).join(Hub).where(Territory.kind == "commune")
    assert db.session.scalar(communes) >= 6
    statuses = dict(db.session.execute(select(Loan.status, func.count()).group_by(Loan.status)).all())
    assert statuses["returned"] > 400
    assert (
        min(statuses[s] for s in ("checked_out", "reserved", "requested", "declined", "expired", "cancelled"))
        > 3
    )
    assert db.session.scalar(select(func.count()).select_from(RepairTicket)) >= 3
    assert db.session.scalar(select(func.count()).where(Item.gives)) > 10
    assert db.session.scalar(select(func.count()).where(Item.swaps)) > 10


def test_hubs_stand_in_the_communes_that_the_gazetteer_knows(territory: Flask) -> None:
    hubs = db.session.scalars(select(Hub)).all()
    for hub in hubs:
        commune = places.commune_of(hub.address, hub.lat, hub.lon)
        assert commune is not None
        assert hub.territory is not None
        assert (hub.territory.insee_code, hub.territory.name) == (commune.code, commune.name), hub.address
    for row in db.session.scalars(select(Territory)):
        above = db.session.get(Territory, row.parent_id) if row.parent_id else None
        line = places.lineage(row.insee_code)
        if row.kind == "commune":
            assert above is not None
            assert (line[1].code, line[1].name, line[1].kind) == (above.insee_code, above.name, above.kind)
        else:
            assert (above is None) == (row.kind == "region")


def test_pictures_are_drawings_that_exist(territory: Flask) -> None:
    used = set(db.session.scalars(select(Item.picture))) | set(db.session.scalars(select(Category.drawing)))
    assert {name for name in used if not (DRAWINGS / f"{name}.svg").is_file()} == set()


def test_codes_are_whole_and_homes_are_cells(territory: Flask) -> None:
    assert all(str(codes.read(code)) == code for code in db.session.scalars(select(Item.code)))
    assert all(str(codes.read(code)) == code for code in db.session.scalars(select(Resident.code)))
    for lat, lon in db.session.execute(select(Resident.home_lat, Resident.home_lon)):
        assert lat is not None
        assert lon is not None
        centre = geo.cell(lat, lon, geo.HOME_M)
        assert (lat, lon) == (centre.lat, centre.lon)


def test_no_two_live_claims_of_an_object_meet(territory: Flask) -> None:
    claims = db.session.scalars(
        select(ItemClaim).where(ItemClaim.live).order_by(ItemClaim.item_id, ItemClaim.first_day)
    ).all()
    assert len(claims) > 100
    for one, other in pairwise(claims):
        assert one.item_id != other.item_id or one.end_day <= other.first_day


def test_every_loan_that_holds_days_has_its_claim_and_no_other(territory: Flask) -> None:
    today = NOW.date()
    for loan, claim in db.session.execute(
        select(Loan, ItemClaim).join(ItemClaim, Loan.claim_id == ItemClaim.id)
    ):
        assert claim.item_id == loan.item_id
        assert claim.kind == "loan"
        assert claim.first_day == loan.first_day
        assert claim.live == (loan.status in HOLDING)
        if loan.status in HOLDING:
            assert claim.end_day >= loan.due
            assert claim.end_day > today
    loans = db.session.scalar(select(func.count(Loan.claim_id.distinct())))
    assert loans == db.session.scalar(select(func.count()).select_from(Loan))


def test_every_history_ends_in_the_status_and_nothing_comes_from_the_future(territory: Flask) -> None:
    lines: dict[int, list[LoanEvent]] = {}
    for line in db.session.scalars(select(LoanEvent).order_by(LoanEvent.id)):
        lines.setdefault(line.loan_id, []).append(line)
    for loan in db.session.scalars(select(Loan)):
        history = lines[loan.id]
        assert history[-1].status == loan.status
        assert [line.at for line in history] == sorted(line.at for line in history)
        assert history[0].at == loan.requested_at
        assert history[-1].at < NOW
        assert (loan.checked_out_at is not None) == ("checked_out" in [line.status for line in history])
        assert (loan.checked_in_at is not None) == (loan.status == "returned")
        assert (loan.ended_at is not None) == (loan.status not in HOLDING)
        if loan.status == "requested":
            assert loan.answer_by is not None
            assert loan.answer_by > NOW


def test_hubs_lend_on_open_days_to_members_they_have_seen(territory: Flask) -> None:
    open_days = {hub.id: days_of(hub) for hub in db.session.scalars(select(Hub))}
    verified = set(
        db.session.execute(
            select(Membership.hub_id, Membership.resident_id).where(Membership.status == "verified")
        )
    )
    zone = ZoneInfo("Europe/Paris")
    for loan in db.session.scalars(select(Loan).where(Loan.hub_id.is_not(None))):
        days = open_days[loan.hub_id or 0]
        assert days.is_open(loan.first_day)
        assert days.is_open(loan.due)
        assert (loan.hub_id, loan.borrower_id) in verified
        assert loan.borrower_id not in {loan.owner_id, loan.checked_out_by_id, loan.checked_in_by_id}
        for at in (loan.checked_out_at, loan.checked_in_at):
            assert at is None or days.is_open(at.astimezone(zone).date())


def days_of(hub: Hub) -> OpenDays:
    week = db.session.scalars(select(OpeningHours).where(OpeningHours.hub_id == hub.id))
    closures = db.session.scalars(select(Closure).where(Closure.hub_id == hub.id))
    return OpenDays(
        timezone=hub.timezone,
        week=tuple(Opening(o.weekday, o.opens, o.closes) for o in week),
        closures=tuple(ClosedDays(c.first_day, c.last_day) for c in closures),
        country="FR",
    )


def test_what_needs_showing_was_shown_before(territory: Flask) -> None:
    shown = set(db.session.execute(select(Induction.resident_id, Induction.name)))
    needing = db.session.execute(
        select(Loan.borrower_id, Item.induction)
        .join(Item, Loan.item_id == Item.id)
        .where(Item.induction.is_not(None))
    )
    assert {pair for pair in needing if pair not in shown} == set()


def test_the_log_ins_are_known_verified_and_free_of_blockers(territory: Flask) -> None:
    hub = db.session.scalars(select(Hub).where(Hub.slug == "maison-des-tilleuls")).one()
    assert hub.name == "Maison des Tilleuls"
    assert hub.policy.max_loans >= 18
    roles = {
        "volunteer": ["volunteer"],
        "organizer": ["organizer"],
        "coordinator": ["volunteer", "organizer", "coordinator"],
    }
    for login, name in LOG_INS:
        one = db.session.scalars(select(Resident).where(Resident.email == f"{login}@{DEMO_DOMAIN}")).one()
        assert one.name == name
        assert one.email_confirmed_at is not None
        assert one.home_lat is not None
        assert one.is_steward == (login == "steward")
        assert one.password_hash is not None
        assert PasswordHasher().verify(one.password_hash, PASSWORD)
        membership = db.session.scalars(
            select(Membership).where(Membership.resident_id == one.id, Membership.hub_id == hub.id)
        ).one()
        assert membership.status == "verified"
        assert membership.roles == roles.get(login, [])
        held = db.session.scalars(
            select(Loan).where(Loan.borrower_id == one.id, Loan.status.in_(HOLDING))
        ).all()
        assert len(held) <= hub.policy.max_loans - 15
        assert all(loan.due >= NOW.date() for loan in held)


def test_nothing_stands_between_a_log_in_and_an_object_of_the_hub(territory: Flask) -> None:
    hub = db.session.scalars(select(Hub).where(Hub.slug == "maison-des-tilleuls")).one()
    offered = select(Item).where(Item.hub_id == hub.id, Item.status == "active")
    objects = db.session.scalars(offered.order_by(Item.id)).all()
    assert len(objects) > 50
    for number in range(1, len(LOG_INS) + 1):
        resident = db.session.get(Resident, number)
        for item in objects[:: 1 if number == 1 else 20]:
            found = blockers(item, resident, hub=hub, now=NOW)
            # What is out may have its line.
            assert [one.code for one in found if one.code != "lending.queue"] == []


def test_what_is_late_or_broken_has_no_certain_end(territory: Flask) -> None:
    late = select(ItemClaim.uncertain).join(Loan).where(Loan.status == "checked_out")
    assert set(db.session.scalars(late.where(Loan.due < NOW.date()))) == {True}
    assert set(db.session.scalars(late.where(Loan.due >= NOW.date()))) == {False}
    mending = select(ItemClaim.uncertain).where(ItemClaim.kind == "repair", ItemClaim.live)
    assert set(db.session.scalars(mending)) == {True}


def test_twelve_campaigns_whose_histories_balance(territory: Flask) -> None:
    """In every state that the counter alone leads to; every cent of those that are over has found its place, and nobody
    paid above her ceiling."""
    states = Counter(db.session.scalars(select(Campaign.status)))
    assert states == {
        "draft": 2, "open": 3, "succeeded": 1, "failed": 1, "ordered": 1, "delivered": 1, "closed": 2, "cancelled": 1,
    }  # fmt: skip
    assert list(ledger_audit.faults(ledger_audit.Counted())) == []
    for done in db.session.scalars(select(Campaign).where(Campaign.status == "closed")):
        assert money.balance(Account.campaign(done.subject), "EUR") == 0
        assert money.balance(Account.supplier(done.subject), "EUR") == 0
    pledges = db.session.scalars(select(Pledge).where(Pledge.total_cents.is_not(None))).all()
    assert len(pledges) > 60
    assert all(pledge.total_cents <= pledge.ceiling_cents for pledge in pledges)
    assert (
        db.session.scalar(select(func.count()).select_from(CashBox).where(CashBox.closed_at.is_(None))) == 0
    )


def test_what_was_told_has_its_sentence(territory: Flask) -> None:
    news = db.session.scalars(select(Notification)).all()
    assert {one.resident_id for one in news} >= {1, 2, 6}
    for one in news:
        sentence = SENTENCES[f"tell.{one.kind}"]
        assert db.session.get(Loan, int(one.path.removeprefix("/loans/"))) is not None
        assert str(sentence) % told(one.params)


def test_resident_has_something_in_hand_something_reserved_and_a_past(territory: Flask) -> None:
    loans = db.session.scalars(select(Loan).where(Loan.borrower_id == 1)).all()
    assert sorted(loan.status for loan in loans) == ["checked_out", "reserved", "returned"]
    in_hand = next(loan for loan in loans if loan.status == "checked_out")
    assert in_hand.due == date(2026, 11, 27)
    asked = select(func.count()).where(Loan.owner_id == 1, Loan.status == "requested")
    assert db.session.scalar(asked) == 1


@pytest.mark.parametrize("database", FEW, indirect=True)
@pytest.mark.parametrize(
    "day",
    [
        *("2027-01-01", "2027-03-28", "2028-02-29"),
        *(("2026-11-25", "2026-12-25", "2027-02-28", "2027-05-09", "2027-10-31") if FULL else ()),
    ],
)
def test_any_day_of_the_year_will_do(app: Flask, day: str) -> None:
    now = datetime.fromisoformat(f"{day}T23:30:00+01:00")
    assert load(objects=120, seed=3, now=now).objects == 120
    assert db.session.scalar(select(func.count()).where(LoanEvent.at > now)) == 0
    late = select(func.count()).where(
        Loan.borrower_id <= len(LOG_INS), Loan.status == "checked_out", Loan.due < now.date()
    )
    assert db.session.scalar(late) == 0


def test_rows_made_afterwards_get_the_next_ids(app: Flask) -> None:
    load(objects=60, seed=1, now=NOW)
    last = db.session.scalar(select(func.max(ItemClaim.id))) or 0
    db.session.rollback()
    with transaction() as session:
        session.execute(
            insert(Notification).values(
                resident_id=1, kind="x", params={}, path="/", key="after the demo", created_at=NOW
            )
        )
        claim = ItemClaim(item_id=1, kind="own", first_day=date(2027, 4, 1), end_day=date(2027, 4, 2))
        session.add(claim)
    assert claim.id > last > 0


def test_it_goes_only_into_an_empty_database(app: Flask) -> None:
    load(objects=40, seed=1, now=NOW)
    with pytest.raises(Refused, match="already holds"):
        load(objects=40, seed=1, now=NOW)


def test_it_is_refused_in_production(app_with: Callable[..., Flask]) -> None:
    production = app_with(
        MOVILAB_ENV="production",
        MOVILAB_SECRET_KEY="Nr7-2xQ_vT9mKd4Ws8Hc3Lp6Zf1Gy5Bj",
        MOVILAB_SITE_URL="https://x.test",
    )
    with production.app_context(), pytest.raises(Refused, match="production"):
        load(objects=40, seed=1, now=NOW)
    with production.app_context():
        db.session.remove()


def test_too_few_objects_are_refused(app: Flask) -> None:
    with pytest.raises(Refused, match="at least"):
        load(objects=3, seed=1, now=NOW)


def test_what_was_written_by_hand_is_whole() -> None:
    content = written()
    leaves = {shelf.slug for shelf in content.shelves if shelf.parent}
    per_leaf = {slug: [t for t in content.templates if t.category == slug] for slug in leaves}
    assert len(leaves) >= 30
    assert all(8 <= len(templates) <= 25 for templates in per_leaf.values())
    assert len(content.by_title) == len(content.templates)
    assert len(set(content.names.first_names)) >= 120
    assert all((DRAWINGS / f"{shelf.drawing}.svg").is_file() for shelf in content.shelves)


def test_skills_sessions_and_workshops_have_something_true_to_show(territory: Flask) -> None:
    """Two hundred offers and needs on every branch, sessions in every state, twenty workshops, hours that add up."""
    counted = db.session.execute(select(func.count(Skill.id), func.count(Skill.category_id.distinct()))).one()
    assert tuple(counted) == (200, 25)
    states = dict(
        db.session.execute(select(SkillSession.status, func.count()).group_by(SkillSession.status)).all()
    )
    assert states.keys() == set(session_rules.STATUSES)
    assert states["confirmed"] > 30
    late = (
        select(SkillSession.cancelled_late)
        .where(SkillSession.status == "cancelled")
        .order_by(SkillSession.id)
    )
    assert set(db.session.scalars(late)) == {True, False}
    assert db.session.scalar(select(func.count()).select_from(WorkshopSeries)) == 20
    full = select(Workshop).where(Workshop.taken == Workshop.capacity, Workshop.waiting > 0)
    assert db.session.scalars(full).first() is not None
    assert db.session.scalar(select(func.count()).where(Workshop.state == "cancelled")) == 1
    assert db.session.scalar(select(func.count()).where(Attendee.attended_at.is_not(None))) > 50
    assert db.session.scalar(select(func.sum(TimeAccount.balance))) == 0
    entries = select(func.sum(TimeEntry.side * TimeEntry.amount))
    for account in db.session.scalars(select(TimeAccount)):
        assert (db.session.scalar(entries.where(TimeEntry.account_id == account.id)) or 0) == account.balance
    at = list(db.session.scalars(select(TimeTransfer.at).order_by(TimeTransfer.id)))
    assert at == sorted(at), "in the order in which it happened"
    assert max(at) < NOW


def test_the_log_ins_have_something_to_answer_and_to_confirm(territory: Flask) -> None:
    for who in (RESIDENT, RESIDENT2, RESIDENT3):
        waits = gathered.today(who, hub_id=1, now=NOW).waits
        assert waits.sessions_to_answer + waits.sessions_to_say > 0, who
        assert db.session.scalar(select(TimeAccount.entries).where(TimeAccount.resident_id == who))
        going = select(func.count()).where(Attendee.resident_id == who, Attendee.status != "cancelled")
        assert db.session.scalar(going)


def test_nobody_is_told_again_what_is_long_past(territory: Flask) -> None:
    oldest = db.session.scalar(select(func.min(StoredEvent.at)))
    assert oldest is not None
    assert oldest > NOW - timedelta(days=7)
