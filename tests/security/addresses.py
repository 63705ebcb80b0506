"""Every address of the house, and who is let in: the one table that tests of access and of pages read.

A row names its arguments, its query and what is typed by names of things (`{loan}`, `{slug}`); each town that tests
build (a small one of factories, the demo territory) knows its own things by these names.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import Flask, url_for

PEOPLE = ("stranger", "newcomer", "resident", "owner", "volunteer", "coordinator", "steward")
"""Who stands before a page: not logged in; without hub, home or confirmed address; a verified member who has
borrowed; one who also lends; those who hold the hub's counter; who looks after the installation."""
FAR = ("far_resident", "far_volunteer", "far_coordinator")
"""People of another hub, with its roles: to this one they are strangers who logged in."""
EVERYBODY = frozenset(PEOPLE + FAR)
NOBODY: frozenset[str] = frozenset()
SIGNED_IN = EVERYBODY - {"stranger"}
COUNTER = frozenset({"volunteer", "coordinator"})
ANY_COUNTER = COUNTER | {"far_volunteer", "far_coordinator"}
LOOKS_AFTER = frozenset({"coordinator", "steward"})
SEES_MEMBERS = COUNTER | {"steward"}


@dataclass(frozen=True)
class Address:
    """One address with example arguments. `who` is let in; a stranger is asked to log in; all others are refused.

    `let_in` are the statuses that say so (an act may well be refused for what it is, not for who asks).
    """

    method: str
    endpoint: str
    who: frozenset[str] = SIGNED_IN
    args: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    typed: dict[str, Any] = field(default_factory=dict)
    kind: str = "page"
    """What the answer is: a page for people, a file, json, or a way on (redirect)."""
    let_in: frozenset[int] = frozenset({200, 201, 202, 204, 302, 303, 409, 422})
    name: str = ""

    def __str__(self) -> str:
        return self.name or f"{self.method} {self.endpoint}"


def _get(endpoint: str, who: Iterable[str] = SIGNED_IN, /, **more: Any) -> Address:
    return Address("GET", endpoint, frozenset(who), **more)


def _post(endpoint: str, who: Iterable[str] = SIGNED_IN, /, **more: Any) -> Address:
    return Address("POST", endpoint, frozenset(who), **more)


def _call(method: str, endpoint: str, who: Iterable[str] = SIGNED_IN, /, **more: Any) -> Address:
    return Address(method, endpoint, frozenset(who), kind="json", **more)


HUB = {"slug": "slug"}
MEMBER = {"slug": "slug", "resident_id": "resident_id"}
PENDING = {"slug": "slug", "resident_id": "pending_id"}

HOME = (
    _get("home.index", EVERYBODY),
    _get("home.place"),
    _get("home.styleguide", EVERYBODY),
    _post("home.place", typed={"lat": "44.70", "lon": "5.20"}),
    _post("home.place", typed={"where": "26340"}, name="choosing one's commune"),
    _post("home.forget_place"),
    _get("calendar.show"),
    _post("calendar.make"),
    _post("calendar.end"),
    _get("calendar.feed", EVERYBODY, args={"token": "calendar_token"}, kind="file"),
    _post("home.set_language", EVERYBODY, typed={"locale": "en", "next": "/hubs"}),
)

ACCOUNTS = (
    _get("accounts.sign_up", EVERYBODY),
    _get("accounts.sign_up_done", EVERYBODY),
    _get("accounts.log_in", EVERYBODY),
    _get("accounts.forgot_password", EVERYBODY),
    _get("accounts.confirm", EVERYBODY, query={"token": "{confirm_token}"}),
    _get(
        "accounts.confirm",
        EVERYBODY,
        query={"token": "old"},
        let_in=frozenset({404}),
        name="a link that is over",
    ),
    _get("accounts.reset_password", EVERYBODY, query={"token": "{password_token}"}),
    _get("accounts.show"),
    _get("accounts.edit_profile"),
    _get("accounts.card"),
    _get("accounts.devices"),
    _get("accounts.change_password"),
    _get("accounts.tokens"),
    _post("accounts.sign_up", EVERYBODY),
    _post("accounts.log_in", EVERYBODY),
    _post("accounts.forgot_password", EVERYBODY, typed={"email": "nobody@example.org"}),
    _post("accounts.confirm", EVERYBODY, typed={"token": "old"}, let_in=frozenset({404, 410})),
    _post("accounts.reset_password", EVERYBODY, typed={"token": "old"}, let_in=frozenset({404, 410})),
    _post("accounts.send_confirmation"),
    _post("accounts.edit_profile", typed={"name": "Anna B.", "locale": "fr"}),
    _post("accounts.change_password"),
    _post("accounts.tokens", typed={"name": "Calendrier", "days": "90"}),
    _post("accounts.log_out"),
    _post("accounts.end_device", {"resident"}, args={"session_id": "session_id"}),
    _post("accounts.revoke_token", {"resident"}, args={"token_id": "token_id"}),
)

HUBS = (
    _get("hubs.index", EVERYBODY),
    _get("hubs.show", EVERYBODY, args=HUB),
    _get("hubs.members", SEES_MEMBERS, args=HUB),
    _get("hubs.member", SEES_MEMBERS, args=MEMBER),
    _get("hubs.add_resident", COUNTER, args=HUB),
    _get("hubs.hours", LOOKS_AFTER, args=HUB),
    _get("hubs.closures", LOOKS_AFTER, args=HUB),
    _get("hubs.edit_policy", LOOKS_AFTER, args=HUB),
    _post("hubs.join", args=HUB),
    _post("hubs.verify", COUNTER, args=PENDING),
    _post("hubs.suspend", LOOKS_AFTER, args=MEMBER, typed={"why": "Trois retards."}),
    _post("hubs.lift", LOOKS_AFTER, args=MEMBER),
    _post("hubs.set_roles", LOOKS_AFTER, args=MEMBER, typed={"roles": "volunteer"}),
    _post("hubs.add_resident", COUNTER, args=HUB, typed={"name": "Odette"}),
    _post("hubs.hours", LOOKS_AFTER, args=HUB, typed={"d1-0-opens": "14:00", "d1-0-closes": "18:00"}),
    _post("hubs.closures", LOOKS_AFTER, args=HUB),
    _post("hubs.cancel_closure", LOOKS_AFTER, args={"slug": "slug", "closure_id": "closure_id"}),
    _post("hubs.edit_policy", LOOKS_AFTER, args=HUB),
)

DRILL, LADDER = {"item_id": "item_of_hub"}, {"item_id": "item_of_owner"}
KEEPS = frozenset({"owner"})
"""A neighbour's object at home is changed by nobody else; a hub's object by the hub's volunteers."""
IN_A_MONTH = {"from": "{day+30}", "to": "{day+33}"}

KEPT = {"item_id": "item_kept"}
"""Kept aside for the resident, whose turn it is."""
NOT_IN_LINE = frozenset({200, 201, 302, 404, 409})

