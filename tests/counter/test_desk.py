"""The counter's pages by form posts alone, as a browser without JavaScript sends them."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.core.audit import AuditEntry
from app.core.db import db
from app.hubs.models import Membership
from app.items.models import Item
from app.lending.models import Loan, LoanEvent, RepairTicket
from tests import factories
from tests.harness.desk import Desk


def test_the_door_of_the_counter(desk: Desk) -> None:
    answer = desk.client.get("/counter")
    assert answer.status_code == 200
    assert "Comptoir de Maison des Tilleuls" in answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "private, no-store"
    member = factories.log_in(desk.client.application.test_client(), desk.nadia)
    assert member.get("/counter").status_code == 403
    assert member.get(f"/counter?hub={desk.hub.slug}").status_code == 403
    assert member.post("/counter/scan", data={"hub": desk.hub.slug, "code": "x"}).status_code == 403
    assert desk.client.get("/counter?hub=nowhere").status_code == 404
    assert desk.client.post("/counter/scan", data={"code": "x"}).status_code == 404


def test_who_holds_two_counters_chooses(desk: Desk) -> None:
    other = factories.hub("Fablab de la gare")
    factories.membership(other, desk.vera, roles=("volunteer",))
    page = desk.client.get("/counter").get_data(as_text=True)
    assert "Maison des Tilleuls" in page
    assert "Fablab de la gare" in page
    assert "Carte, étiquette ou nom" not in page


def test_two_scans_lend_and_one_takes_back(desk: Desk) -> None:
    desk.scan(desk.nadia.code)
    assert (desk.status, desk.member) == (200, desk.nadia.code)
    assert "Nadia B." in desk.text
    desk.scan(desk.drill.code)
    assert (desk.status, desk.word, desk.chime) == (200, "Prêté", "lent")
    assert "jusqu’au mercredi 9 décembre" in desk.text
    assert (desk.loan().status, desk.loan().checked_out_by_id) == ("checked_out", desk.vera.id)
    assert desk.member == desk.nadia.code  # the next object goes to her too
    desk.member = ""
    desk.scan(desk.drill.code)
    assert (desk.status, desk.word, desk.chime) == (200, "Rendu", "returned")
    assert "étagère B3" in desk.text
    assert (desk.loan().status, desk.member) == ("returned", "")


def test_links_are_scanned_too(desk: Desk) -> None:
    desk.scan(f"https://movilab.example/c/{desk.nadia.code}")
    assert desk.member == desk.nadia.code
    desk.scan(f"https://movilab.example/c/{desk.drill.code.lower()}")
    assert desk.word == "Prêté"


def test_the_same_scan_twice_lends_once(desk: Desk) -> None:
    desk.scan(desk.nadia.code).scan(desk.drill.code).scan(desk.drill.code)
    assert (desk.status, desk.word) == (200, "Déjà prêté")
    assert db.session.query(Loan).count() == 1
    desk.clock.forward(days=2)
    desk.scan(desk.drill.code)  # she has brought it back, it seems
    assert desk.word == "Déjà chez Nadia B."
    desk.post("check-in", code=desk.drill.code)
    assert desk.word == "Rendu"


def test_parts_and_notices_leave_the_row_open(desk: Desk) -> None:
    saw = factories.item(
        "Scie", hub=desk.hub, parts=(("Lame", 2), ("Carter", 1)), notices=["Lunettes !"], deposit_cents=4000
    )
    desk.scan(desk.nadia.code).scan(saw.code)
    assert (desk.status, desk.word) == (409, "Vérifiez ensemble")
    assert db.session.query(Loan).count() == 0
    assert "Lunettes !" in desk.text
    desk.post("check-out", code=saw.code, parts=["Lame"])
    assert desk.word == "Vérifiez ensemble"
    assert re.search(r'value="Lame" checked', desk.text)  # what was ticked stays ticked
    assert not re.search(r'value="Carter" checked', desk.text)
    ticks = {"code": saw.code, "parts": ["Lame", "Carter"], "acknowledged": "yes"}
    desk.post("check-out", **ticks)
    assert (desk.status, desk.word) == (409, "Vérifiez ensemble")  # the deposit
    desk.post("check-out", **ticks, deposit_paid="yes", deposit_euros="quarante")
    assert desk.status == 422
    desk.post("check-out", **ticks, deposit_paid="yes", deposit_euros="40,00")
    assert (desk.status, desk.word) == (200, "Prêté")
    assert desk.loan().deposit_received_cents == 4000


def test_a_conflict_is_loud_and_has_choices(desk: Desk) -> None:
    factories.changed(desk.drill, title="Perceuse bleue")
    copy = factories.item("Perceuse rouge", hub=desk.hub, category_id=desk.drill.category_id, shelf="C1")
    factories.loan(desk.drill, desk.karim, due=desk.today + timedelta(days=3))
    desk.scan(desk.nadia.code).scan(desk.drill.code)
    assert (desk.status, desk.word, desk.chime) == (409, "Pas celui-ci", "stop")
    assert "est réservé pour Karim S." in desk.text
    assert "Perceuse rouge" in desk.text
    assert "Celui-ci, plus tard" in desk.text
    assert 'role="alert"' in desk.text
    desk.post("check-out", code=copy.code)
    assert desk.word == "Prêté"


def later(desk: Desk, item: Item) -> dict[str, str]:
    """What the button of the days offered later says."""
    first, due = (re.search(rf'name="{name}" value="([\d-]+)"', desk.text) for name in ("from", "to"))
    assert first is not None
    assert due is not None
    return {"code": item.code, "from": first[1], "to": due[1]}


def test_what_is_taken_today_is_reserved_for_later(desk: Desk) -> None:
    factories.loan(desk.drill, desk.karim, status="checked_out", due=desk.today + timedelta(days=3))
    desk.scan(desk.nadia.code).scan(desk.drill.code)
    offered = later(desk, desk.drill)
    desk.post("reserve", **offered).post("reserve", **offered)  # a second tap
    assert (desk.status, desk.word, desk.chime) == (200, "Réservé", "keep")
    loan = desk.loan()
    assert (loan.status, loan.borrower_id, loan.first_day) == (
        "reserved",
        desk.nadia.id,
        date.fromisoformat(offered["from"]),
    )
    assert db.session.query(Loan).count() == 2
    line = db.session.scalars(select(LoanEvent).where(LoanEvent.loan_id == loan.id)).one()
    noted = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "lending.reserved")).one()
    assert line.actor_id == noted.actor_id == desk.vera.id
    assert noted.on_behalf_of_id == desk.nadia.id


def test_later_is_refused_with_its_reasons(desk: Desk) -> None:
    factories.loan(desk.drill, desk.karim, status="checked_out", due=desk.today + timedelta(days=3))
    desk.scan(desk.nadia.code).scan(desk.drill.code)
    offered = later(desk, desk.drill)
    factories.place_in_line(desk.drill, factories.verified_member(desk.hub))
    assert desk.post("reserve", **offered).word == "Pas encore"
    assert "attendent cet objet" in desk.text
    assert desk.post("reserve", **{**offered, "from": "x"}).status == 422
    elsewhere = factories.item("Tréteaux", hub=factories.hub("Fablab"))
    assert desk.post("reserve", **{**offered, "code": elsewhere.code}).status == 404
    assert db.session.query(Loan).count() == 1


def test_whoever_reserved_it_can_give_it_up(desk: Desk) -> None:
    held = factories.loan(desk.drill, desk.karim, due=desk.today + timedelta(days=3))
    desk.scan(desk.nadia.code).scan(desk.drill.code)
    assert "Karim S. y renonce ?" in desk.text
    desk.post("give-way", loan=held.id, reason="")
    assert desk.status == 422
    desk.post("give-way", loan=held.id, reason="Il a appelé, il n’en a plus besoin.")
    assert desk.word == "Prêté"
    assert db.session.get(Loan, held.id).status == "cancelled"  # type: ignore[union-attr]


def test_what_is_out_elsewhere_can_come_back(desk: Desk) -> None:
    factories.loan(desk.drill, desk.karim, status="checked_out")
    desk.scan(desk.nadia.code).scan(desk.drill.code)
    assert (desk.status, desk.word) == (409, "Pas celui-ci")
    assert "est chez Karim S. en ce moment" in desk.text
    assert "C’est un retour" in desk.text
    desk.post("check-in", code=desk.drill.code)
    assert (desk.word, desk.member) == ("Rendu", desk.nadia.code)
    desk.scan(desk.drill.code)
    assert desk.word == "Prêté"


def test_a_blocker_is_overridden_with_a_reason(desk: Desk) -> None:
    factories.loan(
        factories.item(hub=desk.hub),
        desk.nadia,
        status="checked_out",
        first_day=desk.today - timedelta(days=9),
        due=desk.today - timedelta(days=2),
    )
    desk.scan(desk.nadia.code).scan(desk.drill.code)
    assert (desk.status, desk.word) == (409, "Pas encore")
    assert "Nadia B. a un objet en retard." in desk.text
    assert "Prêter quand même ?" in desk.text
    desk.post("check-out", code=desk.drill.code, override="overdue_elsewhere", reason="")
    assert desk.status == 422
    desk.post(
        "check-out", code=desk.drill.code, override="overdue_elsewhere", reason="Elle le rapporte ce soir."
    )
    assert desk.word == "Prêté"
    kept = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "lending.override")).one()
    assert (kept.actor_id, kept.on_behalf_of_id) == (desk.vera.id, desk.nadia.id)


def test_the_suspended_are_not_overridden(desk: Desk) -> None:
    sami = factories.resident("Sami T.")
    factories.membership(desk.hub, sami, status="suspended")
    desk.scan(sami.code).scan(desk.drill.code)
    assert (desk.status, desk.word) == (409, "Pas encore")
    assert "Prêter quand même ?" not in desk.text


@pytest.mark.parametrize("tied", [True, False])
def test_somebody_is_verified_at_the_counter(desk: Desk, tied: bool) -> None:
    new = factories.resident("Salomé Y.")
    if tied:
        factories.membership(desk.hub, new, status="pending")
    desk.scan(new.code)
    assert "On vérifie, sans copie." in desk.text
    desk.scan(desk.drill.code)
    assert desk.word == "Pas encore"
    desk.post("verify")
    assert (desk.word, desk.member) == ("Vérifié", new.code)
    membership = db.session.scalars(select(Membership).where(Membership.resident_id == new.id)).one()
    assert (membership.status, membership.verified_by_id) == ("verified", desk.vera.id)
    desk.scan(desk.drill.code)
    assert desk.word == "Prêté"


def test_nobody_verifies_oneself(desk: Desk) -> None:
    factories.changed(
        db.session.scalars(select(Membership).where(Membership.resident_id == desk.vera.id)).one(),
        status="verified",
    )
    desk.scan(desk.vera.code)
    answer = desk.client.post("/counter/verify", data={"hub": desk.hub.slug, "member": desk.vera.code})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("text", "word", "status"),
    [
        ("I-0000000", "Étiquette inconnue", 404),
        ("M-0000000", "Carte inconnue", 404),
        ("https://autre.example/c/I-0000000", "Étiquette d’ailleurs", 404),
        ("https://autre.example/c/M-0000000", "Carte d’ailleurs", 404),
        ("MI--7931TC2KX4Y0Z1", "Mal lu", 422),  # two scanners at once
        ("I-3F8DK9", "Mal lu", 422),
        ("https://movilab.example/c/I-1", "Mal lu", 422),
        ("", "Bonjour !", 200),
        ("Xavier", "Personne de ce nom", 200),
        ("<script>alert(1)</script>", "Personne de ce nom", 200),
        ("'; DROP TABLE loan; --", "Personne de ce nom", 200),
        ("%", "Personne de ce nom", 200),
        ("x" * 5000, "Personne de ce nom", 200),
        ("😀\u202e", "Personne de ce nom", 200),
    ],
)
def test_what_is_no_code_says_so(desk: Desk, text: str, word: str, status: int) -> None:
    desk.scan(text)
    assert (desk.word, desk.status) == (word, status)
    assert "<script>alert" not in desk.client.post(
        "/counter/scan", data={"hub": desk.hub.slug, "code": text}
    ).get_data(as_text=True)


def test_names_list_people_and_things(desk: Desk) -> None:
    factories.verified_member(desk.hub, "Élodie M.")
    factories.verified_member(factories.hub("Ailleurs"), "Elodie A.")
    desk.scan("elo")
    assert desk.word == "Qui, ou quoi ?"
    assert "Élodie M." in desk.text
    assert "Elodie A." not in desk.text  # another hub's members are nobody's business here
    desk.scan("perc")
    assert "Perceuse" in desk.text


def test_an_object_that_is_here_says_where_and_for_whom(desk: Desk) -> None:
    desk.scan(desk.drill.code)
    assert (desk.status, desk.word) == (409, "Il n’est pas sorti")
    assert "étagère B3" in desk.text
    factories.loan(desk.drill, desk.karim)
    desk.scan(desk.drill.code)
    assert "Réservé pour Karim S." in desk.text
    desk.member = desk.karim.code
    desk.post("check-out", code=desk.drill.code)
    assert desk.word == "Prêté"


def test_it_is_kept_aside_for_who_waits(desk: Desk) -> None:
    factories.loan(
        desk.drill, desk.nadia, status="checked_out", due=desk.today, first_day=desk.today - timedelta(days=3)
    )
    factories.loan(
        desk.drill, desk.karim, first_day=desk.today + timedelta(days=1), due=desk.today + timedelta(days=4)
    )
    desk.scan(desk.drill.code)
    assert (desk.word, desk.chime) == ("Gardez-le pour Karim S.", "keep")


def test_a_return_is_described_afterwards(desk: Desk) -> None:
    saw: Item = factories.item(
        "Scie", hub=desk.hub, parts=(("Lame", 1), ("Carter", 1)), deposit_cents=4000, buffer_days=1
    )
    loan = factories.loan(
        saw, desk.nadia, status="checked_out", deposit_received_cents=4000, deposit_cents=4000
    )
    desk.scan(saw.code)
    assert desk.word == "Rendu"
    assert "Dans quel état ?" in desk.text
    form = {"code": saw.code, "loan": loan.id, "condition": "good", "parts_shown": "yes"}
    desk.post("describe-return", **form, parts=["Lame"], note="Carter oublié", deposit_returned="yes")
    assert desk.status == 422  # the deposit waits while something is missing
    desk.post("describe-return", **form, parts=["Lame"], note="Carter oublié")
    assert (desk.status, desk.word) == (200, "À réparer")
    ticket = db.session.scalars(select(RepairTicket)).one()
    assert (ticket.missing, ticket.note, ticket.closed_at) == (["Carter"], "Carter oublié", None)
    desk.post(
        "describe-return", **form, parts=["Lame", "Carter"], deposit_returned="yes"
    )  # it was in the bag
    assert desk.word == "Noté"
    db.session.expire_all()
    assert db.session.get(RepairTicket, ticket.id).closed_at is not None  # type: ignore[union-attr]
    assert db.session.get(Loan, loan.id).deposit_returned_cents == 4000  # type: ignore[union-attr]
    assert db.session.get(Item, saw.id).condition == "good"  # type: ignore[union-attr]
    desk.clock.forward(minutes=11)
    desk.post("describe-return", **form, parts=["Lame"])
    assert desk.status == 409


def test_undo_takes_back_each_act(desk: Desk) -> None:
    desk.scan(desk.nadia.code).scan(desk.drill.code)
    loan = desk.loan()
    assert "Défaire : Perceuse" in desk.text
    desk.post("undo", loan=loan.id)
    assert (desk.word, desk.loan().status) == ("Défait", "cancelled")
    desk.post("undo", loan=loan.id)  # tapped twice
    assert desk.word == "Défait"
    desk.scan(desk.drill.code)
    desk.member = ""
    desk.scan(desk.drill.code)
    assert "Défaire : Perceuse" in desk.text
    desk.post("undo", loan=desk.loan().id)
    assert desk.loan().status == "checked_out"
    desk.clock.forward(minutes=11)
    desk.post("undo", loan=desk.loan().id)
    assert desk.status == 409
    for nonsense in ("0", "x", "", "99999999999"):
        assert desk.post("undo", loan=nonsense).status == 404


def test_a_repair_is_done(desk: Desk) -> None:
    factories.loan(desk.drill, desk.nadia, status="checked_out")
    desk.post("check-in", code=desk.drill.code)
    loan = desk.loan()
    desk.post("describe-return", code=desk.drill.code, loan=loan.id, condition="damaged", note="Mandrin")
    ticket = db.session.scalars(select(RepairTicket)).one()
    desk.scan(desk.nadia.code).scan(desk.drill.code)
    assert desk.word == "Pas celui-ci"
    assert "est en réparation" in desk.text
    desk.post("repaired", ticket=ticket.id)
    assert desk.word == "Réparé"
    desk.scan(desk.drill.code)
    assert desk.word == "Prêté"


def test_a_loan_is_kept_longer_at_the_counter(desk: Desk) -> None:
    loan = factories.loan(desk.drill, desk.nadia, status="checked_out", due=desk.today + timedelta(days=1))
    desk.member = desk.nadia.code
    desk.post("renew", loan=loan.id)
    assert (desk.word, desk.loan().renewals) == ("Prolongé", 1)


def test_today_is_at_a_glance(desk: Desk) -> None:
    def out(title: str, due: int) -> None:
        factories.loan(
            factories.item(title, hub=desk.hub),
            desk.karim,
            status="checked_out",
            first_day=desk.today - timedelta(days=9),
            due=desk.today + timedelta(days=due),
        )

    out("Diable", 0)
    out("Enceinte", -3)
    out("Tente", 5)
    factories.loan(factories.item("Appareil photo", hub=desk.hub), desk.nadia)
    desk._read(desk.client.get("/counter"))
    aside = desk.text[desk.text.index('id="today"') :]
    assert all(title in aside for title in ("Diable", "Enceinte", "Appareil photo", "En retard", "Attendu"))
    assert "Tente" not in aside


def test_every_act_is_written_with_who_did_it(desk: Desk) -> None:
    desk.scan(desk.nadia.code).scan(desk.drill.code)
    desk.member = ""
    desk.scan(desk.drill.code)
    lines = db.session.scalars(select(LoanEvent).order_by(LoanEvent.id)).all()
    assert [(line.kind, line.actor_id, line.hub_id) for line in lines] == [
        ("checked_out", desk.vera.id, desk.hub.id),
        ("returned", desk.vera.id, desk.hub.id),
    ]


# -- any phone's camera -----------------------------------------------------------------------------------


def test_a_label_opens_the_object_s_page(desk: Desk) -> None:
    stranger = desk.client.application.test_client()
    for client in (stranger, factories.log_in(desk.client.application.test_client(), desk.nadia)):
        answer = client.get(f"/c/{desk.drill.code}")
        assert answer.status_code == 302
        assert answer.headers["Location"] == f"/items/{desk.drill.id}"
    assert stranger.get("/c/I-0000000").status_code == 404
    assert stranger.get("/c/quoi").status_code == 404
    assert stranger.get("/c/" + "x" * 3000).status_code == 404


def test_a_label_gives_a_volunteer_the_counter_s_acts(desk: Desk) -> None:
    page = desk.client.get(f"/c/{desk.drill.code}").get_data(as_text=True)
    assert "En place" in page
    factories.loan(desk.drill, desk.nadia, status="checked_out")
    page = desk.client.get(f"/c/{desk.drill.code}").get_data(as_text=True)
    assert "Le reprendre" in page


def test_a_label_gives_neighbours_their_loan(desk: Desk) -> None:
    owner = factories.resident("Omar D.")
    tent = factories.item("Tente", owner=owner)
    loan = factories.loan(tent, desk.nadia)
    for who in (owner, desk.nadia):
        client = factories.log_in(desk.client.application.test_client(), who)
        assert client.get(f"/c/{tent.code}").headers["Location"] == f"/loans/{loan.id}"


def test_a_card_tells_nobody_s_name(desk: Desk) -> None:
    answer = desk.client.get(f"/c/{desk.nadia.code}")
    assert answer.status_code == 302
    assert desk.client.get(answer.headers["Location"]).status_code == 200
    others = [
        desk.client.application.test_client(),
        factories.log_in(desk.client.application.test_client(), desk.karim),
    ]
    for client in others:
        page = client.get(f"/c/{desk.nadia.code}")
        assert page.status_code == 200
        assert "Nadia" not in page.get_data(as_text=True)
        assert "C’est une carte de membre" in page.get_data(as_text=True)
        assert client.get("/c/M-0000000").status_code == 200  # known or not, the answer is the same
    own = factories.log_in(desk.client.application.test_client(), desk.nadia)
    assert "C’est votre carte" in own.get(f"/c/{desk.nadia.code}").get_data(as_text=True)
