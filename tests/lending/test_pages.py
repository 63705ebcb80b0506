"""The pages of loans, by form posts alone."""

import html
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts.models import Resident
from app.core import ics
from app.core.db import db
from app.items.models import Item
from app.lending.models import Loan
from app.messages.queries import said_about
from tests import factories
from tests.harness.clock import Clock


class Here:
    """A hub with a drill, a neighbour with a tent, and the browsers of those whom it concerns."""

    def __init__(self, client: FlaskClient, clock: Clock) -> None:
        self.app = client.application
        self.clock = clock
        self.today = clock.now.date()
        self.hub = factories.hub("Maison des Tilleuls")
        self.anna = factories.verified_member(self.hub, "Anna B.")
        self.vera = factories.volunteer(self.hub, "Véra K.")
        self.owner = factories.resident("Omar D.")
        self.drill = factories.item("Perceuse", hub=self.hub, shelf="B3", parts=(("Foret", 8),))
        self.tent = factories.item("Tente", owner=self.owner)
        self.as_anna, self.as_vera, self.as_owner = map(self.browser, (self.anna, self.vera, self.owner))

    def browser(self, who: Resident) -> FlaskClient:
        return factories.log_in(self.app.test_client(), who)

    def day(self, ahead: int) -> date:
        return self.today + timedelta(days=ahead)

    def reserve(
        self, item: Item | None = None, first: int = 1, last: int = 5, *, client: Any = None, **fields: Any
    ) -> TestResponse:
        form = {"from": self.day(first).isoformat(), "to": self.day(last).isoformat(), **fields}
        answer: TestResponse = (client or self.as_anna).post(
            f"/items/{(item or self.drill).id}/reserve", data=form
        )
        return answer

    def loan(self, item: Item | None = None, **fields: Any) -> Loan:
        answer = self.reserve(item, **fields)
        assert answer.status_code == 302, text(answer)
        found = db.session.get(Loan, int(answer.headers["Location"].rsplit("/", 1)[1]))
        assert found is not None
        return found


@pytest.fixture
def here(client: FlaskClient, clock: Clock) -> Here:
    return Here(client, clock)


def text(answer: TestResponse) -> str:
    return html.unescape(answer.get_data(as_text=True)).replace("\u00a0", " ")


# -- reserving --------------------------------------------------------------------------------------------


def test_it_is_reserved_and_said_so(here: Here) -> None:
    answer = here.reserve()
    assert answer.status_code == 302
    page = text(here.as_anna.get(answer.headers["Location"]))
    assert "C’est réservé, Anna !" in page
    assert "Perceuse vous attend jeudi 26 novembre, étagère B3." in page
    assert "jeudi 26 novembre, 9 h à 19 h" in page
    assert "lundi 30 novembre, avant 19 h" in page
    assert here.anna.code in page
    assert "Vérifiez les 8 pièces ensemble" in page
    assert "Mettre dans mon agenda" in page
    assert "On vous écrit samedi 28 novembre" in page


def test_a_neighbour_is_asked(here: Here) -> None:
    loan = here.loan(here.tent, message="C’est pour un week-end dans le Vercors.")
    page = text(here.as_anna.get(f"/loans/{loan.id}"))
    assert "C’est demandé, Anna." in page
    assert "Omar D. doit répondre, d’ici jeudi 26 novembre à minuit." in page
    assert "C’est pour un week-end dans le Vercors." in page
    asked = text(here.as_owner.get("/loans"))
    assert "On vous demande" in asked
    assert "À vous de répondre" in asked


