"""`flask setup`: the first steward and the first hub of a real installation, by questions or by options."""

import json
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy import func, insert, select

from app.accounts import services as accounts
from app.accounts.models import Resident
from app.core import clock
from app.core.db import db, transaction
from app.core.errors import Conflict, Invalid, Problem
from app.core.i18n import LOCALES, in_language, sentence
from app.geo import choosing
from app.hubs import services as hubs
from app.hubs.rules import KINDS
from app.items.catalogue import FILE as CATALOGUE
from app.items.models import Category
from app.skills.catalogue import FILE as SKILLS_CATALOGUE
from app.skills.models import SkillCategory


@click.command("setup", help=__doc__)
@click.option("--name", prompt="Your first name, as neighbours will see it", help="The steward's name.")
@click.option("--email", prompt="Your e-mail address", help="The steward logs in with it.")
@click.option(
    "--password", prompt=True, hide_input=True, confirmation_prompt=True, help="10 characters or more."
)
@click.option("--locale", type=click.Choice(LOCALES), default="fr", show_default=True, help="Your language.")
@click.option("--hub", "hub_name", prompt="The name of the first hub", help="Neighbours meet there.")
@click.option(
    "--kind", type=click.Choice(KINDS), prompt="What it is", default="association", show_default=True
)
@click.option("--address", prompt="Its address, in one line", help="Street, postcode, commune.")
@click.option("--lat", type=float, help="Its latitude, in degrees (44.933); asked for unless told.")
@click.option("--lon", type=float, help="Its longitude, in degrees (4.892).")
@click.option("--timezone", help="An IANA name; the installation's own unless told.")
@click.option("--country", default="FR", show_default=True, help="Whose public holidays hold: two letters.")
@with_appcontext
def setup(**asked: Any) -> None:
    """Make the first steward and the first hub, with the shelves that objects stand on and the branches of skills."""
    if _has_a_steward():
        raise click.ClickException("This installation has a steward already.")
    asked["lat"], asked["lon"] = _point(asked["address"], asked["lat"], asked["lon"])
    try:
        new = accounts.prepare_sign_up(
            name=asked["name"],
            email=asked["email"],
            password=asked["password"],
            adult=True,
            locale=asked["locale"],
        )
        with transaction():
            slug = _begin(new, asked)
    except Invalid as invalid:
        raise click.ClickException(_faults(invalid)) from invalid
    except Conflict as conflict:
        raise click.ClickException(_said(conflict)) from conflict
    click.echo(f"Done. Log in as {new.email}, then write the opening hours: /hubs/{slug}/hours")


def _point(address: str, lat: float | None, lon: float | None) -> tuple[float, float]:
    """Where the hub is; what its address says is offered as the answer."""
    guess = None
    if lat is None or lon is None:
        guess = next(iter(choosing.asked_for(address).found), None)
    if guess:
        click.echo(f"{guess.name} is at {guess.lat:.5f}, {guess.lon:.5f}. A map may know it better.")
    if lat is None:
        lat = click.prompt("Its latitude, in degrees", type=float, default=guess.lat if guess else None)
    if lon is None:
        lon = click.prompt("Its longitude, in degrees", type=float, default=guess.lon if guess else None)
    return lat, lon


def _has_a_steward() -> bool:
    found = db.session.scalar(select(func.count()).select_from(Resident).where(Resident.is_steward))
    db.session.rollback()
    return bool(found)


def _begin(new: accounts.NewAccount, asked: dict[str, Any]) -> str:
    now = clock.now()
    steward = accounts.make_steward(new, now=now)
    _put_up_shelves()
    hub = hubs.open_hub(
        name=asked["hub_name"],
        kind=asked["kind"],
        address=asked["address"],
        lat=asked["lat"],
        lon=asked["lon"],
        coordinator_id=steward.id,
        timezone=asked["timezone"],
        country=asked["country"].upper(),
        locale=asked["locale"],
        now=now,
    )
    return hub.slug


def _put_up_shelves() -> None:
    """The categories of objects and of skills, unless there are some."""
    if db.session.scalar(select(Category.id).limit(1)) is None:
        _put_up(Category, CATALOGUE)
        _put_up(SkillCategory, SKILLS_CATALOGUE)


def _put_up(kind: type[Category] | type[SkillCategory], catalogue: Path) -> None:
    ids: dict[str, int] = {}
    for position, row in enumerate(json.loads(catalogue.read_text(encoding="utf-8"))):
        values = {name: row[name] for name in ("slug", "name_fr", "name_en", "drawing")}
        made = insert(kind).values(**values, parent_id=ids.get(row["parent"]), position=position)
        ids[row["slug"]] = db.session.scalars(made.returning(kind.id)).one()


def _faults(invalid: Invalid) -> str:
    with in_language("en"):
        return "\n".join(
            f"{field}: {sentence(code, params)}" for field, (code, params) in invalid.errors.items()
        )


def _said(problem: Problem) -> str:
    with in_language("en"):
        return sentence(problem.code, problem.params)