ITEMS = (
    _get("items.search", EVERYBODY),
    _get(
        "items.search",
        EVERYBODY,
        query={"q": "perceuse", "from": "{day+30}", "to": "{day+33}"},
        name="a search",
    ),
    _get("items.search", EVERYBODY, query={"q": "zzzzzz"}, name="a search without result"),
    _get(
        "items.search",
        EVERYBODY,
        query={"near": "nowhere"},
        let_in=frozenset({422}),
        name="a search nobody understands",
    ),
    _get("items.search", EVERYBODY, query={"view": "map", "near": "44.7,5.2"}, name="a search on a map"),
    _get("items.filters", EVERYBODY, query={"near": "44.7,5.2", "category": "bricolage"}),
    _get(
        "items.filters",
        EVERYBODY,
        query={"from": "2026-12-05", "to": "2026-12-01"},
        let_in=frozenset({422}),
        name="filters that nobody understands",
    ),
    _get("items.points", EVERYBODY, kind="json"),
    _get("items.place", EVERYBODY),
    _get("items.place", EVERYBODY, query={"where": "saillans", "q": "perceuse"}, name="places of that name"),
    _get("items.place", EVERYBODY, query={"where": "zzzzzz"}, name="no place of that name"),
    _get("items.show", EVERYBODY, args=DRILL),
    _get("items.show", EVERYBODY, args=DRILL, query=IN_A_MONTH, name="an object with days chosen"),
    _get("items.show", EVERYBODY, args={"item_id": "item_taken"}, name="an object that is out"),
    _get("items.show", EVERYBODY, args=LADDER, name="a neighbour's object"),
    _get("items.photo", EVERYBODY, args={"name": "photo", "size": "size"}, kind="file"),
    _get("items.new"),
    _get("items.guess_shelf", query={"title": "perceuse"}, kind="file"),
    _get("items.new", KEEPS, query={"like": "{item_of_owner}"}, name="another one like it"),
    _get("items.mine"),
    _get("items.posted", COUNTER, args=DRILL),
    _get("items.posted", KEEPS, args=LADDER, name="a neighbour's object that is online now"),
    _get("items.edit", COUNTER, args=DRILL),
    _get("items.edit", KEEPS, args=LADDER, name="changing a neighbour's object"),
    _get("items.retire", COUNTER, args=DRILL),
    _get("items.label", COUNTER, args=DRILL),
    _get("items.label", KEEPS, args=LADDER, name="the label of a neighbour's object"),
    _post("items.new"),
    _post("items.edit", COUNTER, args=DRILL),
    _post("items.edit", KEEPS, args=LADDER, name="saving a neighbour's object"),
    _post("items.add_photo", COUNTER, args=DRILL),
    _post("items.add_photo", KEEPS, args=LADDER, name="a photo of a neighbour's object"),
    _post("items.remove_photo", COUNTER, args=DRILL | {"photo_id": "photo_id"}),
    _post("items.put_photo_first", COUNTER, args=DRILL | {"photo_id": "photo_id"}),
    _post("items.take_own_days", KEEPS, args=LADDER, typed=IN_A_MONTH),
    _post("items.give_own_days_back", KEEPS, args=LADDER | {"claim_id": "claim_id"}),
    _post(
        "items.grant_induction",
        {"coordinator"},
        args={"item_id": "item_shown"},
        typed={"code": "{resident_card}"},
    ),
    _post("items.retire", COUNTER, args=DRILL),
    _post("items.retire", KEEPS, args=LADDER, name="taking a neighbour's object away"),
)

SEARCHES = (
    _get("items.searches"),
    _get("items.new_search", query={"q": "scie", "radius_km": "5", "near": "44.700,5.200"}),
    _get(
        "items.new_search",
        query={"q": ""},
        let_in=frozenset({422}),
        name="keeping a search for everything",
    ),
    _post("items.keep_search", EVERYBODY, typed={"q": "scie", "mode": "lend"}),
    _post("items.rename_search", {"resident"}, args={"search_id": "search_id"}, typed={"name": "Cabane"}),
    _post("items.stop_search", {"resident"}, args={"search_id": "search_id"}),
)

KITS = (
    _get("kits.show", COUNTER, args=DRILL),
    _get("kits.show", COUNTER, args={"item_id": "kit"}, name="a kit with an object"),
    _post("kits.put_in", COUNTER, args={"item_id": "kit"}, typed={"code": "{label}"}),
    _post("kits.take_out", COUNTER, args={"item_id": "kit", "object_id": "object"}),
)

TABLE, STICKER = {"batch_id": "table"}, {"code": "sticker"}
FILE = {"kind": "file"}

MANY = (
    _get("imports.of_hub", COUNTER, args=HUB),
    _get("imports.own"),
    _get("imports.show", COUNTER, args=TABLE),
    _get("imports.show", COUNTER, args={"batch_id": "table_done"}, name="a table that was written"),
    _get("imports.left_out", COUNTER, args=TABLE, **FILE),
    _get("imports.export_of_hub", COUNTER, args=HUB, **FILE),
    _get("imports.export_own", **FILE),
    _post("imports.of_hub", COUNTER, args=HUB),
    _post("imports.own"),
    _post("imports.confirm", COUNTER, args=TABLE),
    _post("imports.discard", COUNTER, args=TABLE),
    _get("labels.of_hub", COUNTER, args=HUB),
    _get("labels.own"),
    _get("labels.print_of_hub", COUNTER, args=HUB, **FILE),
    _get("labels.print_own", **FILE),
    _get("labels.print_one", COUNTER, args=DRILL, **FILE),
    _get("labels.print_one", KEEPS, args=LADDER, name="the label of a neighbour's object as PDF", **FILE),
    _get("labels.stickers", COUNTER, args=HUB),
    _get("labels.print_stickers", COUNTER, args=HUB | {"sheet_id": "sheet"}, **FILE),
    _get("labels.stick", COUNTER, args=STICKER),
    _get("labels.stick", COUNTER, args=STICKER, query={"q": "zzzzzz"}, name="a sticker for nothing here"),
    _get("labels.stock", COUNTER, args=HUB),
    _get("labels.print_stock", COUNTER, args=HUB, **FILE),
    _post("labels.stickers", COUNTER, args=HUB, typed={"count": "3"}),
    _post("labels.stick", COUNTER, args=STICKER, typed={"title": "Scie"}),
    _post("labels.stick_on", COUNTER, args=STICKER, typed={"item": "{item_of_hub}"}),
)

LOAN, ASKED = {"loan_id": "loan"}, {"loan_id": "loan_asked"}
OF_LOAN = COUNTER | {"resident"}
CARDED = {"loan_id": "loan_carded"}
DEPOSIT_SEEN = frozenset({"resident", "coordinator", "steward"})
DAMAGE = {"cents": "12", "why": "Un arceau est cassé."}
OF_ASKED = frozenset({"resident", "owner"})

