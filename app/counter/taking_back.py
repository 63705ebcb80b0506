"""The desk takes back: one scan, from whomever; how it came back is said after it."""

from flask import g
from flask_login import current_user

from app.core import codes
from app.core.db import transaction
from app.core.errors import Conflict
from app.counter import queries
from app.counter.handing_out import refused
from app.counter.pages import Stand, act
from app.counter.said import Said
from app.hubs import queries as hub_queries
from app.hubs.models import Hub
from app.items.models import Item
from app.lending import queries as lending_queries
from app.lending import services
from app.lending.services import CheckedIn
from app.lending.transfers import queries as transfer_queries
from app.lending.transfers import services as transfers


@act("check-in")
def check_in(stand: Stand) -> Said:
    """Take this object back, whoever stands at the desk."""
    code = stand.form.get("code", "")
    item = queries.item_by_code(str(codes.read(code)))
    if item is None:
        return Said("unknown", "stop", 404, words=code[:60])
    return take_back(item, stand.hub)


@act("describe-return")
def describe_return(stand: Stand) -> Said:
    """How it came back: after the scan, because the scan asks nothing."""
    form = stand.form
    loan = stand.loan()
    owed = loan.deposit_received_cents if form.get("deposit_returned") else None
    with transaction():
        loan = services.describe_return(
            loan_id=loan.id,
            hub_id=stand.hub.id,
            actor_id=current_user.id,
            condition=form.get("condition", "good"),
            parts=form.getlist("parts") if form.get("parts_shown") else None,
            note=form.get("note"),
            deposit_returned_cents=owed,
            now=g.now,
        )
    again = take_back(
        queries.item(loan.item_id), stand.hub
    )  # the same scan once more only says where it goes
    again.kind = "noted"
    return again


def take_back(item: Item, hub: Hub) -> Said:
    """Take this object back, and say where it goes."""
    try:
        with transaction():
            done = services.check_in(item_code=item.code, hub_id=hub.id, actor_id=current_user.id, now=g.now)
    except Conflict as problem:
        if problem.word != "not_out":
            return refused(problem, item)
        return _arrived(item, hub) or Said(
            "here",
            "keep",
            409,
            item=item,
            expected=queries.expected_loan(item.id, hub=hub, now=g.now),
            ticket=lending_queries.open_ticket(item.id),
            transfer=transfer_queries.to_leave(item.id, hub.id),
        )
    return _returned("returned_again" if done.repeated else "returned", done, item, hub)


def _arrived(item: Item, hub: Hub) -> Said | None:
    """What another hub has sent here."""
    with transaction():
        came = transfers.receive(item_code=item.code, hub_id=hub.id, actor_id=current_user.id, now=g.now)
    if came is None:
        return None
    name = queries.name_of(came.next.user_id)
    return Said("arrived", "keep", item=item, next=came.next, next_name=name, transfer=came.transfer)


def _returned(kind: str, done: CheckedIn, item: Item, hub: Hub) -> Said:
    loan = done.loan
    ticket = lending_queries.open_ticket(item.id)
    days = hub_queries.open_days(hub)
    back = days.today(loan.checked_in_at) if loan.checked_in_at else loan.due
    return Said(
        kind,
        "returned" if done.next.kind == "shelf" else "keep",
        item=item,
        loan=loan,
        next=done.next,
        next_name=queries.name_of(done.next.user_id),
        missing=list(ticket.missing) if ticket else [],
        note=ticket.note if ticket else "",
        days_late=max(0, (back - loan.due).days),
    )
