"""The pages, the calls and the files of delivery: one campaign from success to its report, twice."""

import csv
import email
import email.policy
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core import clock as house_clock
from app.core.db import db
from app.notifications.senders import FileSender, SenderAway
from app.purchases.delivery import mailing
from app.purchases.delivery.models import Delivery, SupplierInvoice, SupplierMail
from app.purchases.models import Campaign
from tests import factories
from tests.purchases.delivery.scene import Scene, succeeded

PRODUCTS = {
    "Œufs de plein air": {"price_cents": 180, "pack_size": 6, "unit": "œuf"},
    "=1+1": {"price_cents": 1000, "pack_size": 1},
}
WISHES = (
    {"Œufs de plein air": (5, 2), "=1+1": (2, 0)},
    {"Œufs de plein air": (3, 3)},
    {"Œufs de plein air": (3, 0)},
)


@pytest.fixture
def scene(app: Flask) -> Scene:
    return succeeded(WISHES, products=PRODUCTS, transport_cents=500, supplier_email="coop@example.org")


def path(scene: Scene, rest: str) -> str:
    return f"/purchases/{scene.campaign.id}/{rest}"


def said(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return " ".join(page.get_textpage().get_text_bounded() for page in document)


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))


def status_of(scene: Scene) -> str:
    scene.fresh()
    return db.session.get_one(Campaign, scene.campaign.id).status


def test_one_campaign_on_pages_from_the_order_to_the_report(client: FlaskClient, scene: Scene) -> None:
    factories.log_in(client, scene.organizer)
    assert "Passer la commande" in client.get(path(scene, "follow")).text
    client.post(path(scene, "order"), data={"words": "Merci de livrer par la cour."})
    assert status_of(scene) == "ordered"
    page = client.get(path(scene, "receive")).text
    assert "puis les derniers engagés" in page
    eggs, cans = (scene.products[name].id for name in PRODUCTS)
    counts = {
        f"received-{eggs}": "8",
        f"price-{eggs}": "1,80",
        f"received-{cans}": "3",
        f"price-{cans}": "9,50",
    }
    preview = client.post(path(scene, "receive"), data=counts).text
    assert status_of(scene) == "ordered"
    seen = preview.partition('name="seen" value="')[2].partition('"')[0]
    other = client.post(
        path(scene, "receive"), data={**counts, f"received-{eggs}": "7", "seen": seen, "sure": "1"}
    )
    assert (other.status_code, status_of(scene)) == (
        200,
        "ordered",
    )  # other figures than were shown: shown again
    client.post(path(scene, "receive"), data={**counts, "seen": seen, "sure": "1"})
    assert status_of(scene) == "delivered"

    first = scene.pledges[0]
    card = client.get(path(scene, f"hand-out?code={first.resident.code}"))
    assert "Payé et remis" in card.text
    desk = path(scene, f"hand-out/{first.id}")
    assert client.post(desk, data={"means": "cash"}).status_code == 302
    assert scene.owed(0) == 0
    for pledge in scene.pledges[1:]:
        client.post(path(scene, f"hand-out/{pledge.id}"), data={"means": ""})
    assert "Vendre ou donner le reste" in client.get(path(scene, "follow")).text
    client.post(
        path(scene, "leftovers"), data={"product": cans, "quantity": "1", "how": "given", "once": "x" * 30}
    )
    assert "Encaisser ce qui reste dû" in client.get(path(scene, "follow")).text
    pay = {"means": "transfer", "once": "y" * 30}
    client.post(path(scene, f"hand-out/{scene.pledges[1].id}/pay"), data=pay)
    assert "Joindre la facture" in client.get(path(scene, "follow")).text
    bill = {"file": (io.BytesIO(b"%PDF-1.7 facture"), "Facture d’œufs.pdf")}
    client.post(path(scene, "invoices"), data=bill)
    invoice = db.session.scalars(select(SupplierInvoice)).one()
    sent = client.get(path(scene, f"invoices/{invoice.id}"))
    assert (sent.data, sent.mimetype) == (b"%PDF-1.7 facture", "application/pdf")
    assert "attachment" in sent.headers["Content-Disposition"]
    assert "Régler les comptes" in client.get(path(scene, "follow")).text
    client.post(path(scene, "settle"))
    assert (status_of(scene), scene.campaign_cents()) == ("closed", 0)
    assert client.get(path(scene, "report")).status_code == 200