LENDING = (
    _get("lending.index"),
    _get("lending.past"),
    _get("lending.lent"),
    _get("lending.hub_loans", COUNTER, args=HUB),
    _get("lending.hub_loans", COUNTER, args=HUB, query={"status": ""}, name="all loans of a hub"),
    _get("lending.show", OF_LOAN, args=LOAN),
    _get("lending.show", OF_ASKED, args=ASKED, name="a loan between neighbours"),
    _get("lending.days", OF_LOAN, args=LOAN, kind="file"),
    _get("lending.back_to_item", args=DRILL, kind="redirect"),
    _get("lending.back_to_loan", args=LOAN | {"act": "act"}, kind="redirect"),
    _get("lending.wait", args=KEPT),
    _get("lending.wait", args=DRILL, kind="redirect", name="a line one does not stand in"),
    _get("lending.back_to_line", args=KEPT | {"act": "act"}, kind="redirect"),
    _post("lending.join_line", args={"item_id": "item_taken"}),
    _post("lending.take_turn", args=KEPT, let_in=NOT_IN_LINE),
    _post("lending.pass_turn", args=KEPT, let_in=NOT_IN_LINE),
    _post("lending.leave_line", args=KEPT),
    _post("lending.reserve", args=DRILL, typed=IN_A_MONTH),
    _post("lending.approve", KEEPS, args=ASKED),
    _post("lending.decline", KEEPS, args=ASKED, typed={"why": "Elle est partie."}),
    _post("lending.cancel", OF_LOAN, args=LOAN),
    _post("lending.cancel", OF_ASKED, args=ASKED, name="calling off a loan between neighbours"),
    _post("lending.renew", OF_LOAN, args=LOAN),
    _post("lending.renew", {"resident"}, args=ASKED, name="prolonging a loan between neighbours"),
    _get("lending.back_to_loans", kind="redirect"),
    _get("lending.back_to_late", args=MEMBER | {"act": "act"}, kind="redirect"),
    _post("lending.renew_several", typed={"loan": "{loan}"}),
    _post("lending.change_days", OF_LOAN, args=LOAN, typed=IN_A_MONTH),
    _post(
        "lending.change_days",
        {"resident"},
        args=ASKED,
        typed=IN_A_MONTH,
        name="other days between neighbours",
    ),
    _post("lending.mark_lost", {"coordinator"}, args=LOAN),
    _post("lending.mark_lost", KEEPS, args=ASKED, name="losing what was lent to a neighbour"),
    _post("lending.find_again", COUNTER, args=LOAN),
    _post("lending.find_again", KEEPS, args=ASKED, name="finding what was lent to a neighbour"),
    _get("lending.late_people", COUNTER, args=HUB),
    _get(
        "lending.late_people",
        COUNTER,
        args=HUB,
        query={"to": "{resident_id}", "tone": "firm"},
        name="a letter to who is late",
    ),
    _post("lending.write_to_late", COUNTER, args=MEMBER, typed={"text": "Bonjour"}),
    _post("lending.note_contact", COUNTER, args=MEMBER, typed={"note": "Vient vendredi."}),
    _get("lending.to_decide", COUNTER, args=HUB),
    _get("lending.closing", LOOKS_AFTER, args=HUB),
    _get(
        "lending.closing",
        LOOKS_AFTER,
        args=HUB,
        query={"first_day": "{day+1}", "last_day": "{day+40}", "why": "Congés"},
        name="what a closing moves",
    ),
    _get("card_deposits.show", DEPOSIT_SEEN, args=CARDED),
    _get("card_deposits.back_to_deposit", args=CARDED | {"act": "act"}, kind="redirect"),
    _post("card_deposits.leave", {"resident"}, args=CARDED),
    _post("card_deposits.let_go", {"coordinator"}, args=CARDED),
    _post("card_deposits.claim", {"coordinator"}, args=CARDED, typed=DAMAGE),
    _post("card_deposits.accept", {"resident"}, args=CARDED),
    _post("card_deposits.contest", {"resident"}, args=CARDED, typed={"answer": "C’était déjà fendu."}),
    _post("card_deposits.settle", {"steward"}, args=CARDED, typed={"choice": "confirm"}),
    _post("lending.handed_over", OF_ASKED, args=ASKED),
    _post("lending.handed_back", OF_ASKED, args=ASKED),
    _post("lending.contest", OF_ASKED, args=ASKED),
    _post("lending.post_message", OF_LOAN, args=LOAN, typed={"text": "Bonjour"}),
    _post(
        "lending.post_message",
        OF_ASKED,
        args=ASKED,
        typed={"text": "Bonjour"},
        name="a word between neighbours",
    ),
)

MINUTES = {"transfer_id": "minutes"}

TIME = (
    _get("time.show"),
    _get("time.as_table", kind="file"),
    _get("time.give"),
    _get("time.transfer", {"resident", "owner"} | LOOKS_AFTER, args=MINUTES),
    _get("time.back_to_transfer", args=MINUTES, kind="redirect"),
    _get("time.of_hub", LOOKS_AFTER, args=HUB),
    _get("time.hub_as_table", LOOKS_AFTER, args=HUB, kind="file"),
    _get("time.find_transfer", LOOKS_AFTER, args=HUB, query={"number": "{minutes}"}, kind="redirect"),
    _post("time.give", typed={"to": "hub:1", "hours": "1", "minutes": "0"}),
    _post("time.record_shift", LOOKS_AFTER, args=HUB),
    _post("time.reverse", LOOKS_AFTER, args=MINUTES, typed={"note": "Noté deux fois"}),
)

RECEIPT = {"receipt_id": "receipt"}

MONEY = (
    _get("balance.show"),
    _get("balance.as_table", kind="file"),
    _post("balance.use", typed={"subject": "other:1", "currency": "EUR", "once": "u"}),
    _get("cash.show", COUNTER, args=HUB),
    _get("cash.who", COUNTER, args=HUB, query={"code": "{resident_card}"}),
    _get("cash.receipt", {"resident", "steward"} | COUNTER, args=RECEIPT),
    _post("cash.open_box", COUNTER, args=HUB, typed={"counted_cents": "20"}),
    _post("cash.close_box", COUNTER, args=HUB, typed={"counted_cents": "20"}),
    _post("cash.bring_to_bank", COUNTER, args=HUB, typed={"cents": "1", "once": "b"}),
    _post(
        "cash.settle",
        COUNTER,
        args={"slug": "slug", "resident_id": "resident_id"},
        typed={"subject": "other:1", "way": "in", "cents": "12,50", "means": "cash", "once": "o"},
    ),
    _post("cash.reverse", COUNTER, args=RECEIPT, typed={"why": "Noté deux fois"}),
    _get("differences.show", {"steward"}),
    _post("differences.write_down", {"steward"}, args={"difference_id": "difference"}, typed={"note": "Vu."}),
)

TRANSFER = {"transfer_id": "transfer"}

TRANSFERS = (
    _get("transfers.of_hub", COUNTER, args=HUB),
    _get("transfers.show", ANY_COUNTER, args=TRANSFER),
    _get("transfers.request_transfer", ANY_COUNTER, args=DRILL),
    _get("transfers.back_to_transfer", args=TRANSFER | {"act": "act"}, kind="redirect"),
    _post("transfers.scan", COUNTER, args=HUB, typed={"code": "{label}"}),
    _post("transfers.request_transfer", ANY_COUNTER, args=DRILL),
    _post("transfers.send", COUNTER, args=TRANSFER),
    _post("transfers.cancel", ANY_COUNTER, args=TRANSFER),
    _post("transfers.shelve", COUNTER, args=TRANSFER, typed={"shelf": "B3"}),
)

