"""The counter without a network, in a real browser: what goes wrong on a device, and what is said of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app.core import clock, codes
from app.core.db import db
from app.lending.models import Loan
from tests import factories
from tests.browser.tablets import Device, House, done_since, to_settle, until

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""What happens on a device is the same whatever the house keeps its rows in; the morning is spent on both."""


def test_parts_are_ticked_and_what_the_day_knows_is_said(house: House, device: Callable[..., Device]) -> None:
    anna, karim = house.members[:2]
    saw = factories.item(
        "Scie", hub=house.hub, parts=(("Lame", 2),), notices=["Lunettes !"], deposit_cents=4000
    )
    tent = factories.item("Tente", hub=house.hub)
    factories.loan(tent, karim)
    drill = factories.item("Perceuse", hub=house.hub)
    house.out(drill, karim)
    tablet = device()
    tablet.open()
    house.wire.cut()
    tablet.scan(anna.code, saw.code)
    expect(tablet.word).to_have_text("Vérifiez ensemble")
    page = tablet.page
    for box in ("Lame × 2", "Lu ou entendu", "Reçue et rangée"):
        page.get_by_label(box).check()
    page.get_by_role("button", name="Prêter", exact=True).click()
    expect(tablet.word).to_have_text("Noté")
    tablet.scan(tent.code)
    expect(tablet.word).to_have_text("Pas celui-ci")
    expect(page.locator("#answer")).to_contain_text("Tente est réservé pour Membre 1")
    tablet.scan(drill.code)
    expect(page.locator("#answer")).to_contain_text("Perceuse est noté chez Membre 1")
    page.get_by_role("button", name="C’est un retour").click()
    expect(tablet.word).to_have_text("Noté")
    tablet.scan(drill.code)  # it is here now, and leaves again
    expect(tablet.word).to_have_text("Noté")
    page.keyboard.press("Escape")
    expect(tablet.word).to_have_text("Bonjour !")
    tablet.scan(drill.code)
    page.get_by_role("button", name="Abîmé").click()
    expect(tablet.word).to_have_text("À réparer")
    tablet.scan("I-0000001")
    expect(tablet.word).to_have_text("Mal lu")
    tablet.scan(anna.code)
    house.wire.mend()
    page.evaluate("dispatchEvent(new Event('online'))")
    tablet.sent()
    expect(page.locator("#who")).to_have_text("Membre 0")  # she still stands there
    assert to_settle() == []
    lent = db.session.scalars(select(Loan).where(Loan.borrower_id == anna.id).order_by(Loan.id)).all()
    assert [(loan.item_id, loan.deposit_received_cents) for loan in lent] == [
        (saw.id, 4000),
        (drill.id, None),
    ]
    assert lent[1].condition_in == "damaged"


def test_a_clock_that_is_wrong_by_a_day(house: House, device: Callable[..., Device]) -> None:
    drill, tent = (factories.item(title, hub=house.hub) for title in ("Perceuse", "Tente"))
    tablet = device()
    wrong = clock.now() - timedelta(days=1)
    tablet.page.clock.set_system_time(wrong)
    tablet.open()
    house.wire.cut()
    tablet.lend(house.members[0], drill)
    tablet.page.clock.set_system_time(clock.now() + timedelta(days=1))  # somebody "mends" it
    tablet.lend(house.members[1], tent)
    house.wire.mend()
    tablet.page.evaluate("dispatchEvent(new Event('online'))")
    tablet.sent()
    assert to_settle() == []
    moments = [loan.checked_out_at for loan in db.session.scalars(select(Loan).order_by(Loan.id))]
    assert len(moments) == 2
    assert all(abs(clock.now() - at) < timedelta(minutes=2) for at in moments)


def test_only_its_own_account_sends_until_a_coordinator_takes_over(
    house: House, device: Callable[..., Device]
) -> None:
    drill = factories.item("Perceuse", hub=house.hub)
    tablet = device()
    tablet.open()
    house.wire.cut()
    tablet.lend(house.members[0], drill)
    house.wire.mend()
    chief = factories.resident("Rosa T.")
    factories.membership(house.hub, chief, roles=("volunteer", "coordinator"))
    other = factories.volunteer(house.hub, "Loïc P.")
    tablet.log_in(other)
    tablet.page.goto("/counter")
    expect(tablet.banner).to_contain_text("Gardés par quelqu’un d’autre.")
    expect(tablet.banner).to_contain_text("La même personne, ou la coordination, les enverra.")
    assert db.session.query(Loan).count() == 0
    tablet.page.goto("/account")
    tablet.page.locator("form[action$='/log-out'] button").first.click()
    until(tablet.page, "indexedDB.databases().then((all) => !all.some((one) => one.name === 'movilab-day'))")
    tablet.log_in(chief)
    tablet.page.goto("/counter")
    tablet.page.get_by_role("button", name="Les envoyer à sa place").click()
    expect(tablet.banner).to_contain_text("C’est envoyé : 1 passage.")
    db.session.rollback()
    (loan,) = db.session.scalars(select(Loan))
    assert (loan.item_id, loan.checked_out_by_id) == (drill.id, chief.id)


