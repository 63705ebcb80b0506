"""The counter as a browser without JavaScript sees it: forms out, pages back."""

import html
import re
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.core.db import db
from app.lending.models import Loan
from tests import factories
from tests.harness.clock import Clock


class Desk:
    """A volunteer's browser at the counter. Each answer is read for its one big word."""

    def __init__(self, client: FlaskClient, clock: Clock) -> None:
        self.clock = clock
        self.today = clock.now.date()
        self.hub = factories.hub("Maison des Tilleuls")
        self.vera = factories.volunteer(self.hub, "Véra K.")
        self.nadia = factories.verified_member(self.hub, "Nadia B.")
        self.karim = factories.verified_member(self.hub, "Karim S.")
        self.drill = factories.item("Perceuse", hub=self.hub, shelf="B3")
        self.client = factories.log_in(client, self.vera)
        self.member = ""
        self.text = ""
        self.status = 0

    def post(self, act: str, **fields: Any) -> "Desk":
        """Send a form of the page with whoever stands at the desk, and read the answer."""
        form = {"hub": self.hub.slug, "member": self.member, **fields}
        return self._read(self.client.post(f"/counter/{act}", data=form))

    def open(self, address: str) -> "Desk":
        """Follow a link to the desk."""
        return self._read(self.client.get(address))

    def scan(self, code: str) -> "Desk":
        return self.post("scan", code=code)

    def _read(self, answer: TestResponse) -> "Desk":
        self.status = answer.status_code
        self.text = html.unescape(answer.get_data(as_text=True)).replace("\u00a0", " ")
        found = re.search(r'id="scan-form".*?name="member" value="([^"]*)"', self.text, re.DOTALL)
        assert found is not None, self.text[:2000]
        self.member = found.group(1)
        return self

    @property
    def word(self) -> str:
        """The one big word."""
        found = re.search(r'<p class="word">(.*?)</p>', self.text)
        assert found is not None
        return found.group(1)

    @property
    def chime(self) -> str:
        found = re.search(r'data-chime="(\w*)"', self.text)
        assert found is not None
        return found.group(1)

    def loan(self) -> Loan:
        return db.session.scalars(select(Loan).order_by(Loan.id.desc()).limit(1)).one()
