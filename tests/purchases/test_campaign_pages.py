"""The pages of a campaign, without a script: written step by step, opened, read by a stranger, changed, called off."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.db import db
from app.purchases.models import Campaign, Product
from tests import factories
from tests.harness.clock import Clock

Count = Any
ESSENTIAL = {
    "title": "Épicerie de décembre", "about": "Huile, farine et pommes.", "supplier": "Coop des Deux Vallées",
    "closes_day": "2026-12-06", "closes_time": "20:00", "delivery_day": "2026-12-11", "minimum_cents": "800",
    "transport_cents": "24,50", "fees_cents": "", "transport_split": "by_value", "payment": "counter",
    "sharing": "in_order", "currency": "EUR", "every_weeks": "", "supplier_email": "", "supplier_note": "",
}  # fmt: skip
OIL = {
    "name": "Huile d’olive", "unit_size": "1", "unit": "bidon de 3 L", "price_cents": "29,40", "pack_size": "6",
    "limit_units": "", "vat": "5,5", "origin": "Nyons", "allergens": "",
    "tier-0-from": "20", "tier-0-price": "27,90", "tier-1-from": "", "tier-1-price": "",
}  # fmt: skip


def text_of(answer: Any) -> str:
    return str(answer.text).replace("\u00a0", " ").replace("\u202f", " ")


def fresh() -> Campaign:
    db.session.expire_all()
    return db.session.scalars(select(Campaign).order_by(Campaign.id.desc())).first()  # type: ignore[return-value]


def test_written_opened_read_and_called_off(app: Flask, client: FlaskClient, clock: Clock) -> None:
    """From nothing to a page that a stranger reads, each step small; then it is called off, with a reason."""
    hub = factories.hub("La Maison")
    organizer = factories.coordinator(hub, "Claire M.")
    office = factories.log_in(app.test_client(), organizer)
    assert office.get("/purchases/new").status_code == 200
    path = office.post("/purchases/new", data=ESSENTIAL).location.removesuffix("/prepare")
    assert "Ajoutez au moins un produit" in text_of(office.get(f"{path}/prepare"))
    assert client.get(path).status_code == 404
    assert office.post(f"{path}/products/new", data=OIL | {"again": "1"}).location.endswith("/products/new")
    slots = {"day": "2026-12-11", "begins": "17:00", "ends": "18:30", "minutes": "30", "capacity": "8"}
    assert office.post(f"{path}/slots", data=slots).status_code == 302
    assert len(fresh().slots) == 3
    assert "Aperçu" in text_of(office.get(path))
    assert office.post(f"{path}/open").location.endswith(path)
    page = text_of(client.get(path))
    for words in (
        "29,40 €",
        "27,90 €",
        "par colis de 6",
        "clôture",
        "dimanche 6 décembre à 20 h",
        "24,50 €",
        "Nyons",
    ):
        assert words in page or words.capitalize() in page, words
    assert "Claire M." not in page
    assert "Épicerie de décembre" in text_of(client.get("/purchases"))
    assert office.post(f"{path}/cancel", data={"why": ""}).status_code == 302
    assert "Cet achat groupé est annulé." in text_of(client.get(path))


def test_a_refused_opening_and_calling_off_keep_what_was_typed(app: Flask, clock: Clock) -> None:
    hub = factories.hub()
    office = factories.log_in(app.test_client(), factories.coordinator(hub))
    path = office.post("/purchases/new", data=ESSENTIAL).location.removesuffix("/prepare")
    office.post(f"{path}/products/new", data=OIL)
    past = office.post(f"{path}/open", data={"later": "1", "day": "2026-11-02", "time": "07:35"})
    assert past.status_code == 422
    assert 'value="2026-11-02"' in past.text
    assert 'value="07:35"' in past.text
    assert office.post(f"{path}/open").status_code == 302
    why = "Le fournisseur a fermé. " * 30
    long = office.post(f"{path}/cancel", data={"why": why})
    assert long.status_code == 422
    assert f'value="{why}"' in long.text
    assert 'role="alert"' in long.text
    assert fresh().status == "open"


def test_nothing_typed_is_lost(app: Flask, clock: Clock) -> None:
    """What cannot be stays in its field, with a sentence beside it; a tier more takes nothing away."""
    hub = factories.hub()
    office = factories.log_in(app.test_client(), factories.coordinator(hub))
    wrong = ESSENTIAL | {
        "closes_time": "vingt heures",
        "minimum_cents": "huit cents",
        "delivery_day": "2026-12-01",
    }
    answer = office.post("/purchases/new", data=wrong)
    page = text_of(answer)
    assert answer.status_code == 422
    for kept in ("vingt heures", "huit cents", "Huile, farine et pommes.", "2026-12-01", "24,50"):
        assert kept in page, kept
    assert "Écrivez l’heure ainsi" in page
    assert "Écrivez la somme ainsi" in page
    skipped = office.post(
        "/purchases/new", data=ESSENTIAL | {"closes_day": "2027-03-28", "closes_time": "02:30"}
    )
    assert "on passe à l’heure d’été" in text_of(skipped)
    assert office.post("/purchases/new", data=ESSENTIAL).status_code == 302
    path = f"/purchases/{fresh().id}"
    for sent, said in (
        ({"pack_size": "0"}, "Entre 1 et"),
        ({"price_cents": "-3"}, "au moins 0,01"),
        ({"price_cents": "29,405"}, "Deux chiffres après la virgule"),
        ({"limit_units": "20"}, "mettez 18 ou 24"),
        ({"tier-0-price": "30"}, "fait baisser le prix"),
        ({"name": "é" * 300}, "120 caractères au plus"),
    ):
        answer = office.post(f"{path}/products/new", data=OIL | sent)
        assert answer.status_code == 422
        assert said in text_of(answer)
        assert all(kept in text_of(answer) for kept in ("bidon de 3 L", "Nyons", *sent.values()))
    more = text_of(office.post(f"{path}/products/new", data=OIL | {"more": "1"}))
    assert 'name="tier-2-from"' in more
    assert 'value="27,90"' in more
    assert db.session.scalar(select(Product.id)) is None


def test_yen_have_no_cents(app: Flask, clock: Clock) -> None:
    """A campaign in yen asks for whole sums, and shows them whole."""
    hub = factories.hub()
    office = factories.log_in(app.test_client(), factories.coordinator(hub))
    in_yen = ESSENTIAL | {"currency": "JPY", "minimum_cents": "80000", "transport_cents": "2400"}
    assert "n’a pas de centimes" in text_of(
        office.post("/purchases/new", data=in_yen | {"transport_cents": "24,5"})
    )
    assert office.post("/purchases/new", data=in_yen).status_code == 302
    one = fresh()
    assert (one.minimum_cents, one.transport_cents) == (80000, 2400)
    assert office.post(
        f"/purchases/{one.id}/products/new", data=OIL | {"price_cents": "2940", "tier-0-price": "2790"}
    )
    assert fresh().products[0].price_cents == 2940
    assert "2 940" in text_of(office.get(f"/purchases/{one.id}"))


def test_lists_cost_few_statements(app: Flask, client: FlaskClient, clock: Clock, query_count: Count) -> None:
    """Twenty campaigns cost what two do."""
    hub = factories.hub()
    organizer = factories.coordinator(hub)
    for _n in range(12):
        factories.product(factories.campaign(hub=hub, organizer=organizer))
    with query_count() as statements:
        assert client.get("/purchases").text.count('class="box stack-s"') == 12
    assert len(statements) <= 3
    one = fresh()
    with query_count() as statements:
        assert client.get(f"/purchases/{one.id}").status_code == 200
    assert len(statements) <= 8


def test_edit_over_another_edit(app: Flask, clock: Clock) -> None:
    """Two at once: the second reads again, with what she typed still there."""
    hub = factories.hub()
    organizer = factories.coordinator(hub)
    office = factories.log_in(app.test_client(), organizer)
    one = factories.campaign(hub=hub, organizer=organizer, status="draft", opens_at=None)
    sent = ESSENTIAL | {"revision": "1", "title": "Un titre"}
    assert office.post(f"/purchases/{one.id}/edit", data=sent).status_code == 302
    stale = office.post(f"/purchases/{one.id}/edit", data=sent | {"title": "Le mien"})
    assert stale.status_code == 412
    assert "Le mien" in text_of(stale)
    assert "entre-temps" in text_of(stale)
    assert fresh().title == "Un titre"
