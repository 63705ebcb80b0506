"""How objects looked, photos between the two of a loan, and what is forgotten after a year."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from app.core import images
from app.core.db import Base, db
from app.items.models import ItemClaim
from app.lending.condition import jobs
from app.lending.condition.models import ConditionNote
from app.lending.models import LoanEvent
from app.messages.models import Conversation, Message
from tests import factories
from tests.harness.clock import Clock
from tests.items import photos

YEAR = timedelta(days=365)


def private(app: Flask) -> list[Path]:
    """The files that stand in the private folder."""
    folder = images.private(app.extensions["movilab.config"].folder)
    return sorted(folder.glob("photos/??/*.webp"))


def many(model: type[Base]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


class Lent:
    """A tent that Omar lends to Anna, out since this morning, and their browsers."""

    def __init__(self, client: FlaskClient, clock: Clock) -> None:
        self.app, self.clock = client.application, clock
        self.anna, self.omar = factories.resident("Anna B."), factories.resident("Omar D.")
        self.tent = factories.item("Tente", owner=self.omar)
        self.loan = factories.loan(self.tent, self.anna, status="checked_out")
        self.hers, self.his = self.browser(self.anna), self.browser(self.omar)
        self.page = f"/loans/{self.loan.id}/condition"

    def browser(self, who: Any) -> FlaskClient:
        return factories.log_in(self.app.test_client(), who)

    def send(self, browser: FlaskClient, path: str, **typed: Any) -> Any:
        return browser.post(path, data=typed, content_type="multipart/form-data")

    def photo(self) -> str:
        """The name of the one private photo."""
        (name,) = {file.name[:32] for file in private(self.app)}
        return name


@pytest.fixture
def lent(client: FlaskClient, clock: Clock) -> Lent:
    for file in private(client.application):
        file.unlink()
    return Lent(client, clock)


def test_both_sides_see_what_one_showed(lent: Lent) -> None:
    sent = lent.send(lent.hers, lent.page, text="Une couture lâche", photo=photos.upload())
    assert sent.status_code == 302
    name = lent.photo()
    address = f"/loans/{lent.loan.id}/photos/{name}/m.webp"
    for browser in (lent.hers, lent.his):
        assert "Une couture lâche" in browser.get(lent.page).text
        answer = browser.get(address)
        assert (answer.status_code, answer.mimetype) == (200, "image/webp")
        assert answer.headers["Cache-Control"].startswith("private")
    stranger = lent.browser(factories.resident())
    assert stranger.get(address).status_code == 404
    assert stranger.get(lent.page).status_code == 404
    assert lent.his.get(f"/photos/{name}/m.webp").status_code == 404  # no public address reaches it
    other = factories.loan(factories.item("Scie", owner=lent.omar), lent.anna, status="checked_out")
    assert lent.hers.get(f"/loans/{other.id}/photos/{name}/m.webp").status_code == 404


def test_one_takes_back_one_s_own_only(lent: Lent) -> None:
    lent.send(lent.hers, lent.page, photo=photos.upload())
    note = db.session.scalars(select(ConditionNote)).one()
    db.session.rollback()
    path = f"{lent.page}/{note.id}/take-back"
    assert lent.his.post(path).status_code == 404
    assert lent.hers.post(path).status_code == 302
    assert (many(ConditionNote), private(lent.app)) == (0, [])


def test_out_then_in_each_for_three_days(lent: Lent) -> None:
    assert lent.send(lent.his, lent.page, text="Comme neuve").status_code == 302
    lent.clock.forward(days=3)
    assert lent.send(lent.hers, lent.page, text="Trop tard").status_code == 409
    back = lent.clock.now
    factories.changed(lent.loan, status="returned", checked_in_at=back, ended_at=back)
    assert lent.send(lent.hers, lent.page, text="Rendue sèche").status_code == 302
    lent.clock.forward(days=3)
    assert lent.send(lent.his, lent.page, text="Trop tard").status_code == 409
    stages = db.session.execute(
        select(ConditionNote.stage, ConditionNote.text).order_by(ConditionNote.id)
    ).all()
    assert [tuple(one) for one in stages] == [("out", "Comme neuve"), ("in", "Rendue sèche")]


def test_a_refused_photo_waits_for_the_next_try(lent: Lent) -> None:
    refused = lent.send(lent.hers, lent.page, text="x" * 501, photo=photos.upload())
    assert (refused.status_code, private(lent.app)) == (422, [])
    sign = refused.text.split('name="staged" type="hidden" value="')[1].split('"')[0]
    assert lent.send(lent.hers, lent.page, text="Une rayure", staged=sign).status_code == 302
    assert lent.photo()
    again = lent.send(lent.hers, lent.page, text="Une rayure", staged=sign)
    assert again.status_code == 422  # it was sent already
    assert lent.send(lent.hers, lent.page).status_code == 422
    assert lent.send(lent.hers, lent.page, photo=photos.upload(b"no photo")).status_code == 415
    for _ in range(7):
        assert lent.send(lent.hers, lent.page, text="Encore").status_code == 302
    assert lent.send(lent.hers, lent.page, text="Encore").status_code == 409


def test_a_photo_is_a_message(lent: Lent) -> None:
    path = f"/loans/{lent.loan.id}"
    assert lent.send(lent.hers, f"{path}/messages", photo=photos.upload()).status_code == 302
    name = lent.photo()
    assert f"{path}/photos/{name}/m.webp" in lent.his.get(path).text
    assert lent.send(lent.hers, f"{path}/messages", text="").status_code == 422
    assert lent.send(lent.hers, f"{path}/messages", photo=photos.upload(b"x")).status_code == 415
    key = factories.bearer(lent.omar)
    (said,) = lent.app.test_client().get(f"/api/v1{path}/messages", headers=key).json["items"]
    assert (said["text"], said["photo"]["width"]) == ("", 1280)
    program = lent.app.test_client()
    assert program.get(said["photo"]["url"], headers=key).mimetype == "image/webp"
    assert (
        program.get(said["photo"]["url"], headers=factories.bearer(factories.resident())).status_code == 404
    )


def test_programs_show_too(lent: Lent) -> None:
    key = {**factories.bearer(lent.anna), "Idempotency-Key": "once"}
    program, path = lent.app.test_client(), f"/api/v1/loans/{lent.loan.id}"
    picture = FileStorage(*photos.upload())
    boundary, body = encode_multipart({"photo": picture})
    for _ in range(2):  # the very same bytes, as after a lost answer
        kind = f"multipart/form-data; boundary={boundary}"
        sent = program.post(f"{path}/condition", data=body, content_type=kind, headers=key)
        assert (sent.status_code, sent.json["stage"]) == (201, "out")
    assert len(private(lent.app)) == 3  # one photo in three sizes
    assert [one["author"]["name"] for one in program.get(f"{path}/condition", headers=key).json["items"]] == [
        "Anna B."
    ]
    del key["Idempotency-Key"]
    shown = program.post(f"{path}/photos", data={"photo": photos.upload(), "text": "Voici"}, headers=key)
    assert (shown.status_code, shown.json["text"]) == (201, "Voici")
    assert program.post(f"{path}/photos", data={}, headers=key).status_code == 422
    stranger = factories.bearer(factories.resident())
    refused = program.post(f"{path}/photos", data={"photo": photos.upload()}, headers=stranger)
    assert refused.status_code == 404
    assert len(private(lent.app)) == 6


def test_all_is_forgotten_after_a_year_but_what_is_being_mended(lent: Lent) -> None:
    lent.send(lent.hers, lent.page, text="Une rayure", photo=photos.upload())
    lent.send(lent.his, f"/loans/{lent.loan.id}/messages", text="Voici", photo=photos.upload())
    ended = lent.clock.now
    factories.changed(lent.loan, status="returned", checked_in_at=ended, ended_at=ended)
    line = {"loan_id": lent.loan.id, "at": ended, "status": "returned"}
    factories.stored(LoanEvent(kind="returned", why="Un arceau est tordu", **line))
    factories.changed(db.session.get_one(ItemClaim, lent.loan.claim_id), live=False)
    ticket = factories.repair(lent.tent, lent.omar, loan_id=lent.loan.id)

    def forget(after: timedelta) -> tuple[int, int, int, int]:
        db.session.rollback()
        jobs.forget_past_loans(now=ended + after)
        db.session.expire_all()
        return many(ConditionNote), many(Message), len(private(lent.app)), many(Conversation)

    kept = (1, 1, 6, 1)
    assert forget(YEAR + timedelta(days=1)) == kept  # it is still being mended
    factories.changed(ticket, closed_at=ended, state="back")
    assert forget(YEAR - timedelta(days=1)) == kept
    assert forget(YEAR + timedelta(days=1)) == (0, 0, 0, 0)
    assert db.session.scalars(select(LoanEvent.why)).all() == [None]
    assert forget(YEAR + timedelta(days=2)) == (0, 0, 0, 0)


def test_photos_that_nothing_shows_are_swept(lent: Lent) -> None:
    lent.send(lent.hers, lent.page, photo=photos.upload())
    folder = images.private(lent.app.extensions["movilab.config"].folder)
    images.store(photos.upload()[0], folder)  # its transaction failed
    for file in private(lent.app):
        os.utime(file, (lent.clock.now.timestamp(), lent.clock.now.timestamp()))
    db.session.rollback()
    jobs.forget_past_loans(now=lent.clock.now + timedelta(hours=1))
    assert len(private(lent.app)) == 6
    jobs.forget_past_loans(now=lent.clock.now + timedelta(days=2))
    assert len(private(lent.app)) == 3
    assert lent.hers.get(f"/loans/{lent.loan.id}/photos/{lent.photo()}/s.webp").status_code == 200
