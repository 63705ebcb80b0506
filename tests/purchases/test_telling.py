"""Who is told that a campaign opened near her and that its last day has come: the right neighbours, each once, whatever
stops the job, the mail, or the whole house for hours."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import outbox
from app.core.db import db, transaction
from app.notifications import jobs as notifications_jobs
from app.notifications.models import Mail, Notification
from app.purchases import jobs, services
from app.purchases.models import Campaign, CampaignTelling
from app.purchases.pledging.models import Pledge
from tests import factories
from tests.harness.clock import Clock
from tests.harness.mail import PostOffice

HERE, NEXT_TOWN = (44.70, 5.20), (44.85, 5.20)


def told(kind: str) -> list[str]:
    """Who was told of it, by name, as often as she was."""
    rows = db.session.execute(
        select(factories.Resident.name)
        .join(Notification, Notification.resident_id == factories.Resident.id)
        .where(Notification.kind == f"purchases.{kind}")
        .order_by(factories.Resident.name)
    )
    return [row.name for row in rows]


def opened(clock: Clock, **values: Any) -> Campaign:
    """A draft with a product, opened now."""
    hub = factories.hub(place=HERE)
    organizer = factories.coordinator(hub, "Claire")
    one = factories.campaign(hub=hub, organizer=organizer, status="draft", opens_at=None, **values)
    factories.product(one)
    with transaction():
        services.open_now(campaign_id=one.id, actor_id=organizer.id, now=clock.now)
    return one


def pledged(campaign: Campaign, resident: Any) -> Pledge:
    """Somebody who takes part."""
    return factories.stored(
        Pledge(
            campaign_id=campaign.id, resident_id=resident.id, payment="counter", status="live",
            ceiling_cents=2940, created_at=campaign.created_at,
        )
    )  # fmt: skip


def test_opened_near_you_once(app: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Members of the hub and those who live near it, wherever the batch ends and however often the job runs; not who
    organizes it, who is suspended there, or who lives in the next town."""
    one = opened(clock)
    hub = one.hub
    factories.verified_member(hub, "Anna", home=None)
    factories.resident("Bruno", home=HERE)
    factories.resident("Dora", home=NEXT_TOWN)
    suspended = factories.resident("Emil", home=HERE)
    factories.membership(hub, suspended, status="suspended", suspended_at=clock.now)
    monkeypatch.setattr(jobs, "PEOPLE", 1)
    for _again in range(2):
        jobs.tell_neighbours(now=clock.forward(minutes=1))
    assert told("opened") == ["Anna", "Bruno"]
    assert db.session.scalars(select(CampaignTelling.done_at)).one() is not None


def test_last_day_once_also_for_who_pledged(app: Flask, clock: Clock) -> None:
    """On the day before, members hear of it, who pledged hears that she can change; once, and again only when it closes
    another day. A closer that is hours late finds nobody told of what is over."""
    one = opened(clock, closes_at=clock.now + timedelta(days=3))
    anna, bruno = factories.verified_member(one.hub, "Anna"), factories.resident("Bruno")
    pledged(one, bruno)
    jobs.tell_neighbours(now=clock.forward(days=1))
    assert told("last_day") == []
    for _again in range(2):
        jobs.tell_neighbours(now=clock.forward(days=1, minutes=1))
        clock.forward(days=-1)
    clock.forward(days=1, minutes=5)
    assert (told("last_day"), told("last_day_pledged")) == (["Anna"], ["Bruno"])
    with transaction():
        services.edit(
            campaign_id=one.id, actor_id=one.organizer_id, now=clock.now,
            closes_at=one.closes_at + timedelta(days=5), delivery_day=date(2026, 12, 20),
        )  # fmt: skip
    deliver(clock)
    assert told("changed") == ["Bruno"]
    assert told("last_day") == []
    jobs.tell_neighbours(now=clock.forward(days=5))
    assert (told("last_day"), told("last_day_pledged")) == (["Anna"], ["Bruno"])
    late = opened(clock, closes_at=clock.now + timedelta(hours=30))
    jobs.tell_neighbours(now=clock.forward(hours=35))
    assert (
        db.session.scalar(select(CampaignTelling.what).where(CampaignTelling.campaign_id == late.id))
        == "opened"
    )
    assert told("opened") == ["Anna"]
    assert anna.id


def test_opened_by_itself_hours_late(app: Flask, clock: Clock) -> None:
    """The house slept through the hour: it opens when it wakes, once. One whose closing it slept through stays a draft,
    and its organizer hears why."""
    hub = factories.hub(place=HERE)
    organizer = factories.coordinator(hub, "Claire")
    soon = {"status": "draft", "opens_at": clock.now + timedelta(hours=1), "ready_at": clock.now}
    one = factories.campaign(hub=hub, organizer=organizer, **soon)
    missed = factories.campaign(
        hub=hub, organizer=organizer, **soon, closes_at=clock.now + timedelta(hours=3)
    )
    factories.product(one)
    factories.product(missed)
    jobs.open_ready(now=clock.now)
    assert [row.status for row in campaigns()] == ["draft", "draft"]
    clock.forward(hours=9)
    for _again in range(2):
        jobs.open_ready(now=clock.now)
    assert [row.status for row in campaigns()] == ["open", "draft"]
    deliver(clock)
    assert told("not_opened") == ["Claire"]


def test_mail_that_fails_is_sent_once_in_the_end(
    app: Flask, app_with: Any, clock: Clock, smtp_server: PostOffice
) -> None:
    """The post refuses twice: the letter of the opening waits, goes later, and only once."""
    one = opened(clock)
    factories.verified_member(one.hub, "Anna", email="anna@example.org", email_confirmed_at=clock.now)
    jobs.tell_neighbours(now=clock.now)
    smtp_server.refuse(2)
    with app_with(MOVILAB_SMTP_URL=smtp_server.url).app_context():
        for _again in range(6):
            notifications_jobs.send_mail(now=clock.forward(minutes=10))
            jobs.tell_neighbours(now=clock.now)
    assert [mail["To"] for mail in smtp_server.messages] == ["Anna <anna@example.org>"]
    assert "Épicerie de décembre" in smtp_server.messages[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert db.session.scalars(select(Mail.status)).all() == ["sent"]


def test_called_off_takes_back_what_was_told(app: Flask, clock: Clock) -> None:
    """Who pledged is told, with the reason; nobody reads any more that it opened."""
    one = opened(clock)
    factories.verified_member(one.hub, "Anna")
    bruno = factories.resident("Bruno")
    jobs.tell_neighbours(now=clock.now)
    pledged(one, bruno)
    factories.changed(one, pledgers=1)
    with transaction():
        services.call_off(
            campaign_id=one.id, actor_id=one.organizer_id, why="La coopérative a fermé.", now=clock.now
        )
    deliver(clock)
    assert told("opened") == []
    assert told("called_off_why") == ["Bruno"]


def campaigns() -> list[Campaign]:
    db.session.expire_all()
    return list(db.session.scalars(select(Campaign).order_by(Campaign.id)))


def deliver(clock: Clock) -> None:
    """What was recorded reaches who listens."""
    outbox.deliver(outbox.due(now=clock.now + timedelta(seconds=30), limit=500), now=clock.now)
