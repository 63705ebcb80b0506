"""A label that nobody here printed: it is offered to be put on an object."""

from sqlalchemy import select

from app.core import codes
from app.core.db import db
from app.items.labels.models import BlankSticker
from app.items.models import Item
from tests import factories
from tests.harness.desk import Desk

STRANGE = str(codes.numbered(codes.ITEM, 77_777_777))


def test_an_unknown_label_is_put_on_an_object(desk: Desk) -> None:
    desk.scan(f"https://autre.example/c/{STRANGE}")
    assert (desk.status, desk.word) == (404, "Étiquette d’ailleurs")
    assert "autre.example" in desk.text
    desk.scan(STRANGE)
    assert desk.word == "Étiquette inconnue"
    answer = desk.client.post("/counter/bind", data={"hub": desk.hub.slug, "code": STRANGE})
    assert answer.headers["Location"] == f"/stickers/{STRANGE}"
    assert desk.client.get(f"/stickers/{STRANGE}").status_code == 200
    desk.client.post(f"/stickers/{STRANGE}/stick", data={"item": desk.drill.id})
    assert db.session.get(Item, desk.drill.id).code == STRANGE  # type: ignore[union-attr]
    desk.scan(desk.nadia.code).scan(STRANGE)
    assert desk.word == "Prêté"


def test_what_is_known_is_not_bound(desk: Desk) -> None:
    far = factories.hub("Fablab de la gare")
    theirs = factories.blank_sticker(far, factories.volunteer(far))
    elsewhere = factories.item("Tente", hub=far)
    for code in (theirs.code, elsewhere.code, desk.drill.code):
        answer = desk.client.post("/counter/bind", data={"hub": desk.hub.slug, "code": code})
        assert answer.status_code == 409
    for code in (desk.nadia.code, "", "I-1", "x" * 500):
        answer = desk.client.post("/counter/bind", data={"hub": desk.hub.slug, "code": code})
        assert answer.status_code == 404
    assert "L’attacher" not in desk.scan(theirs.code).text
    assert db.session.scalars(select(BlankSticker)).one().code == theirs.code


def test_who_holds_no_counter_binds_nothing(desk: Desk) -> None:
    member = factories.log_in(desk.client.application.test_client(), desk.nadia)
    assert member.post("/counter/bind", data={"hub": desk.hub.slug, "code": STRANGE}).status_code == 403
