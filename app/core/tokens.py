"""Randomness that keeps a secret, how a secret is remembered without being kept, and links that prove themselves."""

import hashlib
import secrets

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer


def new_token() -> str:
    """256 bits, safe in a URL."""
    return secrets.token_urlsafe(32)


def fingerprint(token: str) -> str:
    """What the database keeps of a token: its SHA-256, in hex. The token has full entropy, so no salt is needed."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def link_token(purpose: str, link_id: int) -> str:
    """What stands in a mailed link: the row's number, signed with the installation's secret for this purpose only.

    It is made when the mail is written and kept nowhere; whether it still holds stands in the row itself.
    """
    return str(_signer(purpose).dumps(link_id))


def read_link(purpose: str, token: str) -> int | None:
    """The row's number in a mailed link; None for anything that was not made here for this purpose."""
    try:
        found = _signer(purpose).loads(token)
    except (BadSignature, UnicodeError):
        return None
    return found if isinstance(found, int) else None


def _signer(purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt=f"link:{purpose}")
