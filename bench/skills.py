"""What the neighbours of a measured country teach and want to learn: as many skills as were asked for, around the homes
that stand there. The same seed and number give the same rows."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from random import Random
from typing import Any

from app.finding.words import search_text
from app.geo import places
from app.geo import rules as geo
from app.skills.catalogue import TREE
from app.skills.models import Skill, SkillCategory
from bench import bulk
from bench.bulk import plain

SUBJECTS = (
    "un ourlet", "un vélo", "le portugais", "la soupe de courge", "le tricot", "une facture", "un pommier", "la guitare",
    "un tableur", "la mosaïque", "le levain", "un robinet", "la photo de nuit", "le yoga", "un compost", "l’arabe dialectal",
    "un meuble", "la langue des signes", "une lettre de motivation", "le ukulélé", "un potager", "la danse", "un téléphone",
    "les fractions", "une étagère", "la couture", "le pain", "un chien", "les conserves", "une déclaration",
)  # fmt: skip
ACTS = (
    "Apprendre",
    "Réparer",
    "Comprendre",
    "Débuter avec",
    "Refaire",
    "Se perfectionner avec",
    "Choisir",
    "Entretenir",
)
OLDEST_DAYS = 700
COLUMNS = (
    "id", "resident_id", "kind", "title", "category_id", "level", "at_hub", "at_home", "online", "languages",
    "search_text", "lat", "lon", "precision_m", "coarse_lat", "coarse_lon", "created_at", "updated_at",
)  # fmt: skip


def fill(database_url: str, *, skills: int, seed: int, today: date) -> None:
    """Add as many skills as are missing to `skills`."""
    with bulk.filling(database_url, SkillCategory, Skill) as (asked, put):
        there = asked.ask("SELECT coalesce(max(id), 0), count(*) FROM skill")[0]
        missing = skills - there[1]
        if missing <= 0:
            return
        if not asked.ask("SELECT id FROM skill_category LIMIT 1"):
            put(
                SkillCategory,
                ("id", "slug", "name_fr", "name_en", "parent_id", "drawing", "position"),
                _branches(),
            )
        homes = asked.ask(
            "SELECT id, home_lat, home_lon FROM resident WHERE home_lat IS NOT NULL ORDER BY id"
        )
        leaves = asked.ask("SELECT id, slug FROM skill_category WHERE parent_id IS NOT NULL ORDER BY id")
        rng = Random(f"{seed}/{there[0]}")
        put(Skill, COLUMNS, _skills(rng, homes, leaves, first=there[0] + 1, count=missing, today=today))
    if database_url.startswith("sqlite"):
        bulk.rebuilt(database_url, "skill")


def _branches() -> Iterator[tuple[Any, ...]]:
    ids = {branch.slug: number for number, branch in enumerate(TREE.shelves, start=1)}
    for branch in TREE.shelves:
        number = ids[branch.slug]
        above = ids[branch.parent] if branch.parent else None
        yield number, branch.slug, branch.name_fr, branch.name_en, above, "savoir-faire", number


def _skills(
    rng: Random, homes: list[Any], leaves: list[Any], *, first: int, count: int, today: date
) -> Iterator[tuple[Any, ...]]:
    for number in range(first, first + count):
        resident_id, home_lat, home_lon = rng.choice(homes)
        category_id, slug = rng.choice(leaves)
        title = f"{rng.choice(ACTS)} {rng.choice(SUBJECTS)}"
        near = geo.cell(home_lat, home_lon, geo.PUBLISHED_M)
        far = places.coarse(near.lat, near.lon)
        posted = today - timedelta(days=rng.randrange(1, OLDEST_DAYS))
        moment = plain(datetime.combine(posted, time(rng.randrange(7, 21)), tzinfo=UTC))
        yield (
            number, resident_id, rng.choice(("offer", "offer", "need")), title, category_id,
            rng.choice(("beginner", "beginner", "intermediate", "expert")), True, rng.random() < 0.4,
            rng.random() < 0.2, json.dumps(["fr"]), _searched(title, slug), near.lat, near.lon, near.precision_m,
            far.lat, far.lon, moment, moment,
        )  # fmt: skip


@cache
def _searched(title: str, slug: str) -> str:
    names: list[str] = []
    branch, _onward = TREE.around(slug)
    while branch is not None:
        names += [branch.name_fr, branch.name_en]
        branch = TREE.around(branch.parent)[0] if branch.parent else None
    return search_text(title, *names)
