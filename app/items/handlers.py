"""What happens to objects when something happened elsewhere."""

from datetime import datetime

from app.events.accounts import HomeMoved
from app.items import services


def follow_home(happened: HomeMoved, *, now: datetime) -> None:
    """What is kept at somebody's home is published where the home is now."""
    services.move_home(resident_id=happened.resident_id, now=now)