TICKET, NOTE = {"ticket_id": "ticket_id"}, LOAN | {"note_id": "note_id"}
DONE = {"state": "repairing", "note": "Fusible changé"}

MENDING = (
    _get("condition.show", OF_LOAN, args=LOAN),
    _post("condition.describe", OF_LOAN, args=LOAN, typed={"text": "Une rayure"}),
    _post("condition.take_back", {"resident"}, args=NOTE),
    _get(
        "condition.photo",
        args=LOAN | {"name": "photo", "size": "size"},
        kind="file",
        let_in=frozenset({404}),
    ),
    _get("repairs.of_hub", COUNTER, args=HUB),
    _get("repairs.of_hub", COUNTER, args=HUB, query={"state": "over"}, name="repairs that are over"),
    _get("repairs.sheet", COUNTER, args=HUB),
    _get("repairs.begin", COUNTER, args=DRILL),
    _post("repairs.begin", COUNTER, args=DRILL, typed={"condition": "damaged", "note": "Ne tourne plus"}),
    _get("repairs.show", COUNTER, args=TICKET),
    _post("repairs.show", COUNTER, args=TICKET, typed=DONE),
    _post("repairs.give_deposit_back", {"coordinator"}, args=TICKET, typed={"returned": "20"}),
)

WORKSHOP, LIST = {"workshop_id": "workshop"}, {"slug": "slug", "workshop_id": "workshop"}
ORGANIZES = frozenset({"coordinator"})
SOMEBODY = {"resident": "{resident_id}"}
NEW_WORKSHOP = {
    "hub": "{hub_id}",
    "title": "Réparer",
    "start": "2099-12-05T10:00:00+01:00",
    "minutes": 60,
    "capacity": 5,
}

WORKSHOPS = (
    _get("workshops.index", EVERYBODY),
    _get("workshops.index", EVERYBODY, query={"near": "", "from": "2099-01-01"}, name="workshops in years"),
    _get("workshops.of_hub", EVERYBODY, args=HUB),
    _get("workshops.hub_calendar", EVERYBODY, args=HUB, kind="file"),
    _get("workshops.show", EVERYBODY, args=WORKSHOP),
    _get("workshops.ics_of_one", EVERYBODY, args=WORKSHOP, kind="file"),
    _get("workshops.back_to_workshop", args=WORKSHOP | {"act": "act"}, kind="redirect"),
    _get("workshops.new", ORGANIZES, args=HUB),
    _get("workshops.edit", ORGANIZES, args=WORKSHOP),
    _get(
        "workshops.edit",
        ORGANIZES,
        args=WORKSHOP,
        query={"scope": "following"},
        name="this and the following",
    ),
    _get("workshops.attendance", COUNTER, args=LIST),
    _get("workshops.back_to_list", args=LIST | {"act": "act"}, kind="redirect"),
    _get("workshops.need", KEEPS, args={"need_id": "need"}),
    _post("workshops.register", args=WORKSHOP),
    _post("workshops.accept", args=WORKSHOP, let_in=NOT_IN_LINE),
    _post("workshops.leave", args=WORKSHOP),
    _post("workshops.undo_leave", args=WORKSHOP),
    _post("workshops.new", ORGANIZES, args=HUB),
    _post("workshops.edit", ORGANIZES, args=WORKSHOP),
    _post("workshops.cancel", ORGANIZES, args=WORKSHOP),
    _post("workshops.restore", ORGANIZES, args=WORKSHOP),
    _post("workshops.scan", COUNTER, args=LIST, typed={"code": "{resident_card}"}),
    _post("workshops.undo_attendance", COUNTER, args=LIST, typed=SOMEBODY, let_in=NOT_IN_LINE),
    _post("workshops.remove", COUNTER, args=LIST, typed=SOMEBODY),
    _post("workshops.put_back", COUNTER, args=LIST, typed=SOMEBODY),
    _post("workshops.need", KEEPS, args={"need_id": "need"}, typed={"answer": "yes"}),
)

CAMPAIGN = {"campaign_id": "campaign"}
WRITTEN = {"campaign_id": "campaign_draft"}
PRODUCT = WRITTEN | {"product_id": "campaign_product"}
WORDS_OF_CAMPAIGN = {
    "title": "Épicerie de printemps",
    "supplier": "Coop",
    "closes_day": "{day+10}",
    "closes_time": "20:00",
    "delivery_day": "{day+15}",
    "currency": "EUR",
    "payment": "counter",
    "sharing": "in_order",
    "transport_split": "by_value",
}
NEW_CAMPAIGN = {
    "hub": "{hub_id}",
    "title": "Épicerie",
    "supplier": "Coop",
    "closes_at": "{day+10}T20:00:00+01:00",
    "delivery_day": "{day+15}",
}

PURCHASES = (
    _get("purchases.index", EVERYBODY),
    _get("purchases.index", EVERYBODY, query={"hub": "{slug}"}, name="campaigns of a hub"),
    _get("purchases.index", EVERYBODY, query={"near": "", "over": "1"}, name="campaigns that are over"),
    _get("purchases.show", EVERYBODY, args=CAMPAIGN),
    _get("purchases.new", ANY_COUNTER),
    _get("purchases.prepare", ORGANIZES, args=WRITTEN),
    _get("purchases.prepare", ORGANIZES, args=CAMPAIGN, name="what an open campaign says"),
    _get("purchases.edit", ORGANIZES, args=WRITTEN),
    _get("purchases.new_product", ORGANIZES, args=WRITTEN),
    _get("purchases.edit_product", ORGANIZES, args=PRODUCT),
    _get("purchases.copy", COUNTER, args=CAMPAIGN),
    _post("purchases.new", COUNTER, query={"hub": "{slug}"}, typed=WORDS_OF_CAMPAIGN),
    _post("purchases.edit", ORGANIZES, args=WRITTEN, typed=WORDS_OF_CAMPAIGN),
    _post("purchases.new_product", ORGANIZES, args=WRITTEN, typed={"name": "Riz", "unit": "kg"}),
    _post("purchases.edit_product", ORGANIZES, args=PRODUCT, typed={"name": "Riz", "unit": "kg"}),
    _post("purchases.remove_product", ORGANIZES, args=PRODUCT),
    _post("purchases.put_slots", ORGANIZES, args=WRITTEN),
    _post("purchases.remove_slot", ORGANIZES, args=WRITTEN | {"slot_id": "campaign_slot"}),
    _post("purchases.name_organizer", ORGANIZES, args=WRITTEN, typed={"resident": "{resident_id}"}),
    _post("purchases.part_with_organizer", ORGANIZES, args=WRITTEN | {"resident_id": "campaign_helper"}),
    _post("purchases.open_now", ORGANIZES, args=WRITTEN),
    _post("purchases.wait", ORGANIZES, args=WRITTEN),
    _post("purchases.call_off", ORGANIZES, args=CAMPAIGN),
    _post("purchases.copy", COUNTER, args=CAMPAIGN),
    _get("pledging.show", args=CAMPAIGN),
    _get("pledging.live", args=CAMPAIGN, kind="file"),
    _post("pledging.save", args=CAMPAIGN),
    _post("pledging.withdraw", args=CAMPAIGN),
    _post("pledging.close", ORGANIZES, args=CAMPAIGN),
    _call("GET", "pledging_api.show", args=CAMPAIGN, let_in=frozenset({200, 404})),
    _call(
        "PUT",
        "pledging_api.put",
        args=CAMPAIGN,
        typed={"lines": [{"product": "{campaign_oil}", "quantity": 1}]},
    ),
    _call("DELETE", "pledging_api.delete", args=CAMPAIGN),
    _call("POST", "pledging_api.close", ORGANIZES, args=CAMPAIGN),
    _call("GET", "purchases_api.index", EVERYBODY),
    _call("GET", "purchases_api.show", EVERYBODY, args=CAMPAIGN),
    _call("POST", "purchases_api.create", COUNTER, typed=NEW_CAMPAIGN),
    _call("PATCH", "purchases_api.change", ORGANIZES, args=WRITTEN, typed={"about": "De Nyons"}),
    _call("POST", "purchases_api.open_it", ORGANIZES, args=WRITTEN),
    _call("POST", "purchases_api.call_off", ORGANIZES, args=CAMPAIGN, typed={"why": "Fermé"}),
    _call(
        "POST",
        "purchases_api.copy",
        COUNTER,
        args=CAMPAIGN,
        typed={name: NEW_CAMPAIGN[name] for name in ("closes_at", "delivery_day")},
    ),
)

