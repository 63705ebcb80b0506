"""The whole way of a neighbour without a single script: sign up, confirm, say where one lives, join, look for an
object, choose its days, reserve it, write a word, call it off; and a volunteer who hands out and takes back."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from app.accounts.rules import DEMO_DOMAIN
from app.core import clock
from app.core.db import db
from app.notifications.jobs import send_mail
from tests import factories
from tests.browser.demo import Demo
from tests.browser.visits import PHONE
from tests.harness.browser import BrowserDriver

NEW = {
    "Votre prénom": "Maud",
    "Votre adresse e-mail": "maud@example.org",
    "Un mot de passe": "trois-mots-a-la-suite",
}


@pytest.fixture
def phone(browser_driver: BrowserDriver, demo: Demo) -> Iterator[Page]:
    """A phone that runs no script, in hands that read French whatever a test before this one chose."""
    for person in demo.ids:
        demo.speak(person, "fr")
    context = browser_driver.browser.new_context(
        base_url=demo.url, viewport=PHONE, java_script_enabled=False, locale="fr-FR"
    )
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words).first.click()


def test_a_newcomer_without_script(phone: Page, demo: Demo) -> None:
    phone.goto("/sign-up")
    for label, text in NEW.items():
        phone.get_by_label(label).fill(text)
    phone.get_by_label("J’ai 15 ans ou plus").check()
    press(phone, "Créer mon compte")
    expect(phone.locator("h1")).to_be_visible()
    with demo.app.app_context():
        send_mail(now=clock.now())
        db.session.remove()
    phone.goto(confirmation_link(phone))
    press(phone, "C’est bien mon adresse")
    phone.get_by_label("Votre adresse e-mail").fill(NEW["Votre adresse e-mail"])
    phone.get_by_label("Votre mot de passe").fill(NEW["Un mot de passe"])
    press(phone, "Se connecter")
    expect(phone.get_by_role("heading", level=1)).to_contain_text("De quoi avez-vous besoin")
    phone.goto("/account/home")
    phone.get_by_label("Le lieu-relais de mon quartier").select_option(index=1)
    press(phone, "Garder ce quartier")
    expect(phone.locator("body")).to_contain_text("C’est noté, à 200 m près")
    phone.goto(f"/hubs/{demo.names['slug']}")
    press(phone, "Devenir membre")
    expect(phone.locator("body")).to_contain_text("Passez une fois au comptoir")


def confirmation_link(page: Page) -> str:
    """The link of the mail, as the demo's mailbox shows it."""
    page.goto("/mailbox")
    page.get_by_role("link", name=re.compile("maud@example.org")).first.click()
    link = page.locator('a[href*="/confirm?"]').first.get_attribute("href")
    assert link is not None
    return link[link.index("/confirm") :]


def test_a_loan_without_script(phone: Page, demo: Demo) -> None:
    """From the search to the reservation by links and buttons alone; then a word, and no thank you."""
    log_in(phone, "resident2")
    phone.goto("/items")
    phone.get_by_role("searchbox").fill("sorbetière")
    phone.keyboard.press("Enter")
    phone.get_by_role("link", name="Sorbetière").first.click()
    days = phone.locator("table.cal a")
    days.first.click()
    phone.get_by_role("button", name=re.compile("^Réserver ce")).first.click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("C’est réservé")
    phone.get_by_label("Votre message").fill("Je passe vers 17 h.")
    press(phone, "Envoyer")
    expect(phone.locator("#messages")).to_contain_text("Je passe vers 17 h.")
    phone.get_by_text("Annuler ce prêt").click()
    press(phone, "Oui, annuler")
    expect(phone.locator("body")).to_contain_text("C’est annulé")


def test_the_counter_without_script(phone: Page, demo: Demo) -> None:
    """Two scans out, one scan in, and undone: typed, as a scanner types."""
    with demo.app.app_context():
        codes = demo.names["resident_card"], factories.item("Rabot", hub=demo.hub()).code
        db.session.remove()
    log_in(phone, "volunteer")
    phone.goto(f"/counter?hub={demo.names['slug']}")
    for code in codes:
        phone.locator("input[name=code]").first.fill(code)
        phone.keyboard.press("Enter")
    expect(phone.locator("#said")).to_contain_text("Prêté")
    phone.get_by_role("link", name="Terminer").click()
    phone.locator("input[name=code]").first.fill(codes[1])
    phone.keyboard.press("Enter")
    expect(phone.locator("#said")).to_contain_text("Rabot")
    expect(phone.locator("#said")).not_to_contain_text("Prêté")


def log_in(page: Page, who: str) -> None:
    page.goto("/log-in")
    page.get_by_label("Votre adresse e-mail").fill(f"{who}@{DEMO_DOMAIN}")
    page.get_by_label("Votre mot de passe").fill("demo-movilab-2026")
    press(page, "Se connecter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("De quoi avez-vous besoin")