def test_the_same_by_programs(client: FlaskClient, scene: Scene) -> None:
    headers = factories.bearer(scene.organizer)
    at = f"/api/v1/campaigns/{scene.campaign.id}"
    eggs, cans = (str(scene.products[name].id) for name in PRODUCTS)

    def post(rest: str, body: Any = None) -> Any:
        answer = client.post(f"{at}{rest}", json=body or {}, headers=headers)
        return answer.status_code, answer.json

    assert post("/receive")[1]["code"] == "not_ordered"
    assert post("/order", {"mail": False})[1]["status"] == "ordered"
    lines = {
        "lines": [{"product": eggs, "received": 8}, {"product": cans, "received": 3, "price_cents": 950}]
    }
    previewed = post("/receive", {**lines, "preview": True})[1]
    assert (previewed["status"], len(previewed["changed"])) == ("ordered", 2)
    received = post("/receive", lines)[1]
    assert received["status"] == "delivered"
    assert received["changed"] == previewed["changed"]
    assert [one["left_over"] for one in received["products"]] == [0, 1]
    for pledge in scene.pledges:
        status, done = post(f"/pledges/{pledge.id}/pick-up", {"means": "cash", "code": pledge.resident.code})
        assert (status, done["owed_cents"], done["repeated"]) == (200, 0, False)
    assert post(f"/pledges/{scene.pledges[0].id}/pick-up")[1]["repeated"]
    assert post("/leftovers", {"product": cans, "quantity": 2, "how": "given"})[1]["code"] == "not_left"
    assert post("/receive", {"lines": [{"product": eggs, "received": -1}]})[0] == 422
    settled = post("/settle")[1]
    sums = settled["settlement"]
    paid_by = sums["members_cents"] + sums["leftovers_cents"] + sums["hub_cents"]
    assert paid_by == sums["supplier_cents"] + sums["transport_cents"] + sums["fees_cents"]
    for name in ("order.csv", "order.pdf", "pick-up.csv", "pick-up.pdf?by=product"):
        assert client.get(f"{at}/{name}", headers=headers).status_code == 200


def test_lists_hold_every_name_quantity_and_sum_and_shield_their_cells(
    client: FlaskClient, scene: Scene
) -> None:
    factories.log_in(client, scene.organizer)
    order = said(client.get(path(scene, "order.pdf")).data)
    for words in ("Œufs de plein air", "Maison des Tilleuls", "Zoë Lefèvre", "21,60 €", "20 €", "41,60 €"):
        assert words in order.replace("\u202f", " ").replace("\xa0", " ")
    table = rows(client.get(path(scene, "order.csv")).text)
    assert [row[0] for row in table] == ["Produit", "Œufs de plein air", "'=1+1"]
    for by in ("person", "product"):
        listed = said(client.get(path(scene, f"pick-up.pdf?by={by}")).data)
        table = rows(client.get(path(scene, f"pick-up.csv?by={by}")).text)
        for pledge in scene.pledges:
            assert pledge.resident.name in listed
            assert any(pledge.resident.name in row for row in table)


def test_ticks_survive_a_reload(client: FlaskClient, scene: Scene) -> None:
    factories.log_in(client, scene.organizer)
    client.post(path(scene, "order"), data={"how": "oneself"})
    factories.log_in(client, scene.volunteer)
    line = {"pledge": scene.pledges[0].id, "product": scene.products["Œufs de plein air"].id, "packed": "1"}
    assert 'aria-pressed="true"' not in client.get(path(scene, "packing")).text
    client.post(path(scene, "packing"), data=line)
    for by in ("person", "product"):
        assert client.get(path(scene, f"packing?by={by}")).text.count('aria-pressed="true"') == 1