ARRIVED = {"campaign_id": "arrived"}
CRATE = ARRIVED | {"pledge_id": "crate"}
TICK = {"pledge": "{crate}", "product": "{oil}", "packed": "1"}
ONLY_PLEDGERS = frozenset({"resident", "owner"})
"""Whoever has a crate sees her own page of it; everybody else finds none."""

DELIVERY = (
    _get("delivery.follow", ORGANIZES, args=ARRIVED),
    _get("delivery.report", ORGANIZES, args=ARRIVED),
    _get("delivery.order", ORGANIZES, args=ARRIVED),
    _get("delivery.order_pdf", ORGANIZES, args=ARRIVED, kind="file"),
    _get("delivery.order_csv", ORGANIZES, args=ARRIVED, kind="file"),
    _get("delivery.receive", ORGANIZES, args=ARRIVED),
    _get("delivery.settle", ORGANIZES, args=ARRIVED),
    _get(
        "delivery.invoice",
        ORGANIZES,
        args=ARRIVED | {"invoice_id": "invoice"},
        kind="file",
        let_in=frozenset({200, 404}),
    ),
    _get("delivery.packing", COUNTER, args=ARRIVED),
    _get("delivery.packing", COUNTER, args=ARRIVED, query={"by": "product"}, name="packing by product"),
    _get("delivery.pick_up_pdf", COUNTER, args=ARRIVED, kind="file"),
    _get("delivery.pick_up_csv", COUNTER, args=ARRIVED, kind="file"),
    _get("delivery.hand_out", COUNTER, args=ARRIVED),
    _get("delivery.hand_out", COUNTER, args=ARRIVED, query={"code": "{resident_card}"}, name="a crate"),
    _get("delivery.leftovers", COUNTER, args=ARRIVED),
    _get("delivery.pick_up", ONLY_PLEDGERS, args=ARRIVED),
    _get("delivery.back_to_pick_up", args=ARRIVED, kind="redirect"),
    _get("delivery.back_to_settle", args=ARRIVED, kind="redirect"),
    _get("delivery.back_to_hand_out", args=CRATE | {"what": "crate_act"}, kind="redirect"),
    _post("delivery.place_order", ORGANIZES, args=ARRIVED),
    _post("delivery.mail_order", ORGANIZES, args=ARRIVED),
    _post("delivery.count", ORGANIZES, args=ARRIVED),
    _post("delivery.add_invoice", ORGANIZES, args=ARRIVED),
    _post("delivery.pack", COUNTER, args=ARRIVED, typed=TICK),
    _post("delivery.choose_slot", ONLY_PLEDGERS, args=ARRIVED, typed={"slot": ""}),
    _post("delivery.make_code", ONLY_PLEDGERS, args=ARRIVED),
    _post(
        "delivery.take_payment", COUNTER, args=CRATE, typed={"means": "cash", "cents": "1", "once": "k" * 20}
    ),
    _post("delivery.give_crate", COUNTER, args=CRATE),
    _post("delivery.undo_give_crate", COUNTER, args=CRATE),
    _post("delivery.give_back", ORGANIZES, args=CRATE),
    _post(
        "delivery.let_go",
        COUNTER,
        args=ARRIVED,
        typed={"product": "{oil}", "quantity": "1", "how": "given", "once": "k" * 20},
    ),
    _post("delivery.close_accounts", ORGANIZES, args=ARRIVED),
    _post("delivery.pay_supplier", ORGANIZES, args=ARRIVED, typed={"means": "cash"}),
)

DELIVERY_CALLS = (
    _call("POST", "delivery_api.order", ORGANIZES, args=ARRIVED),
    _call("POST", "delivery_api.receive", ORGANIZES, args=ARRIVED, typed={"lines": [], "preview": True}),
    _call("PUT", "delivery_api.slot", ONLY_PLEDGERS, args=ARRIVED, typed={"slot": None}),
    _call("POST", "delivery_api.pick_up", COUNTER, args=CRATE),
    _call("POST", "delivery_api.give_back", ORGANIZES, args=CRATE),
    _call(
        "POST",
        "delivery_api.leftovers",
        COUNTER,
        args=ARRIVED,
        typed={"product": "{oil}", "quantity": 1, "how": "given"},
    ),
    _call("POST", "delivery_api.settle", ORGANIZES, args=ARRIVED),
    *(
        Address("GET", f"delivery_api.{name}", who, ARRIVED, kind="file")
        for name, who in (
            ("order_csv", ORGANIZES),
            ("order_pdf", ORGANIZES),
            ("pick_up_csv", COUNTER),
            ("pick_up_pdf", COUNTER),
        )
    ),
)

AT_HUB = {"hub": "{slug}"}
SERVED = {"slug": "slug", "card": "served_card"}
SCANNED = frozenset({200, 404, 409, 422})

