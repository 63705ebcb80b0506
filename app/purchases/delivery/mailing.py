"""The order leaves by mail for a supplier, who is no neighbour and has no account: claimed, sent, noted, as all mail of the
house is, with no transaction open while a mail server is asked."""

from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

import structlog
from flask import current_app, render_template
from sqlalchemy import Select, or_, select

from app.core.db import db, retrying, transaction
from app.core.i18n import _, format_money, in_language, ngettext
from app.core.jobs import keep_going
from app.core.text import one_line, several_lines
from app.notifications import rules as backing_off
from app.notifications import senders
from app.notifications.letters import AS_IT_STANDS, SUBJECT_LONGEST, message_id
from app.notifications.senders import Sender, SenderAway
from app.purchases.delivery import queries, sheets, tables
from app.purchases.delivery.models import SupplierMail
from app.purchases.delivery.weighing import bought
from app.purchases.models import Campaign
from config import Config

log = structlog.get_logger()

LEASE = timedelta(seconds=60)


def send_orders(*, now: datetime) -> int:
    """Every order that is due leaves; how many did."""
    config: Config = current_app.extensions["movilab.config"]
    return send_due(senders.sender_for(config), now=now)


def send_due(sender: Sender, *, now: datetime) -> int:
    """Send through `sender` what is due. Nobody at the other end: the rest waits."""
    sent = 0
    if db.session.scalar(_due(now)) is None:
        return 0
    with sender:
        while keep_going() and (number := retrying(lambda: _claim(now=now))) is not None:
            try:
                sender.send(_written(number, now=now), key=f"purchases.order:{number}")
                sender.settle()
            except SenderAway as away:
                _note_failure(number, f"away: {away}", now=now)
                break
            except Exception as error:
                log.exception("an order was not sent", mail_id=number)
                _note_failure(number, type(error).__name__, now=now)
            else:
                _note(number, status="sent", sent_at=now, last_error=None)
                sent += 1
    return sent


def _due(now: datetime) -> Select[int]:
    return (
        select(SupplierMail.id)
        .where(
            SupplierMail.status == "pending",
            SupplierMail.next_try_at <= now,
            or_(SupplierMail.leased_until.is_(None), SupplierMail.leased_until <= now),
        )
        .order_by(SupplierMail.next_try_at, SupplierMail.id)
        .limit(1)
    )


def _claim(*, now: datetime) -> int | None:
    with transaction() as session:
        number = session.scalar(_due(now).with_for_update(skip_locked=True))
        if number is not None:
            session.get_one(SupplierMail, number).leased_until = now + LEASE
        return number


def _written(number: int, *, now: datetime) -> EmailMessage:
    """The mail, whole: what is to be brought, in words, and both lists."""
    mail = db.session.get_one(SupplierMail, number)
    campaign = queries.campaign(mail.campaign_id)
    with in_language(mail.locale):
        return _message(mail, campaign, now=now)


def _message(mail: SupplierMail, campaign: Campaign, *, now: datetime) -> EmailMessage:
    from app.purchases.delivery import paper  # noqa: PLC0415 -- fpdf2, only where something is drawn

    config: Config = current_app.extensions["movilab.config"]
    message = EmailMessage(policy=AS_IT_STANDS)
    name, sender = parseaddr(config.mail_from)
    message["From"] = Address(one_line(name), addr_spec=sender)
    message["To"] = Address(one_line(campaign.supplier), addr_spec=mail.address)
    if campaign.organizer.email and campaign.organizer.email_confirmed_at:
        message["Reply-To"] = Address(one_line(campaign.organizer.name), addr_spec=campaign.organizer.email)
    subject = _("Commande nº %(number)s · %(title)s", number=campaign.id, title=campaign.title)
    message["Subject"] = one_line(subject)[:SUBJECT_LONGEST]
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id(mail.key, config.site_url)
    message.set_content(several_lines(_text(mail, campaign)) + "\n")
    stem = file_name(campaign)
    drawn = paper.drawn(sheets.order(campaign), made_at=mail.created_at)
    message.add_attachment(drawn, maintype="application", subtype="pdf", filename=f"{stem}.pdf")
    message.add_attachment(
        tables.order(campaign).encode(), maintype="text", subtype="csv", filename=f"{stem}.csv"
    )
    return message


def file_name(campaign: Campaign) -> str:
    """What the files of an order are called."""
    return _("commande-%(number)s", number=campaign.id)


def _text(mail: SupplierMail, campaign: Campaign) -> str:
    lines = [
        {
            "name": sheets.named(product),
            "count": ngettext("%(num)s unité", "%(num)s unités", bought(product)),
        }
        for product in campaign.products
        if product.packs
    ]
    return render_template(
        "mail/supplier/order.txt",
        campaign=campaign,
        hub=campaign.hub,
        products=lines,
        total=format_money(sheets.order_cents(campaign), campaign.currency),
        words=mail.words,
        names=campaign.organizer.name,
    )


def _note_failure(number: int, why: str, *, now: datetime) -> None:
    attempts = db.session.get_one(SupplierMail, number).attempts + 1
    again = backing_off.next_try(attempts, now=now)
    if again is None:
        _note(number, status="failed", last_error=why)
    else:
        _note(number, next_try_at=again, last_error=why)


def _note(number: int, **values: object) -> None:
    """Write down how it went and end the lease."""

    def write() -> None:
        with transaction() as session:
            mail = session.get_one(SupplierMail, number)
            mail.attempts += 1
            mail.leased_until = None
            for name, value in values.items():
                setattr(mail, name, value)

    retrying(write)
