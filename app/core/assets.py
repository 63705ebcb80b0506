"""Files of the site by a fingerprint in their address, so that browsers may keep them for a year."""

import hashlib
from functools import cache
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "static"


@cache
def static_url(filename: str) -> str:
    """The address of a file under `static/`. A fixed path like those of the frame: a page of twenty pictures asks
    for it twenty times."""
    file = STATIC / filename
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else "0"
    return f"/static/{filename}?v={digest}"