COUNTER_PAGES = (
    _get("counter.serve", COUNTER, args=SERVED),
    _get("counter.back_to_serving", args=SERVED | {"what": "served_act"}, kind="redirect"),
    _post("counter.serve_act", COUNTER, args=SERVED | {"what": "served_act"}, typed={"kind": "need"}),
    _get("counter.desk", ANY_COUNTER),
    _get("counter.desk", COUNTER, query=AT_HUB, name="the desk of this hub"),
    _get(
        "counter.desk", COUNTER, query=AT_HUB | {"member": "{resident_card}"}, name="the desk with somebody"
    ),
    _get("counter.desk", COUNTER, query=AT_HUB | {"practice": "yes"}, name="a practice at the desk"),
    _get("counter.shift", COUNTER, query=AT_HUB),
    _get("counter.back_to_desk", args={"act": "act"}, query=AT_HUB, kind="redirect"),
    _get("counter.open_code", EVERYBODY, args={"code": "label"}),
    _get("counter.open_code", EVERYBODY, args={"code": "resident_card"}, name="a card under any camera"),
    _get(
        "counter.open_code",
        EVERYBODY,
        args={"code": "no_code"},
        let_in=frozenset({404}),
        name="a code of nothing",
    ),
    *(
        _post(f"counter.{act}", COUNTER, typed=AT_HUB | typed, let_in=SCANNED)
        for act, typed in (
            ("scan", {"code": "{resident_card}"}),
            ("check_out", {"code": "{label}", "member": "{resident_card}"}),
            ("check_in", {"code": "{label_out}"}),
            ("give_way", {"loan": "{loan}", "member": "{resident_card}", "reason": "Elle passe demain."}),
            ("describe_return", {"loan": "{loan}", "condition": "worn"}),
            ("undo", {"loan": "{loan}"}),
            ("renew", {"loan": "{loan}"}),
            ("verify", {"member": "{pending_card}"}),
            ("repaired", {"ticket": "{ticket_id}"}),
            ("set_aside", {"code": "{label}"}),
            ("choose_due", {"loan": "{loan}", "due": "2030-01-01"}),
            ("stand_in_line", {"code": "{label_out}", "member": "{resident_card}"}),
            (
                "reserve",
                {"code": "{label_out}", "member": "{resident_card}", "from": "{day+40}", "to": "{day+42}"},
            ),
        )
    ),
    _post("counter.undo_in_list", COUNTER, typed=AT_HUB | {"loan": "{loan}"}),
    _post("counter.bind", COUNTER, typed=AT_HUB | {"code": "I-0000000"}),
)

SCAN = {"scan_id": "scan_id"}
OFFLINE = (
    _get("offline.worker", EVERYBODY, kind="file"),
    _get("offline.shell", EVERYBODY),
    _get("offline.standing", COUNTER, query=AT_HUB, kind="file"),
    _get("offline.day", COUNTER, query=AT_HUB, kind="file"),
    _get("offline.to_settle", COUNTER, query=AT_HUB),
    _post("offline.put_down", COUNTER, query=AT_HUB),
    _post("offline.take_over", {"coordinator"}, typed=AT_HUB | {"from": "{resident_id}", "scans": "2"}),
    _post("offline.try_again", COUNTER, args=SCAN, typed=AT_HUB),
    _post("offline.settle", COUNTER, args=SCAN, typed=AT_HUB),
)

NOTIFICATIONS = (
    _get("notifications.index"),
    _get("notifications.mailbox", EVERYBODY),
    _get("notifications.mailbox_message", EVERYBODY, args={"name": "mail"}),
    _get("notifications.mailbox_html", EVERYBODY, args={"name": "mail"}, kind="file"),
    _post("notifications.mark_all_read", typed={"up_to": "1"}),
    _post("notifications.open_one", {"resident"}, args={"notification_id": "notification_id"}),
)

REPORTED = {"report_id": "report_id"}
REPORTS = (
    _get("reports.report_item", args=DRILL),
    _post("reports.report_item", args=DRILL, typed={"reason": "unsafe", "text": "Le fil est à nu."}),
    _get("reports.of_hub", LOOKS_AFTER, args=HUB),
    _get("reports.of_hub", LOOKS_AFTER, args=HUB, query={"settled": "1"}, name="reports that are settled"),
    _get("reports.everywhere", {"steward"}),
    _post("reports.settle", LOOKS_AFTER, args=REPORTED, typed={"note": "Le fil est changé."}),
)

MEETING, MEETING_ASKED, MEETING_DISPUTED = (
    {"session_id": name} for name in ("meeting", "meeting_asked", "meeting_disputed")
)
OF_TWO = frozenset({"resident", "owner"})
NOT_HERS = SIGNED_IN - {"owner"}
LESSON = {"skill_id": "skill_of_owner"}
A_TIME = {"day_0": "{day+9}", "time_0": "14:00"}
A_MOMENT = {"start": "{day+9}T14:00:00+01:00"}

SESSIONS = (
    _get("sessions.index"),
    _get("sessions.past"),
    _get("sessions.disputes", LOOKS_AFTER, args=HUB),
    _get("sessions.ask", NOT_HERS, args=LESSON),
    _post("sessions.ask", NOT_HERS, args=LESSON, typed=A_TIME | {"place": "hub", "minutes": "60"}),
    _get("sessions.show", OF_TWO, args=MEETING),
    _get("sessions.show", OF_TWO, args=MEETING_ASKED, name="a session that is asked for"),
    _get("sessions.show", OF_TWO | LOOKS_AFTER, args=MEETING_DISPUTED, name="a session to settle"),
    _get("sessions.day", OF_TWO, args=MEETING, kind="file"),
    _get("sessions.back_to_session", args=MEETING | {"act": "act"}, kind="redirect"),
    _post("sessions.accept", OF_TWO, args=MEETING_ASKED),
    _post("sessions.decline", OF_TWO, args=MEETING_ASKED),
    _post("sessions.propose", OF_TWO, args=MEETING, typed=A_TIME),
    _post("sessions.cancel", OF_TWO, args=MEETING),
    _post("sessions.confirm", OF_TWO, args=MEETING, typed={"minutes": "60"}),
    _post("sessions.agree", OF_TWO, args=MEETING),
    _post("sessions.dispute", OF_TWO, args=MEETING_DISPUTED, typed={"minutes": "30"}),
    _post(
        "sessions.settle",
        LOOKS_AFTER,
        args=MEETING_DISPUTED,
        typed={"minutes": "30", "note": "Une demi-heure."},
    ),
    _post("sessions.set_link", OF_TWO, args=MEETING, typed={"link": "https://example.org/r"}),
    _post("sessions.post_message", OF_TWO, args=MEETING_DISPUTED, typed={"text": "Bonjour"}),
    _call("POST", "sessions_api.ask", args=LESSON, typed=A_MOMENT | {"minutes": 60, "place": "hub"}),
    _call("GET", "sessions_api.index"),
    _call("GET", "sessions_api.show", OF_TWO, args=MEETING),
    _call("POST", "sessions_api.accept", OF_TWO, args=MEETING_ASKED),
    _call("POST", "sessions_api.decline", OF_TWO, args=MEETING_ASKED),
    _call("POST", "sessions_api.propose", OF_TWO, args=MEETING, typed=A_MOMENT),
    _call("POST", "sessions_api.cancel", OF_TWO, args=MEETING),
    _call("POST", "sessions_api.confirm", OF_TWO, args=MEETING, typed={"minutes": 60}),
    _call("POST", "sessions_api.agree", OF_TWO, args=MEETING),
    _call("POST", "sessions_api.dispute", OF_TWO, args=MEETING_DISPUTED),
    _call(
        "POST",
        "sessions_api.settle",
        LOOKS_AFTER,
        args=MEETING_DISPUTED,
        typed={"minutes": 30, "note": "Une demi-heure."},
    ),
    _call("POST", "sessions_api.set_link", OF_TWO, args=MEETING, typed={"link": "https://example.org/r"}),
    _call("GET", "sessions_api.messages", OF_TWO, args=MEETING),
    _call("POST", "sessions_api.post_message", OF_TWO, args=MEETING_DISPUTED, typed={"text": "Bonjour"}),
    _call("GET", "sessions_api.disputes", LOOKS_AFTER, args={"hub": "slug"}),
)

