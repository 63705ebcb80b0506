"""The end of a shift: the day in figures, and each act with its way back for a day."""

import html
import re
from datetime import timedelta

from app.core.db import db
from app.lending.models import Loan
from tests import factories
from tests.harness.desk import Desk
from tests.harness.statements import counted


def page(desk: Desk) -> str:
    answer = desk.client.get(f"/counter/shift?hub={desk.hub.slug}")
    assert answer.status_code == 200
    return html.unescape(answer.get_data(as_text=True)).replace("\u00a0", " ")


def figure(text: str, of: str) -> str:
    found = re.search(rf"<dt>{of}</dt><dd[^>]*>([^<]*)", text)
    assert found is not None, text
    return found.group(1)


def test_a_day_in_figures(desk: Desk) -> None:
    desk.clock.forward(days=1)  # everybody was verified today
    desk.today += timedelta(days=1)
    assert "Rien pour l’instant" in page(desk)
    saw = factories.item("Scie", hub=desk.hub, deposit_cents=4000)
    late = factories.item("Tente", hub=desk.hub)
    gone = {"first_day": desk.today - timedelta(days=9), "due": desk.today - timedelta(days=2)}
    factories.loan(late, desk.karim, status="checked_out", **gone)
    desk.scan(desk.nadia.code).scan(desk.drill.code)
    desk.post("check-out", code=saw.code, deposit_paid="yes", deposit_euros="40")
    desk.scan(desk.drill.code)  # the same gesture again counts once
    desk.post("undo", loan=db.session.query(Loan).filter_by(item_id=desk.drill.id).one().id)
    desk.member = ""
    desk.scan(late.code)
    text = page(desk)
    assert [figure(text, of) for of in ("Prêtés", "Rendus", "dont en retard", "Défaits")] == [
        "1",
        "1",
        "1",
        "1",
    ]
    assert figure(text, "En plus dans la caisse") == "40 €"
    assert "Karim S. · 10 h, par Véra K." in text
    assert "Perceuse" not in text  # it was undone


def test_what_was_lent_all_the_same_is_said(desk: Desk) -> None:
    days = {"first_day": desk.today - timedelta(days=9), "due": desk.today - timedelta(days=2)}
    factories.loan(factories.item(hub=desk.hub), desk.nadia, status="checked_out", **days)
    desk.member = desk.nadia.code
    desk.post("check-out", code=desk.drill.code, override="overdue_elsewhere", reason="Elle repasse ce soir.")
    assert "À Nadia B., par Véra K. : Elle repasse ce soir." in page(desk)


def test_an_act_is_undone_for_a_day(desk: Desk) -> None:
    desk.scan(desk.nadia.code).scan(desk.drill.code)
    loan = desk.loan()
    form = {"hub": desk.hub.slug, "loan": loan.id}
    desk.clock.forward(hours=23)
    assert desk.post("undo", loan=loan.id).status == 409  # no longer at the desk
    assert "Défaire : Perceuse" in page(desk)
    assert desk.client.post("/counter/shift/undo", data=form).status_code == 302
    assert desk.loan().status == "cancelled"
    desk.scan(desk.nadia.code).scan(desk.drill.code)
    desk.clock.forward(hours=25)
    desk.client.post("/counter/shift/undo", data={**form, "loan": desk.loan().id})
    assert desk.loan().status == "checked_out"
    assert "On annule pendant 24 heures" in page(desk)
    assert desk.client.post("/counter/shift/undo", data={**form, "loan": "x"}).status_code == 404


def test_it_costs_the_same_on_a_long_day(desk: Desk) -> None:
    page(desk)

    def cost() -> int:
        with counted() as statements:
            page(desk)
        return len(statements)

    def lend(number: int) -> None:
        for _ in range(number):
            desk.member = desk.nadia.code
            desk.scan(factories.item(hub=desk.hub).code)

    lend(1)
    few = cost()
    lend(3)
    assert cost() == few