def test_days_that_are_taken_come_with_choices(here: Here) -> None:
    here.loan()
    like_it = factories.item("Visseuse", hub=here.hub, category_id=here.drill.category_id)
    other = here.browser(factories.verified_member(here.hub))
    answer = here.reserve(first=2, last=4, client=other, message="J’en ai besoin !")
    assert answer.status_code == 409
    page = text(answer)
    assert "Quelqu’un vient de le prendre" in page
    assert "Les jours libres les plus proches" in page
    assert like_it.title in page
    assert page.count("J’en ai besoin !") >= 2  # in the form, and in each one-tap button
    first = page.split('name="from" value="')[1][:10]
    last = page.split('name="to" value="')[1][:10]
    tapped = other.post(f"/items/{here.drill.id}/reserve", data={"from": first, "to": last})
    assert tapped.status_code == 302


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"from": "2026-11-20"}, "Ce jour est passé."),
        ({"to": "2026-11-25"}, "Le retour vient avant le départ."),
        ({"to": "2027-03-01"}, "C’est trop long"),
        ({"from": "demain"}, "Écrivez la date ainsi"),
        ({"from": ""}, "À remplir."),
        ({"from": "2026-11-26\x00"}, ""),
        ({"message": "x" * 2001}, "Trop long"),
    ],
)
def test_wrong_days_are_said_and_what_was_typed_is_kept(
    here: Here, fields: dict[str, str], sentence: str
) -> None:
    answer = here.reserve(**{"message": "Merci <b>d’avance</b>", **fields})
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert "x" * 2001 in text(answer) or "Merci &lt;b&gt;" in answer.get_data(as_text=True)
    assert db.session.query(Loan).count() == 0


def test_a_closed_day_names_the_next_open_one(here: Here) -> None:
    hub = factories.hub("Fablab", weekdays=(2, 5))
    factories.membership(hub, here.anna)
    saw = factories.item("Scie", hub=hub)
    answer = here.reserve(saw, 1, 3)
    assert answer.status_code == 422
    assert "C’est fermé ce jour-là. On ouvre de nouveau samedi 28 novembre." in text(answer)


def test_blockers_are_all_said_with_the_way_out(here: Here) -> None:
    new = here.browser(factories.resident("Zoé T."))
    answer = here.reserve(client=new)
    assert answer.status_code == 409
    page = text(answer)
    assert "Vous n’êtes pas encore membre de ce lieu." in page
    assert "Passez au comptoir une fois" in page


def test_who_may_reserve(here: Here) -> None:
    stranger = here.app.test_client()
    assert here.reserve(client=stranger).status_code == 401
    assert here.as_anna.post("/items/999999/reserve", data={}).status_code == 404
    draft = factories.item("Brouillon", owner=here.owner, status="draft")
    assert here.reserve(draft).status_code == 404
    gift = factories.item("Fauteuil", hub=here.hub, lends=False, gives=True)
    assert here.reserve(gift).status_code == 409
    assert here.reserve(here.tent, client=here.as_owner).status_code == 409
    forged = here.browser(here.anna)
    forged.forged = True  # type: ignore[attr-defined]
    assert here.reserve(client=forged).status_code == 400
    assert db.session.query(Loan).count() == 0


# -- one's own --------------------------------------------------------------------------------------------


def test_nothing_yet_has_a_way_out(here: Here) -> None:
    page = text(here.as_anna.get("/loans"))
    assert "Rien chez vous en ce moment" in page
    assert 'href="/items"' in page


def test_loans_stand_by_the_day_they_move(here: Here) -> None:
    factories.loan(factories.item("Robot", hub=here.hub), here.anna, status="checked_out", due=here.day(9))
    factories.loan(
        factories.item("Enceinte", hub=here.hub), here.anna, status="checked_out",
        first_day=here.day(-9), due=here.day(-1),
    )  # fmt: skip
    factories.loan(factories.item("Diable", hub=here.hub), here.anna, status="checked_out", due=here.day(2))
    factories.loan(here.drill, here.anna, first_day=here.day(1), due=here.day(5))
    factories.loan(
        factories.item("Vieux", hub=here.hub), here.anna, status="returned",
        first_day=here.day(-40), due=here.day(-30),
    )  # fmt: skip
    page = text(here.as_anna.get("/loans"))
    order = [page.index(f">{title}</a>") for title in ("Enceinte", "Diable", "Robot", "Perceuse", "Vieux")]
    assert order == sorted(order)
    for words in (
        "Attendu depuis mardi 24",
        "À rendre vendredi 27",
        "Jusqu’au vendredi 4",
        "Réservé, dès jeudi 26",
        "Rendu",
    ):
        assert words in page, words
    assert "Prolonger : Diable" in page