STEWARDS = (
    _get("admin.jobs", {"steward"}),
    _post("admin.run_now", {"steward"}, args={"name": "job"}),
    _post("admin.retry_mail", {"steward"}),
)

SKILL, OWN_SKILL, RING = {"skill_id": "skill"}, {"skill_id": "skill_of_resident"}, {"ring_id": "ring"}
IN_RING = frozenset({"resident", "owner"})
HEM = {"kind": "offer", "title": "Recoudre un ourlet", "category": "couture-tricot", "mode": ["hub"]}
SKILLS = (
    _get("skills.search", EVERYBODY),
    _get("skills.search", EVERYBODY, query={"q": "ourlet", "kind": "offer"}, name="a search of skills"),
    _get("skills.search", EVERYBODY, query={"q": "zzzzzz"}, name="a search of skills without result"),
    _get(
        "skills.search",
        EVERYBODY,
        query={"near": "nowhere"},
        let_in=frozenset({422}),
        name="a search of skills nobody understands",
    ),
    _get("skills.search", EVERYBODY, query={"view": "map", "near": "44.7,5.2"}, name="skills on a map"),
    _get("skills.filters", EVERYBODY, query={"near": "44.7,5.2", "category": "couture-tricot"}),
    _get("skills.place", EVERYBODY),
    _get("skills.show", EVERYBODY, args=SKILL),
    _get("skills.person", EVERYBODY, args={"resident_id": "resident_id"}),
    _get("skills.mine"),
    _get("skills.new"),
    _get("skills.new", query={"kind": "need"}, name="a need"),
    _post("skills.new", typed={**HEM, "weekday": "2", "opens": "18:00", "closes": "20:00"}),
    _post("skills.new", typed={"kind": "need", "title": ""}, name="a skill without a name"),
    _get("skills.edit", {"resident"}, args=OWN_SKILL),
    _post("skills.edit", {"resident"}, args=OWN_SKILL, typed=HEM),
    _post("skills.pause", {"resident"}, args=OWN_SKILL),
    _post("skills.resume", {"resident"}, args=OWN_SKILL),
    _post("skills.close", {"resident"}, args=OWN_SKILL),
    _get("rings.index"),
    _get("rings.show", IN_RING, args=RING),
    _post("rings.answer", IN_RING, args=RING, typed={"answer": "yes"}),
    _call("GET", "skills_api.search", EVERYBODY, query={"kind": "offer"}),
    _call("POST", "skills_api.post", typed=HEM),
    _call("GET", "skills_api.show", EVERYBODY, args=SKILL),
    _call("PATCH", "skills_api.change", {"resident"}, args=OWN_SKILL, typed={"description": "Avec du fil."}),
    _call("POST", "skills_api.pause", {"resident"}, args=OWN_SKILL),
    _call("POST", "skills_api.resume", {"resident"}, args=OWN_SKILL),
    _call("DELETE", "skills_api.remove", {"resident"}, args=OWN_SKILL),
    _call("GET", "rings_api.index"),
    _call("POST", "rings_api.accept", IN_RING, args=RING),
    _call("POST", "rings_api.decline", IN_RING, args=RING),
)

OPERATIONS = (
    _get("operations.healthz", EVERYBODY, kind="json"),
    _get("operations.readyz", EVERYBODY, kind="json", let_in=frozenset({200, 503})),
    _get("operations.metrics", EVERYBODY, kind="file"),
    _get("static", EVERYBODY, args={"filename": "file"}, kind="file"),
    _get("api.openapi", EVERYBODY, kind="json"),
    _get("api.docs", EVERYBODY),
)

