"""Mail as it leaves: words, headers, retries, and each file once."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import MailedLink
from app.core.db import db, transaction
from app.core.tokens import read_link
from app.notifications import jobs, letters, services
from app.notifications.models import Mail
from app.notifications.senders import FileSender, SenderAway, SmtpSender, file_name
from tests.factories import changed, resident, stored
from tests.harness.web import free_port

NOON = datetime(2026, 11, 25, 11, tzinfo=UTC)


def tell(resident_id: int, **changes: Any) -> None:
    given: dict[str, Any] = {
        "kind": "unknown.kind",
        "params": {},
        "path": "/loans/1",
        "key": "loan:1",
        "now": NOON,
    }
    with transaction():
        services.tell(resident_id=resident_id, **{**given, **changes})


def ask_to_confirm(who: Any, now: datetime = NOON) -> MailedLink:
    link = stored(
        MailedLink(resident_id=who.id, purpose="confirm", created_at=now, expires_at=now + timedelta(days=7))
    )
    with transaction():
        services.mail(
            resident_id=who.id, kind="accounts.confirm", path="/confirm?token=", link=("confirm", link.id),
            key=f"accounts.confirm:{link.id}", now=now,
        )  # fmt: skip
    return link


def row() -> Mail:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(Mail)).one()


def files(app: Flask) -> list[Path]:
    folder: Path = app.extensions["movilab.config"].folder / "mail"
    return sorted(folder.glob("*")) if folder.is_dir() else []


def read(place: Path) -> EmailMessage:
    return cast(EmailMessage, message_from_bytes(place.read_bytes(), policy=modern))


def words(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


class Silent:
    """A sender that nobody answers, or that refuses some mails."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.asked: list[str] = []
        self.noted_together = 1

    def __enter__(self) -> "Silent":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def send(self, _message: EmailMessage, *, key: str) -> None:
        self.asked.append(key)
        raise self.error

    def settle(self) -> None:
        pass


def test_a_file_holds_text_and_html_in_the_readers_language(app):
    anna = resident("Anna", email_confirmed_at=None, email="anna@example.org")
    link = ask_to_confirm(anna)
    assert jobs.send_mail(now=NOON) == 1
    [place] = files(app)
    message = read(place)
    assert place.stat().st_mode & 0o077 == 0
    assert message["Subject"] == "Confirmez votre adresse"
    assert (message["To"], message["Auto-Submitted"]) == ("Anna <anna@example.org>", "auto-generated")
    assert message["From"].addresses[0].addr_spec == "ne-pas-repondre@127.0.0.1"
    assert message.get_content_type() == "multipart/alternative"
    text, html = words(message), words(message, "html")
    assert text.startswith("Bonjour Anna,")
    address = next(line for line in text.splitlines() if line.startswith("http"))
    assert read_link("confirm", address.partition("/confirm?token=")[2]) == link.id
    assert address in html
    assert "<style>" in html
    assert "src=" not in html
    assert row().status == "sent"


def test_the_link_stands_in_one_piece_in_the_raw_file(app):
    ask_to_confirm(resident(email_confirmed_at=None))
    jobs.send_mail(now=NOON)
    raw = files(app)[0].read_text()
    assert any(line.startswith("http") and "/confirm?token=" in line for line in raw.splitlines())


def test_an_english_reader_gets_an_english_mail(app):
    tell(resident("Anna", locale="en").id)
    jobs.send_mail(now=NOON)
    message = read(files(app)[0])
    assert message["Content-Language"] == "en"
    assert 'lang="en"' in words(message, "html")


def test_a_kind_without_templates_leaves_with_its_sentence(app):
    tell(resident("Zoé").id)
    jobs.send_mail(now=NOON)
    message = read(files(app)[0])
    assert message["Subject"] == "Il y a du nouveau pour vous."
    assert "/loans/1" in words(message)


