"""A test client whose requests see nothing of the test around them, as behind a real server."""

from contextvars import Context
from hashlib import sha1
from typing import Any

from flask import has_app_context
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from app.core.db import db


class IsolatedClient(FlaskClient):
    """Each request runs in an empty context: Flask would otherwise share the test's application context with it,
    and with it the session of the database and who is logged in.

    Afterwards the test's own session forgets what it had read, so that asserts see what the request wrote.
    What a page's form would send along against forgery is sent along here; `client.forged = True` leaves it out.
    """

    forged = False

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if kwargs.get("method", "GET") not in ("GET", "HEAD", "OPTIONS") and not self.forged:
            kwargs["headers"] = self._with_csrf(Headers(kwargs.get("headers")))
        response: TestResponse = Context().run(super().open, *args, **kwargs)
        if has_app_context():
            db.session.rollback()
            db.session.expire_all()
        return response

    def _with_csrf(self, headers: Headers) -> Headers:
        if "Authorization" not in headers and "X-CSRFToken" not in headers:
            headers["X-CSRFToken"] = self.csrf_token()
        return headers

    def csrf_token(self) -> str:
        """What the pages of this visitor carry in `csrf_token`."""
        field = self.application.config.get("WTF_CSRF_FIELD_NAME", "csrf_token")
        with self.session_transaction() as session:
            kept = session.setdefault(field, sha1(b"test").hexdigest())
        secret = self.application.secret_key
        assert secret is not None
        return str(URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps(kept))