def test_a_member_chooses_her_time_and_sends_somebody(client: FlaskClient, scene: Scene) -> None:
    slot = factories.pick_up_slot(scene.campaign, starts_at=house_clock.now() + timedelta(days=1))
    person = scene.pledges[0].resident
    factories.log_in(client, person)
    client.post(path(scene, "pick-up"), data={"slot": str(slot.id)})
    page = client.get(path(scene, "pick-up")).text
    assert "votre créneau" in page
    code = client.post(path(scene, "pick-up/code")).text.partition('big-code">')[2].partition("<")[0]
    assert code not in client.get(path(scene, "pick-up")).text
    assert client.get(path(scene, "follow")).status_code == 403
    factories.log_in(client, scene.volunteer)
    received = client.get(path(scene, f"hand-out?code={code}")).text
    assert 'id="who"' in received
    assert person.code in received


def test_a_bill_is_a_pdf_or_a_photo(client: FlaskClient, scene: Scene) -> None:
    factories.log_in(client, scene.organizer)
    client.post(path(scene, "order"), data={"how": "oneself"})
    wrong = {"file": (io.BytesIO(b"<html>"), "facture.pdf")}
    assert client.post(path(scene, "invoices"), data=wrong).status_code == 415
    assert client.post(path(scene, "invoices"), data={}).status_code == 422
    assert db.session.scalar(select(SupplierInvoice)) is None


class Away(FileSender):
    """Nobody takes mail."""

    def send(self, message: Any, *, key: str) -> None:
        raise SenderAway("ConnectionRefusedError")


def test_the_order_leaves_once_by_mail_and_waits_where_nobody_takes_it(
    client: FlaskClient, scene: Scene, tmp_path: Path
) -> None:
    factories.log_in(client, scene.organizer)
    client.post(path(scene, "order"), data={"words": "Merci de livrer par la cour."})
    now = house_clock.now()
    assert mailing.send_due(Away(tmp_path), now=now) == 0
    mail = db.session.scalars(select(SupplierMail)).one()
    assert (mail.status, mail.attempts, mail.last_error) == ("pending", 1, "away: ConnectionRefusedError")
    later = now + timedelta(hours=1)
    assert [mailing.send_due(FileSender(tmp_path), now=later) for _twice in range(2)] == [1, 0]
    scene.fresh()
    assert db.session.scalars(select(SupplierMail)).one().status == "sent"
    (file,) = tmp_path.glob("*.eml")
    letter = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert (letter["To"], letter["Reply-To"]) == (
        "Coopérative des Deux Vallées <coop@example.org>",
        f"Zoë Lefèvre <{scene.organizer.email}>",
    )
    body = letter.get_body(("plain",))
    assert body is not None
    assert "par la cour" in body.get_content()
    names = [part.get_filename() for part in letter.iter_attachments()]
    assert names == [f"commande-{scene.campaign.id}.pdf", f"commande-{scene.campaign.id}.csv"]
    assert db.session.get_one(Delivery, scene.campaign.id).ordered_by_id == scene.organizer.id


def test_lists_stay_within_their_statements(client: FlaskClient, scene: Scene, query_count: Any) -> None:
    factories.log_in(client, scene.organizer)
    counts = []
    for _more in range(2):
        with query_count() as statements:
            client.get(path(scene, "packing"))
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 12


def test_a_card_at_the_counter_says_what_waits_for_its_holder(client: FlaskClient, scene: Scene) -> None:
    factories.log_in(client, scene.organizer)
    headers = factories.bearer(scene.organizer)
    for step in ("order", "receive"):
        client.post(f"/api/v1/campaigns/{scene.campaign.id}/{step}", json={}, headers=headers)
    card = {"hub": scene.hub.slug, "code": scene.pledges[0].resident.code}
    desk = client.post("/counter/scan", data=card).text
    assert f"/purchases/{scene.campaign.id}/hand-out?code={card['code']}" in desk