CALLS = (
    _call("POST", "accounts_api.sign_up", EVERYBODY),
    _call("POST", "accounts_api.log_in", EVERYBODY, let_in=frozenset({422})),
    _call("DELETE", "accounts_api.log_out"),
    _call("GET", "accounts_api.me"),
    _call("PATCH", "accounts_api.edit_me", typed={"name": "Anna B."}),
    _call("GET", "accounts_api.user", EVERYBODY, args={"user_id": "resident_id"}),
    _call("GET", "hubs_api.index", EVERYBODY),
    _call("GET", "hubs_api.show", EVERYBODY, args={"hub_id": "hub_id"}),
    _call("POST", "hubs_api.join", args={"hub_id": "hub_id"}),
    _call("POST", "hubs_api.verify", COUNTER, args={"hub_id": "hub_id", "user_id": "pending_id"}),
    _call("POST", "hubs_api.add_resident", COUNTER, args={"hub_id": "hub_id"}, typed={"name": "Odette"}),
    _call("GET", "geo_api.index", EVERYBODY, query={"q": "saillans"}),
    _call("GET", "items_api.search", EVERYBODY),
    _call("GET", "items_api.show", EVERYBODY, args={"item_id": "item_of_hub"}),
    _call("POST", "items_api.post"),
    _call("PATCH", "items_api.change", COUNTER, args=DRILL, typed={"title": "Perceuse"}),
    _call(
        "PATCH",
        "items_api.change",
        KEEPS,
        args=LADDER,
        typed={"title": "Échelle"},
        name="PATCH a neighbour's",
    ),
    _call("DELETE", "items_api.remove", COUNTER, args=DRILL),
    _call("DELETE", "items_api.remove", KEEPS, args=LADDER, name="DELETE a neighbour's object"),
    _call("POST", "items_api.add_photo", COUNTER, args=DRILL, let_in=frozenset({415, 422})),
    _call("POST", "reports_api.report", typed={"subject": "item:{item_of_hub}", "reason": "unsafe"}),
    _call("POST", "kits_api.put_in", COUNTER, args={"item_id": "kit"}, typed={"item": "{item_of_hub}"}),
    _call("DELETE", "kits_api.take_out", COUNTER, args={"item_id": "kit", "object_id": "object"}),
    _call("GET", "searches_api.index"),
    _call("POST", "searches_api.keep", typed={"q": "scie"}),
    _call(
        "PATCH",
        "searches_api.rename",
        {"resident"},
        args={"search_id": "search_id"},
        typed={"name": "Cabane"},
    ),
    _call("DELETE", "searches_api.stop", {"resident"}, args={"search_id": "search_id"}),
    _call("POST", "uploads_api.begin", let_in=frozenset({400})),
    *(
        _call(method, f"uploads_api.{act}", args={"upload_id": "photo"}, let_in=frozenset({404}))
        for method, act in (("GET", "how_far"), ("PATCH", "append"), ("DELETE", "forget"))
    ),
    _call("POST", "lending_api.reserve", args=DRILL, typed=IN_A_MONTH),
    _call("GET", "waiting_api.index"),
    _call("GET", "waiting_api.show", args=KEPT, let_in=NOT_IN_LINE),
    _call("POST", "waiting_api.join", args={"item_id": "item_taken"}),
    _call("DELETE", "waiting_api.leave", args=KEPT),
    _call("POST", "waiting_api.take", args=KEPT, let_in=NOT_IN_LINE),
    _call("POST", "waiting_api.pass_on", args=KEPT, let_in=NOT_IN_LINE),
    _call("GET", "lending_api.index"),
    _call(
        "GET",
        "lending_api.index",
        COUNTER,
        query={"role": "hub", "hub": "{hub_id}"},
        name="GET a hub's loans",
    ),
    _call("GET", "lending_api.show", OF_LOAN, args=LOAN),
    _call("GET", "lending_api.messages", OF_LOAN, args=LOAN),
    _call("GET", "lending_api.messages", OF_ASKED, args=ASKED, name="GET words between neighbours"),
    _call("POST", "lending_api.post_message", OF_LOAN, args=LOAN, typed={"text": "Bonjour"}),
    _call("POST", "lending_api.approve", KEEPS, args=ASKED),
    _call("POST", "lending_api.decline", KEEPS, args=ASKED),
    _call("POST", "lending_api.cancel", OF_LOAN, args=LOAN),
    _call("POST", "lending_api.renew", OF_LOAN, args=LOAN),
    _call("POST", "lending_api.renew_several", typed={"loans": ["1"]}),
    _call("POST", "lending_api.change_days", OF_LOAN, args=LOAN, typed=IN_A_MONTH),
    _call("POST", "lending_api.mark_lost", {"coordinator"}, args=LOAN),
    _call("POST", "lending_api.find_again", COUNTER, args=LOAN),
    _call("POST", "lending_api.handed_over", OF_ASKED, args=ASKED),
    _call("POST", "lending_api.handed_back", OF_ASKED, args=ASKED),
    _call("POST", "lending_api.contest", OF_ASKED, args=ASKED),
    _call("POST", "lending_api.undo", COUNTER, args=LOAN),
    _call("POST", "transfers_api.request_transfer", ANY_COUNTER, args=DRILL, typed={"to": "{far_slug}"}),
    _call("GET", "transfers_api.index", COUNTER, query={"hub": "{hub_id}"}),
    _call("GET", "transfers_api.show", ANY_COUNTER, args=TRANSFER),
    _call("POST", "transfers_api.send", COUNTER, args=TRANSFER),
    _call("POST", "transfers_api.cancel", ANY_COUNTER, args=TRANSFER),
    _call("GET", "condition_api.index", OF_LOAN, args=LOAN),
    _call("POST", "condition_api.describe", OF_LOAN, args=LOAN),
    _call("POST", "condition_api.show_other", OF_LOAN, args=LOAN),
    _call("GET", "condition_api.photo", args=LOAN | {"name": "photo"}, let_in=frozenset({404})),
    _call("GET", "repairs_api.of_hub", COUNTER, args={"hub_id": "hub_id"}),
    _call("POST", "repairs_api.begin", COUNTER, args=DRILL, typed={"condition": "damaged", "note": "Cassé"}),
    _call("GET", "repairs_api.show", COUNTER, args=TICKET),
    _call("POST", "repairs_api.write_down", COUNTER, args=TICKET, typed=DONE),
    _call(
        "POST",
        "counter_api.check_out",
        COUNTER,
        typed={"hub": "{hub_id}", "item_code": "{label}", "member_code": "{resident_card}"},
    ),
    _call("POST", "counter_api.check_in", COUNTER, typed={"hub": "{hub_id}", "item_code": "{label_out}"}),
    _call("GET", "workshops_api.index", EVERYBODY),
    _call("GET", "workshops_api.show", EVERYBODY, args=WORKSHOP),
    _call("POST", "workshops_api.create", ORGANIZES, typed=NEW_WORKSHOP),
    _call("PATCH", "workshops_api.change", ORGANIZES, args=WORKSHOP, typed={"note": "Salle verte"}),
    _call("POST", "workshops_api.register", args=WORKSHOP),
    _call(
        "POST", "workshops_api.register", OF_LOAN, args=WORKSHOP, typed=SOMEBODY, name="registering somebody"
    ),
    _call("DELETE", "workshops_api.leave", args=WORKSHOP),
    _call("GET", "counter_api.lookup", COUNTER, query={"hub": "{hub_id}", "code": "{label}"}),
    _call("GET", "time_api.account"),
    _call("GET", "time_api.account", LOOKS_AFTER, query={"hub": "{slug}"}, name="the account of a hub"),
    _call("POST", "time_api.give", typed={"to": {"kind": "hub", "id": "{hub_id}"}, "minutes": 30}),
    _call(
        "POST",
        "time_api.record_shift",
        LOOKS_AFTER,
        args={"hub_id": "hub_id"},
        typed={"resident": "{resident_id}", "day": "2026-01-01", "begins": "14:00", "minutes": 60},
    ),
    _call("POST", "time_api.reverse", LOOKS_AFTER, args=MINUTES, typed={"reason": "Noté deux fois"}),
)

ATTEMPT = {"attempt_id": "card_attempt"}

CARDS = (
    _get("cards.index"),
    _get("cards.paying", {"resident"}, args=ATTEMPT),
    _post("cards.go_on", {"resident"}, args=ATTEMPT),
    _post("cards.another_card", {"resident"}, args=ATTEMPT),
    _call("GET", "cards_api.show", {"resident"}, args=ATTEMPT),
    _call("POST", "cards_api.confirmed", {"resident"}, args=ATTEMPT),
    _call("POST", "cards_api.another_card", {"resident"}, args=ATTEMPT),
    _post("cards.remove", {"resident"}, args={"card_id": "saved_card"}),
    _post("cards.webhook", EVERYBODY, kind="json", let_in=frozenset({400})),
    _get("collecting.show", ORGANIZES, args=CAMPAIGN),
    _call("GET", "collecting_api.show", ORGANIZES, args=CAMPAIGN),
    _call("POST", "collecting_api.decide", ORGANIZES, args=CAMPAIGN, typed={"choice": "cover"}),
    _post("collecting.decide", ORGANIZES, args=CAMPAIGN, typed={"choice": "cover"}),
)

ALL: tuple[Address, ...] = (
    HOME
    + ACCOUNTS
    + HUBS
    + ITEMS
    + SEARCHES
    + MANY
    + LENDING
    + TRANSFERS
    + TIME
    + MONEY
    + KITS
    + MENDING
    + WORKSHOPS
    + PURCHASES
    + CARDS
    + DELIVERY
    + COUNTER_PAGES
    + OFFLINE
    + NOTIFICATIONS
    + REPORTS
    + SESSIONS
    + SKILLS
    + STEWARDS
    + OPERATIONS
    + CALLS
    + DELIVERY_CALLS
)


def told(thing: Any, names: dict[str, str]) -> Any:
    """`thing` with every `{name}` replaced, in texts, lists and dictionaries."""
    if isinstance(thing, str):
        return thing.format_map(names) if "{" in thing else thing
    if isinstance(thing, list | tuple):
        return [told(part, names) for part in thing]
    if isinstance(thing, dict):
        return {name: told(part, names) for name, part in thing.items()}
    return thing


def path_of(app: Flask, address: Address, names: dict[str, str]) -> str:
    """The address with a town's own things in it."""
    with app.test_request_context():
        path = url_for(address.endpoint, **{name: names[thing] for name, thing in address.args.items()})
    query = urlencode(told(address.query, names))
    return f"{path}?{query}" if query else path
