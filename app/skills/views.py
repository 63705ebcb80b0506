"""One skill, a neighbour's, one's own."""

from flask import render_template
from flask_login import current_user

from app.core.i18n import _, current_locale
from app.geo.distance import from_here
from app.items.shown import distance, on_foot
from app.skills import queries, shown
from app.skills.pages import Answer, blueprint


@blueprint.get("/skills/<int:skill_id>")
def show(skill_id: int) -> Answer:
    """What it is, whose, where and when; for everybody while it is open."""
    known = current_user.is_authenticated
    skill = queries.visible(skill_id, current_user.id)
    metres = None
    if known and current_user.home is not None:
        metres = from_here(*current_user.home)(skill.lat, skill.lon)
    line = queries.line(skill, metres=metres, signed_in=known)
    return render_template(
        "skills/show.html",
        skill=skill,
        line=line,
        branch=line.branch.name(current_locale()),
        tag=shown.tag(line),
        level=shown.level(skill.level),
        languages=shown.languages(skill.languages),
        times=shown.times(skill.availability),
        where=shown.where(line),
        distance=distance(line.metres, signed_in=known),
        on_foot=on_foot(line.metres) if skill.precision_m == 0 else "",
        mine=skill.resident_id == current_user.id,
    )


@blueprint.get("/skills/mine")
def mine() -> Answer:
    """What one teaches and wants to learn, with what is paused or closed."""
    rows = [(line, shown.row(line, signed_in=True)) for line in queries.hers(current_user.id)]
    return render_template("skills/mine.html", rows=rows)


@blueprint.get("/people/<int:resident_id>")
def person(resident_id: int) -> Answer:
    """What a neighbour teaches and wants to learn: her first name, and no place finer than lists tell."""
    known = current_user.is_authenticated
    name, lines = queries.of_resident(resident_id, viewer_id=current_user.id)
    open_lines = [line for line in lines if line.state == "open"]
    rows = [(line, shown.row(line, signed_in=known)) for line in open_lines]
    return render_template(
        "skills/person.html",
        name=name,
        rows=rows,
        title=_("Ce que %(name)s partage", name=name),
    )
