"""Who is let in where: every role at every address, by page and by program, and nothing written for who is not."""

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.core.db import db
from app.hubs.models import Hub
from app.items.models import Item
from tests import factories
from tests.security.addresses import ALL, EVERYBODY, Address
from tests.security.town import KeptTown, Town, ask, everything, written_since

REFUSED = {403, 404}
UNKNOWN = "2000000"
"""No row of this house has this number."""


def asked_to_log_in(answer: TestResponse) -> bool:
    to_log_in = answer.status_code == 302 and answer.headers["Location"].startswith("/log-in")
    return to_log_in or answer.status_code == 401


@pytest.mark.parametrize("address", [one for one in ALL if one.who != EVERYBODY], ids=str)
def test_who_is_not_meant_is_refused_and_writes_nothing(address: Address, town: Town) -> None:
    others = sorted(EVERYBODY - address.who)
    before = everything()
    wrong = []
    for person in others:
        answer = ask(town, address, person)
        if person == "stranger":
            if not asked_to_log_in(answer):
                wrong.append(f"stranger: {answer.status_code} instead of the log-in")
        elif answer.status_code not in REFUSED:
            wrong.append(f"{person}: {answer.status_code}")
    assert wrong == []
    assert written_since(before) == []


@pytest.mark.parametrize("address", ALL, ids=str)
def test_who_is_meant_is_let_in(address: Address, kept_town: KeptTown, town: Town) -> None:
    """Each in a town that the one before has not changed."""
    wrong = []
    for person in sorted(address.who):
        kept_town.restore()
        answer = ask(town, address, person)
        if _gone_here(address) and answer.status_code == 404:
            continue
        if answer.status_code not in address.let_in or (
            asked_to_log_in(answer) and not _own_refusal(address)
        ):
            wrong.append(f"{person}: {answer.status_code} {answer.headers.get('Location', '')}")
    assert wrong == []


def _gone_here(address: Address) -> bool:
    """Examples that only the demo territory has: a mail, a photo's file, a link."""
    return address.endpoint in (
        "notifications.mailbox_message",
        "notifications.mailbox_html",
        "items.photo",
        "accounts.confirm",
        "accounts.reset_password",
    )


def _own_refusal(address: Address) -> bool:
    """The log-in itself says 401 to a program whose password is wrong."""
    return address.endpoint in ("accounts_api.log_in", "accounts.log_out")


BY_NUMBER = [one for one in ALL if any(name.endswith("_id") for name in one.args) and one.kind != "redirect"]


@pytest.mark.parametrize("address", BY_NUMBER, ids=str)
def test_numbers_of_nothing_are_not_found(address: Address, town: Town) -> None:
    """Also for those who would be let in: 404, never 500, for each number in the address in turn."""
    person = "coordinator" if "coordinator" in address.who else min(address.who - {"stranger"})
    for argument, thing in address.args.items():
        if argument.endswith("_id"):
            for number in (UNKNOWN, "999999999"):
                answer = ask(town, address, person, {**town.names, thing: number})
                assert answer.status_code == 404, (argument, number, answer.status_code)


def test_the_table_names_every_address(town: Town) -> None:
    known = {(address.method, address.endpoint) for address in ALL}
    missing = [
        f"{method} {rule.endpoint} ({rule.rule})"
        for rule in town.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if (method, rule.endpoint) not in known
    ]
    assert missing == []


# -- numbers of others, hidden in forms ---------------------------------------------------------------------


def test_a_volunteer_cannot_act_on_another_hubs_loans_by_their_numbers(town: Town) -> None:
    """The desk of one's own hub, the numbers of somebody else's."""
    far = town.browser("far_volunteer")
    own_hub = {hub.slug for hub in _hubs() if hub.slug != town.names["slug"]}.pop()
    before = everything()
    numbers = {name: town.names[name] for name in ("loan", "resident_card", "label_out", "ticket_id")}
    far_off = town.names["day+40"]
    forms = (
        ("/counter/undo", {"loan": numbers["loan"]}),
        ("/counter/renew", {"loan": numbers["loan"]}),
        ("/counter/describe-return", {"loan": numbers["loan"], "condition": "damaged"}),
        (
            "/counter/give-way",
            {"loan": numbers["loan"], "member": numbers["resident_card"], "reason": "parce que"},
        ),
        ("/counter/repaired", {"ticket": numbers["ticket_id"]}),
        (
            "/counter/reserve",
            {
                "code": numbers["label_out"],
                "member": numbers["resident_card"],
                **dict.fromkeys(("from", "to"), far_off),
            },
        ),
    )
    for path, typed in forms:
        answer = far.post(path, data={"hub": own_hub, **typed})
        assert answer.status_code in (403, 404, 409), (path, answer.status_code)
    assert written_since(before) == []


def _hubs() -> list[Hub]:
    return list(db.session.scalars(select(Hub)))


def test_a_form_cannot_give_an_object_to_another_hub(town: Town) -> None:
    """The number of a hub that one does not hold, in the form of one's own object."""
    owner, hub_id = town.browser("far_resident"), town.names["hub_id"]
    typed = {"title": "Marteau", "category": "outils", "mode": "lend", "condition": "good"}
    before = everything()
    for where in (f"hub:{hub_id}", f"of-{hub_id}", hub_id, "999999999", "-1", "home"):
        answer = owner.post("/items/new", data={**typed, "hub": where})
        assert answer.status_code in (200, 302, 403, 404, 422), where
    after = everything()
    made = [row for row in after["item"] if row not in before["item"]]
    columns = [column.name for column in Item.__table__.columns]
    for row in made:
        item = dict(zip(columns, row, strict=True))
        assert item["owner_hub_id"] is None
        assert item["owner_resident_id"] == town.ids["far_resident"]


def test_a_suspended_volunteer_holds_no_counter(town: Town) -> None:
    """A role is nothing without its membership."""
    hub = db.session.scalars(select(Hub).where(Hub.slug == town.names["slug"])).one()
    barred = factories.resident("Sam K.")
    factories.membership(hub, barred, status="suspended", roles=("volunteer",))
    browser = factories.log_in(town.app.test_client(), barred)
    slug = town.names["slug"]
    for path in (f"/counter?hub={slug}", f"/hubs/{slug}/members", f"/hubs/{slug}/loans"):
        assert browser.get(path).status_code in REFUSED, path
    answer = browser.post("/counter/check-in", data={"hub": slug, "code": town.names["label_out"]})
    assert answer.status_code in REFUSED
