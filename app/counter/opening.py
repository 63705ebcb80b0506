"""What a label or a card opens under any phone's camera."""

from flask import g, redirect, render_template, url_for
from flask_login import current_user

from app.core import codes
from app.counter import queries
from app.counter.pages import Answer, blueprint
from app.hubs import queries as hub_queries
from app.hubs.models import Hub
from app.items.labels import queries as labels
from app.items.models import Item
from app.lending import lines
from app.lending import queries as lending_queries
from app.lending.transfers import queries as transfer_queries


@blueprint.get("/c/<code>")
def open_code(code: str) -> Answer:
    """What a label or a card opens: the object's page, or what can be done with it by whoever holds the phone."""
    read = codes.read(code)
    if read is None:
        return render_template("counter/not_a_code.html"), 404
    if read.kind == codes.MEMBER:
        return _open_card(str(read))
    item = queries.item_by_code(str(read))
    if item is None:
        counters = {hub.id for hub in current_user.counter_hubs}
        if counters and labels.blank(str(read), counter_at=counters):
            return redirect(url_for("labels.stick", code=str(read)))
        return render_template("counter/not_a_code.html"), 404
    if item.hub and any(hub.id == item.hub_id for hub in current_user.counter_hubs):
        return _open_label(item, item.hub)
    loan = queries.loan_between(item.id, current_user.id) if current_user.is_authenticated else None
    if loan is not None and loan.hub_id is None:
        return redirect(url_for("lending.show", loan_id=loan.id))
    return redirect(url_for("items.show", item_id=item.id))


def _open_label(item: Item, hub: Hub) -> Answer:
    return render_template(
        "counter/label.html",
        item=item,
        hub=hub,
        picture=lines.pictures({item.id})[item.id],
        out=queries.loan_out(item.id),
        expected=queries.expected_loan(item.id, hub=hub, now=g.now),
        ticket=lending_queries.open_ticket(item.id),
        transfer=transfer_queries.open_transfer(item.id),
        today=hub_queries.open_days(hub).today(g.now),
    )


def _open_card(code: str) -> Answer:
    """For those who hold a counter, the desk with this person; for others what it is, and nobody's name."""
    hub = current_user.counter_hub
    if hub is not None:
        return redirect(url_for(".desk", hub=hub.slug, member=code))
    mine = current_user.is_authenticated and current_user.code == code
    return render_template("counter/card.html", mine=mine)