def test_what_is_past_goes_on_page_by_page(here: Here) -> None:
    for number in range(23):
        day = here.day(-30 * (number + 1))
        factories.loan(
            factories.item(f"Vieux {number}", hub=here.hub), here.anna, status="returned",
            first_day=day, due=day + timedelta(days=3),
        )  # fmt: skip
    first = text(here.as_anna.get("/loans"))
    assert first.count("Vieux") == 5
    onward = first.split('href="/loans/past?cursor=')[1].split('"')[0]
    second = text(here.as_anna.get(f"/loans/past?cursor={onward}"))
    assert second.count("rowcard") == 18
    assert here.as_anna.get("/loans/past?cursor=forged").status_code == 400


def test_a_list_costs_the_same_however_long(here: Here, query_count: Any) -> None:
    def cost() -> int:
        with query_count() as statements:
            assert here.as_anna.get("/loans").status_code == 200
        return len(statements)

    factories.loan(factories.item("Un", hub=here.hub), here.anna, status="checked_out")
    few = cost()
    for number in range(8):
        hub = factories.hub(f"Lieu {number}")
        factories.loan(factories.item(f"Objet {number}", hub=hub), here.anna, status="checked_out")
    assert cost() == few <= 5


def test_an_owner_sees_all_that_was_lent(here: Here) -> None:
    assert "Rien de prêté encore" in text(here.as_owner.get("/loans/lent"))
    for number in range(21):
        day = here.day(-30 * (number + 1))
        factories.loan(here.tent, here.anna, status="returned", first_day=day, due=day + timedelta(days=3))
    first = text(here.as_owner.get("/loans/lent"))
    assert first.count('class="rowcard"') == 20
    onward = first.split('href="/loans/lent?cursor=')[1].split('"')[0]
    assert text(here.as_owner.get(f"/loans/lent?cursor={onward}")).count('class="rowcard"') == 1


# -- one loan ---------------------------------------------------------------------------------------------


def test_a_loan_is_seen_by_those_it_concerns(here: Here) -> None:
    loan = here.loan()
    assert here.as_vera.get(f"/loans/{loan.id}").status_code == 200
    assert here.as_owner.get(f"/loans/{loan.id}").status_code == 404
    assert here.app.test_client().get(f"/loans/{loan.id}").status_code == 302
    for act in ("cancel", "renew", "approve", "decline", "messages", "handed-over", "handed-back", "contest"):
        assert here.as_owner.post(f"/loans/{loan.id}/{act}", data={"text": "x"}).status_code == 404, act


def test_it_is_called_off_after_asking_once(here: Here) -> None:
    loan = here.loan()
    page = text(here.as_anna.get(f"/loans/{loan.id}"))
    assert "Changer les jours" in page
    assert "Oui, annuler" in page
    answer = here.as_anna.post(f"/loans/{loan.id}/cancel", follow_redirects=True)
    assert "C’est annulé." in text(answer)
    assert here.reserve().status_code == 302  # the days are free again
    assert here.as_anna.post(f"/loans/{loan.id}/renew").status_code == 409


