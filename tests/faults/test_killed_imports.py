"""A table of objects whose writing is killed in the middle, more than once: what is written is whole and there once,
and what was to be mended stays out."""

import io
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.core.db import db
from app.items.imports.models import ImportBatch, ImportRow
from app.items.models import Item, Part
from scripts.processes import wait_until
from tests import factories
from tests.harness.databases import FEW
from tests.harness.sizes import sized
from tests.harness.web import Command

ROWS = sized(5_000)
BROKEN = ROWS // 50
KILLS = 3
PATIENCE_S = 240


def a_table() -> str:
    """Every fiftieth row has no title; each has a reference of its own, and two parts."""
    rows = ["Référence;Titre;Rayon;Pièces"]
    for number in range(ROWS):
        title = "" if number % 50 == 7 else f"Objet {number}"
        rows.append(f"R{number};{title};tentes;2 × piquet | sac")
    return "\n".join(rows)


def written() -> int:
    db.session.rollback()
    count = db.session.scalar(select(func.count()).select_from(Item)) or 0
    db.session.rollback()
    return count


@pytest.mark.parametrize("database", FEW, indirect=True)
def test_a_killed_import_goes_on_without_doubles(
    app: Flask, client: FlaskClient, start_flask: Callable[..., Command]
) -> None:
    hub = factories.hub()
    factories.category("tentes")
    vera = factories.log_in(client, factories.volunteer(hub))
    sent = vera.post(
        f"/hubs/{hub.slug}/import", data={"file": (io.BytesIO(a_table().encode("cp1252")), "objets.csv")}
    )
    path = sent.headers["Location"]
    page = vera.get(path).text
    assert page.count("À remplir.") == min(BROKEN, 100)
    assert written() == 0
    assert vera.post(f"{path}/confirm").status_code == 302

    killed_at = []
    for _ in range(KILLS):
        before = written()
        scheduler = start_flask("scheduler", "run")
        assert wait_until(lambda before=before: written() > before, seconds=PATIENCE_S), scheduler.said()
        scheduler.kill()
        killed_at.append(written())
    scheduler = start_flask("scheduler", "run")
    assert wait_until(lambda: _status(path) == "done", seconds=PATIENCE_S), scheduler.said()
    scheduler.stop()

    print(f"{ROWS} rows, {BROKEN} to mend, killed with {killed_at} written")
    assert min(killed_at) < ROWS - BROKEN
    db.session.rollback()
    titles = list(db.session.scalars(select(Item.title)))
    assert len(titles) == len(set(titles)) == ROWS - BROKEN
    assert db.session.scalar(select(func.count()).select_from(Part)) == 2 * (ROWS - BROKEN)
    marked = select(ImportRow.item_id).where(ImportRow.status == "written")
    assert sorted(db.session.scalars(marked)) == sorted(db.session.scalars(select(Item.id)))
    left = db.session.scalars(select(ImportRow).where(ImportRow.status == "bad")).all()
    assert [row.number for row in left] == [number + 2 for number in range(7, ROWS, 50)]
    again = vera.post(
        f"/hubs/{hub.slug}/import", data={"file": (io.BytesIO(a_table().encode()), "objets.csv")}
    )
    assert "Aucune ligne ne peut être ajoutée" in vera.get(again.headers["Location"]).text


def _status(path: str) -> str:
    db.session.rollback()
    found = db.session.get(ImportBatch, int(path.rpartition("/")[2]))
    assert found is not None
    status = found.status
    db.session.rollback()
    return status