def test_a_device_that_may_keep_nothing_says_so(house: House, device: Callable[..., Device]) -> None:
    drill = factories.item("Perceuse", hub=house.hub)
    tablet = device()
    tablet.page.add_init_script(
        "IDBFactory.prototype.open = () => { throw new DOMException('no', 'QuotaExceededError'); }"
    )
    tablet.page.goto("/counter")
    expect(tablet.word).to_have_text("Bonjour !")
    house.wire.cut()
    tablet.scan(house.members[0].code, drill.code)
    expect(tablet.word).to_have_text("Écrivez-le aussi")
    expect(tablet.banner).to_contain_text("ne fermez pas cette page")
    house.wire.mend()
    tablet.page.evaluate("dispatchEvent(new Event('online'))")
    expect(tablet.banner).to_contain_text("C’est envoyé")
    db.session.rollback()
    assert db.session.query(Loan).count() == 1


def test_two_tabs_and_an_old_worker_send_once(house: House, device: Callable[..., Device]) -> None:
    items = [factories.item(f"Objet {n}", hub=house.hub) for n in range(2)]
    tablet = device()
    tablet.page.goto("/counter")
    tablet.page.evaluate(
        """async () => {
          const old = await caches.open("movilab-counter");
          await old.put("/counter/without-network", new Response("an old desk"));
          await old.put("/static/js/counter/gone.js", new Response("an old script"));
        }"""
    )
    tablet.open()
    until(tablet.page, "caches.match('/static/js/counter/gone.js').then((old) => !old)")
    other = tablet.context.new_page()
    other.goto("/counter")
    expect(other.locator("#answer .word")).to_have_text("Bonjour !")
    first = tablet.page
    house.wire.cut()
    for page, item in ((first, items[0]), (other, items[1])):
        page.bring_to_front()
        tablet.page = page
        tablet.lend(house.members[0], item)
    expect(first.locator("#offline")).to_contain_text("2 passages gardés")
    house.wire.mend()
    for page in (first, other):
        page.evaluate("dispatchEvent(new Event('online'))")
    tablet.sent()
    assert done_since(0) == [("checked_out", item.id) for item in items]


def test_the_device_reads_codes_and_moments_as_the_house_does(
    house: House, device: Callable[..., Device]
) -> None:
    """The same sentences in two languages: what Python reads, the script reads."""
    keys = dict(zip("1234567890-", "&é\"'(-è_çà)", strict=True)) | {"M": "?"}
    swapped = {"A": "Q", "Q": "A", "Z": "W", "W": "Z"}
    typed: list[str] = []
    for number in range(40):
        code = str(codes.numbered(codes.MEMBER if number % 2 else codes.ITEM, number * 7_654_321 % 32**6))
        wrong_layout = "".join(keys.get(sign, swapped.get(sign, sign)) for sign in code)
        typed += [
            code,
            code.lower(),
            wrong_layout,
            f"https://x.fr/c/{code}?q",
            code[:-1],
            code.replace("0", "o"),
        ]
        typed += [code[:3] + code[4] + code[3] + code[5:], code.replace("-", " "), f"{code}0"]
    tablet = device()
    tablet.page.goto("/counter")
    read = tablet.page.evaluate(
        """async (typed) => {
          const { readCode } = await import("/static/js/counter/offline-rules.js");
          return typed.map((text) => readCode(text)?.code ?? "");
        }""",
        typed,
    )
    assert read == [str(codes.read(text) or "") for text in typed]
    hour = 3_600_000
    moments = tablet.page.evaluate(
        """async (hour) => {
          const { momentOf } = await import("/static/js/counter/offline-rules.js");
          const scan = { device: 10 * hour, offset: hour, contact: 10.5 * hour };
          const now = 12 * hour;
          return [
            momentOf(scan, { offset: hour, now }),
            momentOf({ ...scan, device: 34 * hour }, { offset: -23 * hour, now }),
            momentOf({ ...scan, device: -14 * hour }, { offset: 25 * hour, now }),
            momentOf({ ...scan, device: 90 * hour }, { offset: hour, now }),
            momentOf(scan, { offset: hour, now, before: 11.5 * hour }),
          ].map((at) => at / hour);
        }""",
        hour,
    )
    assert moments == [11, 11, 11, 91, 11.5]
