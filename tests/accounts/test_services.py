"""What can be done with accounts, asked of the services themselves."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts import queries, services
from app.accounts.models import ApiToken, BrowserSession, MailedLink, Resident
from app.core import clock
from app.core.db import db, transaction
from app.core.errors import Conflict, Invalid, NotFound, TooMany
from app.core.outbox import StoredEvent
from app.core.tokens import fingerprint, link_token
from tests import factories

GOOD = {"name": "Nadia B.", "email": "nadia@example.org", "password": "trois mots simples", "adult": True}


def sign_up(**changes: Any) -> None:
    new = services.prepare_sign_up(**{**GOOD, "locale": "fr", **changes})
    with transaction():
        services.sign_up(new, now=clock.now())


def only_link(purpose: str) -> MailedLink:
    return db.session.scalars(select(MailedLink).where(MailedLink.purpose == purpose)).one()


def kinds() -> list[str]:
    return list(db.session.scalars(select(StoredEvent.kind).order_by(StoredEvent.id)))


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("name", "", "core.required"),
        ("name", "x" * 5000, "core.too_long"),
        ("name", "\u202e\u200f\x00 ", "core.required"),
        ("name", "…?!", "accounts.name_odd"),
        ("email", None, "core.required"),
        ("email", "nadia", "accounts.email_no_at"),
        ("email", "nadia@", "accounts.email_no_end"),
        ("email", "nadia@exemple", "accounts.email_no_end"),
        ("email", "na dia@example.org", "accounts.email_odd"),
        ("email", "nadia@example.org\r\nBcc: all@example.org", "accounts.email_odd"),
        ("email", "nadia@" + "x" * 300 + ".org", "core.too_long"),
        ("password", "", "core.required"),
        ("password", "court", "accounts.password_short"),
        ("password", "un mot \ud800 cassé", "core.not_text"),
        ("password", "un mot \x00 coupé", "core.not_text"),
        ("adult", False, "accounts.not_adult"),
        ("locale", "de", "core.not_a_choice"),
        ("home", (float("nan"), 4.0), "core.not_a_place"),
        ("home", (95.0, 4.0), "core.not_a_place"),
    ],
)
def test_each_fault_of_a_sign_up_is_named(app: Flask, field: str, typed: Any, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        sign_up(**{field: typed})
    assert refused.value.errors[field][0] == code
    assert db.session.scalar(select(Resident.id)) is None


def test_all_faults_are_told_at_once(app: Flask) -> None:
    with pytest.raises(Invalid) as refused:
        sign_up(name="", email="x", password="", adult=False)
    assert set(refused.value.errors) == {"name", "email", "password", "adult"}


@pytest.mark.parametrize(
    "name",
    ["Zoé 🌻", "نادية", "<script>alert(1)</script>", "Robert'); DROP TABLE resident;--", "O’Neill-Łukasz"],
)
def test_a_name_is_kept_as_it_is_written(app: Flask, name: str) -> None:
    sign_up(name=name)
    assert db.session.scalars(select(Resident.name)).one() == name


def test_a_new_resident_keeps_only_a_cell_and_a_hash(app: Flask) -> None:
    sign_up(email=" Nadia@Example.ORG ", home=(44.93331, 4.89169))
    nadia = db.session.scalars(select(Resident)).one()
    assert nadia.email == "nadia@example.org"
    assert nadia.email_confirmed_at is None
    assert nadia.code.startswith("M-")
    assert (nadia.home_lat, nadia.home_lon) != (44.93331, 4.89169)
    assert nadia.password_hash is not None
    assert nadia.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert kinds() == ["SignedUp"]


def test_the_confirmation_link_works_once(app: Flask) -> None:
    sign_up()
    token = link_token("confirm", only_link("confirm").id)
    with transaction():
        nadia = services.confirm_email(token=token, now=clock.now())
    assert nadia.email_confirmed_at is not None
    with pytest.raises(Conflict) as again, transaction():
        services.confirm_email(token=token, now=clock.now())
    assert again.value.code == "accounts.link_used"
    assert kinds() == ["SignedUp", "EmailConfirmed"]


@pytest.mark.parametrize("token", ["", "x", "WzFd.x", "1.2.3", "é", link_token])
def test_a_link_that_was_not_made_here_opens_nothing(app: Flask, token: Any) -> None:
    sign_up()
    forged = token if isinstance(token, str) else token("password", only_link("confirm").id)
    with pytest.raises(NotFound), transaction():
        services.confirm_email(token=forged, now=clock.now())


def test_a_link_runs_out(app: Flask) -> None:
    sign_up()
    token = link_token("confirm", only_link("confirm").id)
    with pytest.raises(Conflict) as over, transaction():
        services.confirm_email(token=token, now=clock.now() + timedelta(days=7, seconds=5))
    assert over.value.code == "accounts.link_over"


def test_signing_up_twice_changes_nothing_and_tells_only_the_mailbox(app: Flask) -> None:
    sign_up()
    before = db.session.scalars(select(Resident)).one()
    kept = (before.name, before.password_hash)
    sign_up(name="Quelqu’un d’autre", password="un autre mot long")
    after = db.session.scalars(select(Resident)).one()
    assert (after.name, after.password_hash) == kept
    assert kinds() == ["SignedUp", "SignUpRepeated"]


def test_nobody_fills_anothers_mailbox(app: Flask) -> None:
    sign_up()
    for _time in range(8):
        sign_up()
        with transaction():
            services.ask_for_password(email=GOOD["email"], now=clock.now())
    links = db.session.scalars(select(MailedLink).where(MailedLink.purpose == "password")).all()
    assert len(links) == 5
    nadia = db.session.scalars(select(Resident)).one()
    with pytest.raises(TooMany):
        for _time in range(6):
            with transaction():
                services.ask_for_confirmation(actor_id=nadia.id, now=clock.now())


def test_asking_for_a_password_writes_as_much_for_an_unknown_address(app: Flask) -> None:
    sign_up()
    with transaction():
        services.ask_for_password(email=GOOD["email"], now=clock.now())
    with transaction():
        services.ask_for_password(email="nobody@example.org", now=clock.now())
    assert kinds()[1:] == ["PasswordResetAsked", "PasswordResetAsked"]


def test_a_new_password_shows_everybody_else_out_and_confirms_the_address(app: Flask) -> None:
    sign_up()
    nadia = db.session.scalars(select(Resident)).one()
    with transaction():
        services.let_browser_in(
            resident_id=nadia.id, user_agent="", remember=True, instead_of=None, now=clock.now()
        )
        services.make_token(actor_id=nadia.id, name="agenda", now=clock.now())
        services.ask_for_password(email=GOOD["email"], now=clock.now())
    token = link_token("password", only_link("password").id)
    hashed = services.hashed_password("une autre phrase")
    with transaction():
        services.choose_password(token=token, password_hash=hashed, now=clock.now())
    assert db.session.scalars(select(BrowserSession)).all() == []
    assert queries.tokens(nadia.id, now=clock.now()) == []
    assert queries.resident(nadia.id).email_confirmed_at is not None
    assert services.recognise(email=GOOD["email"], password="une autre phrase", production=True) == nadia.id
    assert services.recognise(email=GOOD["email"], password=GOOD["password"], production=True) is None


def test_who_is_recognised(app: Flask) -> None:
    sign_up()
    nadia = db.session.scalars(select(Resident)).one()
    made_at_counter = factories.resident(email="sans@example.org", password_hash=None)
    assert (
        services.recognise(email="NADIA@example.org", password=GOOD["password"], production=True) == nadia.id
    )
    for email, password in (
        (GOOD["email"], "faux"),
        (GOOD["email"], ""),
        (GOOD["email"], None),
        ("nobody@example.org", GOOD["password"]),
        ("x" * 5000, "x" * 5000),
        ("\ud800@example.org", "\ud800"),
        (made_at_counter.email, ""),
    ):
        assert services.recognise(email=email, password=password, production=True) is None


def test_the_log_ins_that_everybody_knows_open_nothing_in_production(app: Flask) -> None:
    one = factories.resident(
        email="steward@demo.movilab.test", password_hash=services.hashed_password(GOOD["password"])
    )
    given = {"email": one.email, "password": GOOD["password"]}
    assert services.recognise(**given, production=False) == one.id
    assert services.recognise(**given, production=True) is None


def test_only_ones_own_browser_is_shown_out(app: Flask) -> None:
    anna, ben = factories.resident(), factories.resident()
    with transaction():
        token = services.let_browser_in(
            resident_id=ben.id, user_agent="", remember=True, instead_of=None, now=clock.now()
        )
    session = db.session.scalars(select(BrowserSession)).one()
    with pytest.raises(NotFound), transaction():
        services.show_browser_out(actor_id=anna.id, session_id=session.id)
    with transaction():
        services.show_browser_out(actor_id=ben.id, session_hash=fingerprint(token))
    assert queries.browsers(ben.id, now=clock.now()) == []


def test_keys_are_kept_hashed_and_the_oldest_of_many_close(app: Flask) -> None:
    anna = factories.resident()
    with transaction():
        row, token = services.make_token(actor_id=anna.id, name="un", now=clock.now())
        first = row.id
    assert row.token_hash == fingerprint(token)
    assert token not in str(db.session.execute(select(ApiToken.__table__)).all())
    for number in range(50):
        with transaction():
            services.make_token(actor_id=anna.id, name=f"n° {number}", now=clock.now())
    assert len(queries.tokens(anna.id, now=clock.now())) == 50
    assert db.session.scalars(select(func.count()).select_from(ApiToken)).one() == 50
    assert db.session.get(ApiToken, first) is None
    other = factories.resident()
    with pytest.raises(NotFound), transaction():
        services.revoke_token(actor_id=other.id, token_id=first + 1, now=clock.now())
    with pytest.raises(Invalid), transaction():
        services.make_token(actor_id=anna.id, name="", days=366, now=clock.now())


def test_an_account_made_at_the_counter_may_have_no_address(app: Flask) -> None:
    hub = factories.hub()
    volunteer = factories.volunteer(hub)
    asked = {"locale": "fr", "actor_id": volunteer.id, "hub_id": hub.id, "now": clock.now()}
    with transaction():
        first = services.make_resident(name="Paul", email="", **asked)
        second = services.make_resident(name="Paula", email=None, **asked)
        third = services.make_resident(name="Pauline", email="pauline@example.org", **asked)
    assert (first.email, second.email, third.email) == (None, None, "pauline@example.org")
    assert kinds() == ["ResidentMade"]
    with pytest.raises(Conflict) as taken, transaction():
        services.make_resident(name="Une autre", email="Pauline@example.org", **asked)
    assert taken.value.code == "accounts.email_taken"
    assert third.made_by_id == volunteer.id
