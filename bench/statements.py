"""How many SQL statements a page takes, counted inside one process: who is logged in, and all that the page shows."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

PASSWORD = "demo-movilab-2026"
EMAIL = "{who}@demo.movilab.test"
SIZES = (5, 40)
NOT_COUNTED = ("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT")

PAGES: Mapping[str, tuple[str, ...]] = {
    "resident": (
        "/", "/items?near=home", "/items?q=perceuse", "/items?q=perceuse&near=home", "/items?sort=new",
        "/items?near=home&category=perceuses&mode=lend", "/items/{item}", "/loans", "/hubs", "/hubs/{slug}",
        "/notifications", "/account", "/api/v1/items?near=home", "/api/v1/loans", "/api/v1/hubs",
    ),
    "volunteer": (
        "/counter", "/hubs/{slug}/loans", "/hubs/{slug}/late", "/hubs/{slug}/members",
        "/api/v1/loans?role=hub&hub={hub}",
    ),
    "nobody": ("/", "/items", "/items/{item}", "/hubs", "/hubs/{slug}", "/api/v1/items"),
}  # fmt: skip
"""Pages by who opens them; each is opened with both page sizes, and counted when all is warm."""
_NO_LISTS = ("/", "/items/{item}", "/hubs/{slug}", "/account", "/counter")
LISTS = frozenset((who, page) for who, pages in PAGES.items() for page in pages if page not in _NO_LISTS)


def counts(settings: dict[str, str]) -> dict[tuple[str, str], list[int]]:
    """Statements of each (who, page), for each page size. Refuses a page that does not answer 200."""
    from app import create_app  # noqa: PLC0415 -- the house is read only when it is measured
    from config import Config  # noqa: PLC0415

    app = create_app(Config.from_environ(settings))
    names = _names(app)
    found: dict[tuple[str, str], list[int]] = {}
    for who, paths in PAGES.items():
        browser = app.test_client()
        if who != "nobody":
            log_in(browser, who)
        for path in paths:
            found[who, path] = [_count(browser, _sized(path.format(**names), size)) for size in SIZES]
    return found


def cookie_of(settings: dict[str, str], who: str) -> str:
    """The cookies of a browser in which one of the demo's people is logged in, as a request carries them."""
    from app import create_app  # noqa: PLC0415
    from config import Config  # noqa: PLC0415

    browser = create_app(Config.from_environ(settings)).test_client()
    log_in(browser, who)
    return cookies(browser)


def cookies(browser: Any) -> str:
    """What this browser sends along."""
    return "; ".join(f"{cookie.key}={cookie.value}" for cookie in browser._cookies.values())


def _sized(path: str, size: int) -> str:
    return f"{path}{'&' if '?' in path else '?'}limit={size}"


def _count(browser: Any, path: str) -> int:
    browser.get(path)  # what is kept after the first visit is kept
    with _counted() as seen:
        answer = browser.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")
    return len(seen)


def log_in(browser: Any, who: str) -> None:
    """Log this browser in as one of the demo's people."""
    page = browser.get("/log-in").get_data(as_text=True)
    token = page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    answer = browser.post(
        "/log-in", data={"csrf_token": token, "email": EMAIL.format(who=who), "password": PASSWORD}
    )
    if answer.status_code != 302:
        raise RuntimeError(f"{who} could not log in: {answer.status_code}")
    browser.get("/")  # as after the first page: the forgery token is in the cookie


def _names(app: Any) -> dict[str, str]:
    from sqlalchemy import select  # noqa: PLC0415

    from app.accounts.models import Resident  # noqa: PLC0415
    from app.core.db import db  # noqa: PLC0415
    from app.hubs.models import Hub, Membership  # noqa: PLC0415
    from app.items.models import Item  # noqa: PLC0415

    with app.app_context():
        hub = db.session.scalars(
            select(Hub)
            .join(Membership, Membership.hub_id == Hub.id)
            .join(Resident, Resident.id == Membership.resident_id)
            .where(Resident.email == EMAIL.format(who="volunteer"), Membership.is_volunteer)
        ).one()
        item = db.session.scalars(
            select(Item.id).where(Item.hub_id == hub.id, Item.status == "active").order_by(Item.id)
        ).first()
        return {"hub": str(hub.id), "slug": hub.slug, "item": str(item)}


@contextmanager
def _counted() -> Iterator[list[str]]:
    from sqlalchemy import Engine, event  # noqa: PLC0415

    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        if not text.lstrip().upper().startswith(NOT_COUNTED):
            seen.append(text)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)