def test_a_reminder_says_what_when_and_where(app):
    told = {
        "item": "Tente 4 places", "due": date(2026, 11, 27), "closes": time(19), "at_hub": True,
        "place": "Maison des Tilleuls",
    }  # fmt: skip
    tell(resident().id, kind="lending.due_soon", params=told)
    jobs.send_mail(now=NOON)
    message = read(files(app)[0])
    assert "vendredi 27 novembre" in message["Subject"]
    for kind in ("plain", "html"):
        text = words(message, kind).replace("\u00a0", " ")
        assert "À rendre : vendredi 27 novembre, avant 19 h" in text
        assert "Où : Maison des Tilleuls" in text


def test_a_neighbours_words_are_quoted_not_obeyed(app):
    told = {"item": "Tente", "owner": "Zoé", "why": "<img src=x onerror=alert(1)>\nDésolée"}
    tell(resident().id, kind="lending.declined", params=told)
    jobs.send_mail(now=NOON)
    assert "<img" not in words(read(files(app)[0]), "html")


def test_nobody_writes_headers_from_a_name(app):
    tell(resident("Eve\r\nBcc: all@example.org", email="eve@example.org").id)
    jobs.send_mail(now=NOON)
    raw = files(app)[0].read_bytes()
    assert b"\nBcc:" not in raw
    assert read(files(app)[0])["To"].addresses[0].addr_spec == "eve@example.org"


def test_html_in_a_name_is_only_text(app):
    tell(resident("<script>alert(1)</script>").id)
    jobs.send_mail(now=NOON)
    assert "<script>" not in words(read(files(app)[0]), "html")


def test_one_mail_that_cannot_be_written_keeps_no_other_back(app):
    tell(resident(email="not an address").id, key="loan:1")
    tell(resident().id, key="loan:2")
    assert jobs.send_mail(now=NOON) == 1
    db.session.rollback()
    broken, sent = db.session.scalars(select(Mail).order_by(Mail.id))
    assert (broken.status, broken.attempts, sent.status) == ("pending", 1, "sent")
    assert "not an address" not in (broken.last_error or "")


def test_an_address_that_went_away_cancels_the_mail(app):
    anna = resident()
    tell(anna.id)
    changed(anna, email=None, email_confirmed_at=None)
    assert jobs.send_mail(now=NOON) == 0
    assert (row().status, row().last_error) == ("cancelled", "no_address")


def test_what_was_called_off_does_not_leave(app):
    tell(resident().id, key="loan:1:due")
    with transaction():
        services.withdraw(key_prefix="loan:1:")
    assert jobs.send_mail(now=NOON) == 0
    assert files(app) == []


def test_a_second_sending_of_one_key_leaves_the_file_as_it_is(app, tmp_path):
    first, second = EmailMessage(), EmailMessage()
    first.set_content("first")
    second.set_content("second")
    with FileSender(tmp_path / "mail") as sender:
        sender.send(first, key="loan:1")
        sender.send(second, key="loan:1")
        sender.send(second, key="loan_1")
    assert len(list((tmp_path / "mail").iterdir())) == 2
    assert b"first" in (tmp_path / "mail" / file_name("loan:1")).read_bytes()


@pytest.mark.parametrize("key", ["../../etc/passwd", "a" * 400, "\0", "é:ü", ".hidden"])
def test_no_key_leaves_the_folder(key):
    name = file_name(key)
    assert "/" not in name
    assert not name.startswith(".")
    assert len(name) < 130


def test_a_long_sleep_ends_in_the_morning_not_in_the_night(app):
    """The scheduler was down at noon and comes back at night: the evening is still quiet."""
    tell(resident().id)
    night = NOON + timedelta(hours=11)
    assert jobs.send_mail(now=night) == 0
    assert row().next_try_at == datetime(2026, 11, 26, 8, tzinfo=UTC)
    assert jobs.send_mail(now=NOON + timedelta(days=1)) == 1


