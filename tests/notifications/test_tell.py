"""Telling: once, in quiet, to those who can be reached, and taken back while nobody has seen it."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.core.db import db, transaction
from app.notifications import rules, services
from app.notifications.models import Mail, Notification
from app.notifications.rules import Telling
from tests.factories import resident

NOON = datetime(2026, 11, 25, 11, tzinfo=UTC)
EVENING = datetime(2026, 11, 25, 20, 30, tzinfo=UTC)


def tell(resident_id: int, **changes: Any) -> bool:
    given: dict[str, Any] = {
        "kind": "lending.due_soon",
        "params": {"title": "Tente", "due": date(2026, 11, 27)},
        "path": "/loans/1",
        "key": "loan:1:due_soon",
        "now": NOON,
    }
    with transaction():
        return services.tell(resident_id=resident_id, **{**given, **changes})


def mails() -> list[Mail]:
    return list(db.session.scalars(select(Mail).order_by(Mail.id)))


def lines() -> list[Notification]:
    return list(db.session.scalars(select(Notification).order_by(Notification.id)))


def test_it_is_told_on_the_site_and_by_mail(app):
    nadia = resident()
    assert tell(nadia.id) is True
    [line], [mail] = lines(), mails()
    assert line.resident_id == mail.resident_id == nadia.id
    assert rules.told(line.params)["due"] == date(2026, 11, 27)
    assert (mail.status, mail.next_try_at, mail.zone) == ("pending", NOON, "Europe/Paris")


def test_the_same_key_is_told_once(app):
    nadia = resident()
    assert tell(nadia.id) is True
    assert tell(nadia.id) is False
    assert (len(lines()), len(mails())) == (1, 1)


def test_one_batch_may_hold_a_key_twice(app):
    nadia = resident()
    twice = [Telling(nadia.id, "lending.due", {}, "/loans/1", "loan:1:due")] * 2
    with transaction():
        assert services.tell_many(twice, now=NOON) == 1
    assert (len(lines()), len(mails())) == (1, 1)


HARD = {
    "title": "L’«été» \"O'Neil\" \\\\ 50 %\n:x {} 🪚", "until": time(19), "at": NOON, "due": date(2026, 1, 2), "n": 3,
    "share": 0.1, "big": 2**53, "yes": True, "none": None, "parts": ["lame", {"a": [1]}], "empty": {},
}  # fmt: skip


def test_words_arrive_as_they_were_on_the_site_and_in_the_mail(app):
    nadia, key = resident(), "loan:1:%:'\"\\:é"
    tell(nadia.id, params=HARD, path="/loans/1?q=%'\"", key=key)
    [line], [mail] = lines(), mails()
    assert rules.told(line.params) == rules.told(mail.params) == HARD | {"zone": "Europe/Paris"}
    assert (line.path, line.key) == (mail.path, mail.key) == ("/loans/1?q=%'\"", key)


@pytest.mark.parametrize("address", [{"email": None}, {"email_confirmed_at": None}])
def test_no_mail_to_an_address_that_never_answered(app, address):
    tell(resident(**address).id)
    assert (len(lines()), len(mails())) == (1, 0)


def test_a_link_to_confirm_leaves_at_once_to_any_address(app):
    newcomer = resident(email_confirmed_at=None)
    with transaction():
        services.mail(
            resident_id=newcomer.id, kind="accounts.confirm", path="/confirm/", key="link:1", now=EVENING,
            link=("confirm", 1),
        )  # fmt: skip
    [mail] = mails()
    assert (mail.to_unconfirmed, mail.urgent, mail.next_try_at) == (True, True, EVENING)
    assert lines() == []


def test_evening_mail_waits_for_the_morning(app):
    nadia = resident()
    tell(nadia.id, now=EVENING)
    assert mails()[0].next_try_at == datetime(2026, 11, 26, 8, tzinfo=UTC)


def test_what_is_due_today_does_not_wait(app):
    nadia = resident()
    tell(nadia.id, now=EVENING, urgent=True)
    assert mails()[0].next_try_at == EVENING


def test_it_is_held_back_until_its_moment(app):
    nadia = resident()
    tell(nadia.id, not_before=NOON + timedelta(days=3))
    assert mails()[0].next_try_at == NOON + timedelta(days=3)


@pytest.mark.parametrize(
    ("local", "leaves"),
    [
        (time(8, 59), (25, time(9))),
        (time(9), (25, time(9))),
        (time(19, 59), (25, time(19, 59))),
        (time(20), (26, time(9))),
        (time(0, 5), (25, time(9))),
    ],
)
def test_the_edges_of_the_quiet_hours(local, leaves):
    zone = rules.ZoneInfo("Indian/Reunion")
    moment = datetime.combine(date(2026, 11, 25), local, tzinfo=zone)
    out = rules.out_of_quiet_hours(moment, "Indian/Reunion").astimezone(zone)
    assert (out.day, out.time()) == leaves


def test_the_morning_after_the_clocks_change():
    saturday_night = datetime(2026, 10, 24, 21, tzinfo=UTC)
    assert rules.out_of_quiet_hours(saturday_night, "Europe/Paris") == datetime(2026, 10, 25, 8, tzinfo=UTC)


def test_back_off_grows_and_ends():
    waits = [rules.next_try(n, now=NOON) for n in range(1, 9)]
    minutes = [None if at is None else (at - NOON) / timedelta(minutes=1) for at in waits]
    assert minutes == [1, 5, 15, 60, 360, 360, 360, None]


def test_params_come_back_as_they_were():
    given = {"due": date(2026, 1, 2), "at": NOON, "until": time(19), "title": "Scie", "days": 3,
             "parts": ["lame", {"day": "not a day", "count": 2}], "none": None}  # fmt: skip
    assert rules.told(rules.kept(given)) == given


def test_what_nobody_has_seen_is_taken_back(app):
    nadia = resident()
    tell(nadia.id, key="loan:1:due_soon")
    tell(nadia.id, key="loan:1:due")
    tell(nadia.id, key="loan:12:due")
    tell(nadia.id, key="loan:1:read")
    read = lines()[3].id
    with transaction():
        services.mark_read(notification_id=read, actor_id=nadia.id, now=NOON)
    with transaction():
        services.withdraw(key_prefix="loan:1:")
    assert [line.key for line in lines()] == ["loan:12:due", "loan:1:read"]
    db.session.expire_all()
    assert [mail.status for mail in mails()] == ["cancelled", "cancelled", "pending", "cancelled"]


def test_withdrawing_everything_is_a_mistake(app):
    with pytest.raises(ValueError):
        services.withdraw(key_prefix="")


def test_many_are_told_in_few_statements(app, query_count):
    nadia = resident()
    many = [Telling(nadia.id, "lending.due", {"n": n}, "/loans/1", f"loan:{n}:due") for n in range(2000)]
    with query_count() as statements, transaction():
        assert services.tell_many(many, now=NOON) == 2000
    assert len(statements) <= 20
    assert len(mails()) == 2000
