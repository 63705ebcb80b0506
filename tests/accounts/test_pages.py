"""Coming in, going out and oneself, through the pages."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts import queries, services
from app.accounts.models import BrowserSession, MailedLink, Resident
from app.core import clock
from app.core.db import db
from app.core.tokens import fingerprint, link_token
from app.notifications.models import Mail
from tests import factories

SIGN_UP = {
    "name": "Nadia B.",
    "email": "nadia@example.org",
    "password": "trois mots simples",
    "adult": "y",
}


def hashed(password: str) -> str:
    return services.hashed_password(password)


def only_link() -> MailedLink:
    return db.session.scalars(select(MailedLink)).one()


def test_sign_up_confirm_log_in_log_out(client: FlaskClient) -> None:
    answer = client.post("/sign-up", data=SIGN_UP)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-up/done")
    assert "courrier" in client.get("/sign-up/done").text
    assert db.session.scalars(select(Mail.kind)).all() == ["accounts.confirm"]

    token = link_token("confirm", only_link().id)
    page = client.get(f"/confirm?token={token}")
    assert page.status_code == 200
    assert page.text.count("<button") - client.get("/sign-up/done").text.count("<button") == 1
    assert db.session.scalars(select(Resident)).one().email_confirmed_at is None, "looking confirms nothing"
    assert client.post("/confirm", data={"token": token}).headers["Location"] == "/log-in"
    assert db.session.scalars(select(Resident)).one().email_confirmed_at is not None
    assert client.post("/confirm", data={"token": token}).status_code == 410

    answer = client.post(
        "/log-in", data={"email": SIGN_UP["email"], "password": SIGN_UP["password"], "next": "/hubs?q=a"}
    )
    assert answer.headers["Location"] == "/hubs?q=a"
    assert "Nadia B." in client.get("/account").text
    assert client.post("/log-out").headers["Location"] == "/"
    assert client.get("/account").headers["Location"].startswith("/log-in?next=")


def test_the_answer_does_not_tell_whether_an_address_is_known(client: FlaskClient) -> None:
    first = client.post("/sign-up", data=SIGN_UP)
    second = client.post("/sign-up", data=SIGN_UP)
    assert (first.status_code, first.headers["Location"]) == (second.status_code, second.headers["Location"])
    assert db.session.scalars(select(Mail.kind).order_by(Mail.id)).all() == [
        "accounts.confirm",
        "accounts.known",
    ]
    known = client.post("/forgot-password", data={"email": SIGN_UP["email"]})
    unknown = client.post("/forgot-password", data={"email": "nobody@example.org"})
    assert known.status_code == unknown.status_code == 200
    without_tokens = [re.sub(r'(csrf_token" value=)"[^"]*"', "", page.text) for page in (known, unknown)]
    assert without_tokens[0] == without_tokens[1]


def test_what_was_typed_is_kept_but_never_the_password(client: FlaskClient) -> None:
    page = client.post("/sign-up", data={**SIGN_UP, "email": "nadia@", "name": "<b>Nadia</b> 🌻"})
    assert page.status_code == 422
    assert "après le @" in page.text
    assert 'value="nadia@"' in page.text
    assert "&lt;b&gt;Nadia&lt;/b&gt; 🌻" in page.text
    assert "<b>Nadia" not in page.text
    assert SIGN_UP["password"] not in page.text
    assert 'aria-invalid="true"' in page.text


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("anna@example.org", "faux"),
        ("nobody@example.org", "faux"),
        ("", ""),
        ("x" * 5000, "y" * 5000),
        ("\x00", "\x00"),
    ],
)
def test_a_log_in_that_fails_says_one_thing(client: FlaskClient, email: str, password: str) -> None:
    factories.resident(email="anna@example.org", password_hash=hashed("correct horse battery"))
    page = client.post("/log-in", data={"email": email, "password": password})
    assert page.status_code == 422
    assert "L’adresse ou le mot de passe ne va pas." in page.text
    assert db.session.scalars(select(BrowserSession)).all() == []


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "\\\\evil"]
)
def test_the_way_on_stays_on_this_site(client: FlaskClient, target: str) -> None:
    factories.resident(email="anna@example.org", password_hash=hashed("correct horse battery"))
    answer = client.post(
        "/log-in", data={"email": "anna@example.org", "password": "correct horse battery", "next": target}
    )
    assert answer.headers["Location"] == "/"


def test_each_log_in_has_a_session_of_its_own(client: FlaskClient) -> None:
    anna = factories.resident(email="anna@example.org", password_hash=hashed("correct horse battery"))
    form = {"email": "anna@example.org", "password": "correct horse battery"}
    client.post("/log-in", data=form)
    with client.session_transaction() as session:
        first = session["_user_id"]
        token = session.get("csrf_token")
    client.post("/log-in", data=form)
    with client.session_transaction() as session:
        second = session["_user_id"]
        assert session.get("csrf_token") != token or token is None
    assert first != second
    left = db.session.scalars(select(BrowserSession.token_hash)).all()
    assert left == [fingerprint(second)], "the browser's session before it has ended"
    assert queries.browsers(anna.id, now=clock.now())[0].token_hash != second


def test_a_browser_that_is_not_ones_own_is_forgotten_soon(client: FlaskClient) -> None:
    factories.resident(email="anna@example.org", password_hash=hashed("correct horse battery"))
    form = {"email": "anna@example.org", "password": "correct horse battery"}
    answer = client.post("/log-in", data=form)
    assert "Expires" not in answer.headers["Set-Cookie"]
    answer = client.post("/log-in", data={**form, "remember": "y"})
    cookie = answer.headers["Set-Cookie"]
    assert "Expires" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    ends = db.session.scalars(select(BrowserSession.expires_at)).one()
    assert (ends - clock.now()).days >= 59


def test_a_new_password_by_mail(client: FlaskClient) -> None:
    anna = factories.resident(email="anna@example.org", password_hash=hashed("correct horse battery"))
    other = factories.log_in(client.application.test_client(), anna)
    client.post("/forgot-password", data={"email": "anna@example.org"})
    token = link_token("password", only_link().id)
    assert client.get(f"/reset-password?token={token}").status_code == 200
    weak = client.post("/reset-password", data={"token": token, "password": "court"})
    assert weak.status_code == 422
    done = client.post("/reset-password", data={"token": token, "password": "une autre phrase"})
    assert done.headers["Location"] == "/log-in"
    assert other.get("/account").status_code == 302, "every other browser is shown out"
    assert client.get(f"/reset-password?token={token}").status_code == 410
    assert client.get("/reset-password?token=abîmé").status_code == 404
    assert "accounts.password_changed" in db.session.scalars(select(Mail.kind)).all()


def test_a_profile_is_changed_and_its_language_with_it(client: FlaskClient) -> None:
    anna = factories.log_in(client, factories.resident("Anna"))
    assert anna.get("/account/profile").status_code == 200
    bad = anna.post("/account/profile", data={"name": "x" * 5000, "locale": "de"})
    assert bad.status_code == 422
    assert "60 caractères au plus" in bad.text.replace("\xa0", " ")
    assert anna.post("/account/profile", data={"name": "Anna B.", "locale": "en"}).status_code == 302
    page = anna.get("/account").text
    assert "Anna B." in page
    assert '<html lang="en"' in page


def test_the_card_shows_the_code_and_its_qr(client: FlaskClient) -> None:
    who = factories.resident("Anna B.")
    page = factories.log_in(client, who).get("/account/card").text
    assert page.count(who.code) >= 2
    assert "data:image/svg+xml" in page


def test_a_key_is_shown_once_and_can_be_taken_back(client: FlaskClient) -> None:
    anna = factories.log_in(client, factories.resident())
    page = anna.post("/account/tokens", data={"name": "mon agenda", "days": "30"}).text
    found = re.search(r'id="made" value="([^"]+)"', page)
    assert found is not None
    key = found.group(1)
    headers = {"Authorization": f"Bearer {key}"}
    stranger = client.application.test_client()
    assert stranger.get("/api/v1/me", headers=headers).status_code == 200
    again = anna.get("/account/tokens").text
    assert key not in again
    number = re.search(r"/account/tokens/(\d+)/revoke", again)
    assert number is not None
    assert anna.post(f"/account/tokens/{number.group(1)}/revoke").status_code == 302
    assert stranger.get("/api/v1/me", headers=headers).status_code == 401
    assert anna.post("/account/tokens", data={"name": "", "days": "7"}).status_code == 422


def test_a_browser_elsewhere_is_ended_but_never_anothers(client: FlaskClient) -> None:
    who = factories.resident()
    anna = factories.log_in(client, who)
    phone = factories.log_in(client.application.test_client(), who)
    stranger = factories.log_in(client.application.test_client(), factories.resident())
    ids = [row.id for row in queries.browsers(who.id, now=clock.now())]
    assert stranger.post(f"/account/devices/{ids[0]}/end").status_code == 404
    assert anna.post(f"/account/devices/{ids[0]}/end").status_code == 302
    assert phone.get("/account").status_code == 302
    assert anna.get("/account/devices").status_code == 200


def test_changing_a_password_asks_for_the_old_one(client: FlaskClient) -> None:
    who = factories.resident(password_hash=hashed("correct horse battery"))
    anna = factories.log_in(client, who)
    phone = factories.log_in(client.application.test_client(), who)
    wrong = anna.post("/account/password", data={"old_password": "faux", "password": "une autre phrase"})
    assert wrong.status_code == 422
    right = {"old_password": "correct horse battery", "password": "une autre phrase"}
    assert anna.post("/account/password", data=right).status_code == 302
    assert anna.get("/account").status_code == 200, "this browser stays"
    assert phone.get("/account").status_code == 302


def test_the_unconfirmed_are_told_and_may_ask_again(client: FlaskClient) -> None:
    anna = factories.log_in(client, factories.resident(confirmed=False))
    assert "Renvoyer le lien" in anna.get("/").text
    answer = anna.post("/account/confirmation", data={"next": "/"})
    assert answer.headers["Location"] == "/"
    assert db.session.scalars(select(Mail.kind)).all() == ["accounts.confirm"]
    ben = factories.log_in(client.application.test_client(), factories.resident())
    assert "Renvoyer le lien" not in ben.get("/").text
    assert ben.post("/account/confirmation").status_code == 302


def test_the_pages_of_oneself_cost_a_fixed_number_of_statements(
    client: FlaskClient, query_count: Callable[[], Any]
) -> None:
    hub = factories.hub()
    anna = factories.log_in(client, factories.verified_member(hub))
    for path, most in (
        ("/account", 2),
        ("/account/card", 1),
        ("/account/devices", 2),
        ("/account/tokens", 2),
    ):
        with query_count() as statements:
            assert anna.get(path).status_code == 200
        assert len(statements) <= most, path
