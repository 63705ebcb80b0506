"""Several objects in a row for one person: each is lent at its scan, or waits in a row of its own to be ticked."""

import re
from datetime import timedelta

from sqlalchemy import select

from app.core.db import db
from app.items.models import Item
from app.lending.models import Loan, LoanEvent
from app.notifications.models import Mail
from tests import factories
from tests.harness.desk import Desk


def saw(desk: Desk, title: str = "Scie") -> Item:
    return factories.item(title, hub=desk.hub, parts=(("Lame", 2), ("Carter", 1)))


def kept(desk: Desk) -> list[str]:
    """What the next form carries along."""
    return sorted(set(re.findall(r'name="open" value="([^"]*)"', desk.text)))


def test_a_row_stays_open_while_others_are_lent(desk: Desk) -> None:
    first, second = saw(desk), saw(desk, "Rabot")
    desk.scan(desk.nadia.code).scan(first.code)
    marks = kept(desk)
    assert marks == [f"{desk.nadia.code} {first.code}"]
    desk.post("scan", code=second.code, open=marks)
    assert len(kept(desk)) == 2
    desk.post("scan", code=desk.drill.code, open=kept(desk))
    assert (desk.word, len(kept(desk))) == ("Prêté", 2)
    desk.post("check-out", code=first.code, parts=["Lame", "Carter"], open=kept(desk))
    assert (desk.word, kept(desk)) == ("Prêté", [f"{desk.nadia.code} {second.code}"])
    desk.post("set-aside", code=second.code, open=kept(desk))
    assert (desk.word, kept(desk)) == ("Laissé", [])
    assert {loan.item_id for loan in db.session.scalars(select(Loan))} == {first.id, desk.drill.id}


def test_the_next_card_says_what_stayed_unticked(desk: Desk) -> None:
    item = saw(desk)
    desk.scan(desk.nadia.code).scan(item.code)
    desk.post("scan", code=desk.karim.code, open=kept(desk))
    assert "Pas prêté :" in desk.text
    assert "Scie" in desk.text
    assert kept(desk) == []  # it is not his


def test_a_desk_that_is_cleared_says_what_stayed_unticked(desk: Desk) -> None:
    item = saw(desk)
    desk.scan(desk.nadia.code).scan(item.code)
    done = re.search(r'href="([^"]*)" data-done', desk.text)
    assert done is not None
    desk.open(done[1])
    assert (desk.member, desk.word, desk.chime) == ("", "Bonjour !", "stop")
    assert "Pas prêté :</strong> Scie." in desk.text
    assert desk.nadia.code not in done[1]
    assert kept(desk) == []
    desk.post(
        "scan", code="", member="", open=[f"{desk.nadia.code} {item.code}"]
    )  # in a practice it is a form
    assert "Pas prêté :" in desk.text


def test_rows_that_were_never_there_are_nothing(desk: Desk) -> None:
    desk.scan(desk.nadia.code)
    for mark in ("", "x", f"{desk.nadia.code} I-0000000", f"{desk.nadia.code} {'x' * 900}", " ".join("abc")):
        assert desk.post("scan", code=desk.drill.code, open=mark).status == 200


def test_another_day_can_be_chosen_after_the_scan(desk: Desk) -> None:
    desk.scan(desk.nadia.code).scan(desk.drill.code)
    loan = desk.loan()
    usual = loan.due
    sooner = desk.today + timedelta(days=2)
    desk.post("choose-due", loan=loan.id, code=desk.drill.code, due=sooner.isoformat())
    assert (desk.word, desk.loan().due) == ("Jusqu’au vendredi 27 novembre", sooner)
    assert desk.loan().claim.end_day == sooner + timedelta(days=1)
    sent = db.session.scalars(
        select(Mail).where(Mail.status == "pending", Mail.kind == "lending.checked_out")
    )
    assert len(sent.all()) == 1  # of the new day, no longer of the old one
    assert desk.text.count("Défaire : Perceuse") == 1
    desk.post("undo", loan=loan.id, code=desk.drill.code)
    assert (desk.word, desk.loan().status) == ("Défait", "cancelled")
    assert usual > sooner


def test_the_day_that_is_chosen_has_its_limits(desk: Desk) -> None:
    next_claim = desk.today + timedelta(days=6)
    desk.scan(desk.nadia.code).scan(desk.drill.code)
    loan = desk.loan()

    def choose(days: int) -> int:
        due = desk.today + timedelta(days=days)
        return desk.post("choose-due", loan=loan.id, code=desk.drill.code, due=due.isoformat()).status

    assert [choose(-1), choose(400)] == [422, 422]
    assert desk.post("choose-due", loan=loan.id, due="demain").status == 422
    assert choose(2) == 200
    factories.loan(desk.drill, desk.karim, first_day=next_claim, due=next_claim + timedelta(days=2))
    assert choose(6) == 409
    assert "l’attend dès mardi 1er décembre" in desk.text
    assert choose(3) == 200
    desk.clock.forward(minutes=11)
    assert choose(2) == 409
    lines = db.session.scalars(select(LoanEvent.kind).where(LoanEvent.loan_id == loan.id)).all()
    assert set(lines) == {"checked_out"}