def test_it_is_kept_longer(here: Here) -> None:
    loan = factories.loan(here.drill, here.anna, status="checked_out", due=here.day(2))
    answer = here.as_anna.post(f"/loans/{loan.id}/renew", follow_redirects=True)
    assert "Prolongé jusqu’au vendredi 11 décembre." in text(answer)
    wrong = here.as_anna.post(f"/loans/{loan.id}/renew", data={"to": "jamais"})
    assert wrong.status_code == 422
    assert "Écrivez la date ainsi" in text(wrong)
    early = here.as_anna.post(f"/loans/{loan.id}/renew", data={"to": here.day(3).isoformat()})
    assert (early.status_code, "C’est trop tôt." in text(early)) == (422, True)
    far = here.as_anna.post(f"/loans/{loan.id}/renew", data={"to": here.day(60).isoformat()})
    assert (far.status_code, "Vous pouvez le garder jusqu’au" in text(far)) == (409, True)


def test_an_owner_answers(here: Here) -> None:
    loan = here.loan(here.tent)
    page = text(here.as_owner.get(f"/loans/{loan.id}"))
    assert "Anna B. aimerait l’emprunter du jeudi 26 novembre au lundi 30 novembre." in page
    assert "D’accord, je prête" in page
    assert "Dire non, gentiment" in page
    here.as_owner.post(f"/loans/{loan.id}/approve")
    page = text(here.as_anna.get(f"/loans/{loan.id}"))
    assert "Omar D. a dit oui." in page
    assert here.as_anna.post(f"/loans/{loan.id}/approve").status_code == 403
    other = here.loan(factories.item("Vélo", owner=here.owner))
    here.as_owner.post(f"/loans/{other.id}/decline", data={"why": "Il est chez ma sœur, désolé !"})
    assert "Il est chez ma sœur, désolé !" in text(here.as_anna.get(f"/loans/{other.id}"))
    long = here.as_owner.post(f"/loans/{other.id}/decline", data={"why": "x" * 501})
    assert long.status_code in (409, 422)


def test_two_neighbours_hand_over_and_back(here: Here) -> None:
    loan = here.loan(here.tent, first=0, last=4)
    here.as_owner.post(f"/loans/{loan.id}/approve")
    assert "Je l’ai donné" in text(here.as_owner.get(f"/loans/{loan.id}"))
    here.as_owner.post(f"/loans/{loan.id}/handed-over")
    page = text(here.as_anna.get(f"/loans/{loan.id}"))
    assert "Omar D. dit vous l’avoir remis." in page
    assert "Non, pas encore reçu" in page
    here.as_anna.post(f"/loans/{loan.id}/contest")
    answer = here.as_anna.post(f"/loans/{loan.id}/handed-over", follow_redirects=True)
    assert "à rendre" in text(answer)
    here.as_anna.post(f"/loans/{loan.id}/handed-back")
    assert "dit vous l’avoir rendu" in text(here.as_owner.get(f"/loans/{loan.id}"))
    answer = here.as_owner.post(f"/loans/{loan.id}/handed-back", follow_redirects=True)
    assert "C’est revenu." in text(answer)
    assert db.session.get(Loan, loan.id).status == "returned"  # type: ignore[union-attr]


def test_the_two_write_to_each_other(here: Here) -> None:
    loan = here.loan(here.tent)
    answer = here.as_owner.post(
        f"/loans/{loan.id}/messages", data={"text": "  12 rue <i>Haute</i>\n2e étage "}
    )
    assert answer.headers["Location"].endswith("#messages")
    page = here.as_anna.get(f"/loans/{loan.id}").get_data(as_text=True)
    assert "12 rue &lt;i&gt;Haute&lt;/i&gt;" in page
    empty = here.as_anna.post(f"/loans/{loan.id}/messages", data={"text": "   "})
    assert (empty.status_code, "À remplir." in text(empty)) == (422, True)
    long = here.as_anna.post(f"/loans/{loan.id}/messages", data={"text": "y" * 2001})
    assert (long.status_code, "y" * 2001 in text(long)) == (422, True)
    assert len(said_about("loan", loan.id)) == 1