def test_refused_mail_is_tried_again_later_each_time_and_then_given_up(app):
    tell(resident().id, urgent=True)
    refusing = Silent(OSError("no"))
    now = NOON
    waits = []
    for _ in range(8):
        assert jobs.send_due(refusing, now=now) == 0
        mail = row()
        assert jobs.send_due(refusing, now=now) == 0, "too early"
        if mail.status == "pending":
            waits.append(round((mail.next_try_at - now) / timedelta(minutes=1)))
            now = mail.next_try_at
    assert waits == [1, 5, 15, 60, 360, 360, 360]
    assert (mail.status, mail.attempts, len(refusing.asked)) == ("failed", 8, 8)
    with transaction():
        assert services.retry_failed(now=now) == 1
    assert jobs.send_mail(now=now) == 1


def test_when_nobody_answers_the_server_is_asked_once(app):
    who = resident()
    for n in range(50):
        tell(who.id, key=f"loan:{n}")
    away = Silent(SenderAway("TimeoutError"))
    assert jobs.send_due(away, now=NOON) == 0
    assert len(away.asked) == 1
    assert jobs.send_mail(now=NOON) == 30, "those that were not in hand leave as soon as somebody answers"
    assert jobs.send_mail(now=NOON + timedelta(minutes=2)) == 20


def test_a_lease_keeps_other_senders_away_until_it_is_over(app):
    tell(resident().id)
    _taken, [letter] = jobs._claim(now=NOON)
    assert letter.key == "loan:1"
    assert jobs._claim(now=NOON + timedelta(seconds=29)) == (0, [])
    assert jobs.send_mail(now=NOON + timedelta(seconds=31)) == 1


def test_an_idle_look_takes_no_write_lock(app, query_count):
    with query_count() as statements:
        assert jobs.send_mail(now=NOON) == 0
    assert len(statements) == 1
    assert statements.writes() == []


def test_a_real_server_takes_many_on_one_connection(app, smtp_server):
    who = resident("Élodie « L’Échelle »", email="elodie@example.org")
    for n in range(25):
        tell(who.id, key=f"loan:{n}")
    with_server = SmtpSender(smtp_server.url)
    assert jobs.send_due(with_server, now=NOON) == 25
    assert len(smtp_server.messages) == 25
    first = smtp_server.messages[0]
    assert first["To"].addresses[0].display_name == "Élodie « L’Échelle »"
    assert {message["Message-ID"] for message in smtp_server.messages} == {
        letters.message_id(f"loan:{n}", "http://127.0.0.1:8000") for n in range(25)
    }


def test_a_real_server_that_refuses_is_asked_again(app, smtp_server):
    tell(resident().id)
    smtp_server.refuse(2)
    now = NOON
    for sent in (0, 0, 1):
        assert jobs.send_due(SmtpSender(smtp_server.url), now=now) == sent
        now += timedelta(minutes=6)
    assert len(smtp_server.messages) == 1
    assert row().attempts == 3


def test_a_server_that_is_down_is_away(app):
    tell(resident().id)
    assert jobs.send_due(SmtpSender(f"smtp://127.0.0.1:{free_port()}"), now=NOON) == 0
    assert row().last_error == "away: ConnectionRefusedError"


def test_the_configured_server_is_used(app: Flask, app_with: Callable[..., Flask], smtp_server: Any) -> None:
    tell(resident().id)
    other = app_with(MOVILAB_SMTP_URL=smtp_server.url, MOVILAB_MAIL_FROM="Lieu <lieu@example.org>")
    with other.app_context():
        assert jobs.send_mail(now=NOON) == 1
    assert smtp_server.messages[0]["From"].addresses[0].addr_spec == "lieu@example.org"


def test_what_left_long_ago_is_forgotten(app):
    tell(resident().id)
    jobs.send_mail(now=NOON)
    tell(resident().id, key="loan:2", not_before=NOON + timedelta(days=90))
    assert jobs.forget_old(now=NOON + timedelta(days=29)) == 0
    assert jobs.forget_old(now=NOON + timedelta(days=31)) == 1
    assert row().key == "loan:2"
