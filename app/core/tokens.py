"""Randomness that keeps a secret, and how a secret is remembered without being kept."""

import hashlib
import secrets


def new_token() -> str:
    """256 bits, safe in a URL."""
    return secrets.token_urlsafe(32)


def fingerprint(token: str) -> str:
    """What the database keeps of a token: its SHA-256, in hex. The token has full entropy, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()