def test_a_volunteer_does_not_read_what_neighbours_write(here: Here) -> None:
    left = factories.item("Raclette", hub=here.hub, owner=here.owner)
    loan = here.loan(left)
    here.as_owner.post(f"/loans/{loan.id}/messages", data={"text": "Mon adresse : 12 rue Haute"})
    page = text(here.as_vera.get(f"/loans/{loan.id}"))
    assert "12 rue Haute" not in page


def test_the_days_go_into_one_s_own_calendar(here: Here) -> None:
    factories.changed(
        here.drill, title="Perceuse ; 18 V, à colonne — avec un très long nom qui dépasse la ligne"
    )
    loan = here.loan()
    answer = here.as_anna.get(f"/loans/{loan.id}.ics")
    assert answer.headers["Content-Type"] == ics.CONTENT_TYPE
    body = answer.get_data()
    lines = body.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    unfolded = body.replace(b"\r\n ", b"").decode()
    assert unfolded.count("BEGIN:VEVENT") == 2
    assert "SUMMARY:À rendre : Perceuse \\; 18 V\\, à colonne" in unfolded.replace("\u00a0", " ")
    assert "DTSTART:20261126T080000Z\r\nDTEND:20261126T180000Z" in unfolded  # 9 to 19 h in Paris
    assert here.as_owner.get(f"/loans/{loan.id}.ics").status_code == 404
    at_home = here.loan(here.tent)
    assert "DTSTART;VALUE=DATE:20261126\r\nDTEND;VALUE=DATE:20261127" in text(
        here.as_anna.get(f"/loans/{at_home.id}.ics")
    )


def test_an_address_of_an_act_leads_back_to_its_page(here: Here) -> None:
    """After logging in again, or in another language, a browser may come back to where a form was sent."""
    loan = here.loan()
    for address, onward in (
        (f"/items/{here.drill.id}/reserve", f"/items/{here.drill.id}"),
        (f"/loans/{loan.id}/renew", f"/loans/{loan.id}"),
        (f"/loans/{loan.id}/messages", f"/loans/{loan.id}"),
    ):
        answer = here.as_anna.get(address)
        assert (answer.status_code, answer.headers["Location"]) == (302, onward)
    assert here.as_vera.get("/counter/scan").headers["Location"] == "/counter"


# -- a hub's loans ----------------------------------------------------------------------------------------


def test_a_hub_s_loans_begin_with_what_is_late(here: Here) -> None:
    factories.loan(
        factories.item("Enceinte", hub=here.hub), here.anna, status="checked_out",
        first_day=here.day(-9), due=here.day(-2),
    )  # fmt: skip
    factories.loan(factories.item("Diable", hub=here.hub), here.anna, status="checked_out", due=here.day(2))
    address = f"/hubs/{here.hub.slug}/loans"
    late = text(here.as_vera.get(address))
    assert "Enceinte" in late
    assert "Diable" not in late
    out = text(here.as_vera.get(f"{address}?status=checked_out"))
    assert "Diable" in out
    assert "Aucun prêt ici" in text(here.as_vera.get(f"{address}?status=lost"))
    assert here.as_vera.get(f"{address}?status=quoi").status_code == 404
    assert here.as_anna.get(address).status_code == 403
    assert here.as_vera.get("/hubs/nulle-part/loans").status_code == 404


# -- what the object's page is told -----------------------------------------------------------------------


def test_the_object_s_page_knows_what_stands_in_the_way(here: Here) -> None:
    new = here.browser(factories.resident("Zoé T."))
    assert "Vous n’êtes pas encore membre de ce lieu." in text(new.get(f"/items/{here.drill.id}"))
    factories.loan(
        here.drill, factories.verified_member(here.hub), status="checked_out",
        first_day=here.day(-9), due=here.day(-1),
    )  # fmt: skip
    page = text(here.as_anna.get(f"/items/{here.drill.id}"))
    assert "Réservable dès le mercredi 2 décembre." in page
    assert here.app.test_client().get(f"/items/{here.drill.id}").status_code == 200
