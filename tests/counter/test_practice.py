"""A practice: the rules of any day, and nothing of it is kept."""

import json
from typing import Any

from sqlalchemy import select

from app.core.db import Base, db
from tests import factories
from tests.harness.desk import Desk


def everything() -> dict[str, list[Any]]:
    """Every row of every table."""
    db.session.rollback()
    found = {
        table.name: sorted(map(repr, db.session.execute(select(table))))
        for table in Base.metadata.sorted_tables
    }
    db.session.rollback()
    return found


class Practice:
    """A desk whose forms carry along what was played."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.played = "[]"

    def post(self, act: str, **fields: Any) -> Desk:
        self.desk.post(act, practice=self.played, **fields)
        carried = self.desk.text.partition('name="practice" value="')[2]
        self.played = json.dumps(json.JSONDecoder().raw_decode(carried)[0])
        return self.desk


def test_a_whole_morning_leaves_nothing_behind(desk: Desk) -> None:
    saw = factories.item("Scie", hub=desk.hub, parts=(("Lame", 1),), shelf="A1")
    factories.loan(saw, desk.karim, status="checked_out")
    new = factories.resident("Salomé Y.")
    before = everything()
    practice = Practice(desk)
    practice.post("scan", code=desk.nadia.code)
    assert "Entraînement : rien n’est écrit." in desk.text
    assert practice.post("scan", code=desk.drill.code).word == "Prêté"
    assert "En ce moment" in desk.text  # she has it now, in this practice
    assert practice.post("undo", loan=1, code=desk.drill.code).word == "Défait"
    assert practice.post("scan", code=desk.drill.code).word == "Prêté"
    due = {"code": desk.drill.code, "loan": 7, "due": desk.today.isoformat()}
    assert practice.post("choose-due", **due).word == "Jusqu’au mercredi 25 novembre"
    desk.member = ""
    assert practice.post("scan", code=desk.drill.code).word == "Rendu"
    assert practice.post("scan", code=saw.code).word == "Rendu"
    broken = {"code": saw.code, "loan": 3, "condition": "damaged", "note": "Lame"}
    assert practice.post("describe-return", **broken).word == "À réparer"
    assert practice.post("repaired", code=saw.code, ticket=9).word == "Réparé"
    practice.post("scan", code=new.code)
    assert practice.post("verify").word == "Vérifié"
    assert practice.post("scan", code=saw.code).word == "Vérifiez ensemble"
    assert practice.post("check-out", code=saw.code, parts=["Lame"]).word == "Prêté"
    assert everything() == before


def test_the_rules_are_those_of_any_day(desk: Desk) -> None:
    factories.loan(desk.drill, desk.karim)
    practice = Practice(desk)
    practice.post("scan", code=desk.nadia.code)
    assert practice.post("scan", code=desk.drill.code).word == "Pas celui-ci"
    assert practice.played == "[]"  # what was refused did nothing


def test_what_is_no_practice_is_an_empty_one(desk: Desk) -> None:
    before = everything()
    for nonsense in (
        "yes",
        "{}",
        "[1]",
        "[[]]",
        '[["scan"]]',
        '[["drop", []]]',
        '[["scan", [1]]]',
        "[" * 30_000,
    ):
        desk.member = desk.nadia.code
        desk.post("scan", code=desk.drill.code, practice=nonsense)
        assert desk.word == "Prêté"
    assert everything() == before


def test_it_is_offered_at_the_desk_and_ends_there(desk: Desk) -> None:
    desk._read(desk.client.get("/counter"))
    assert "S’entraîner" in desk.text
    assert "Entraînement" not in desk.text
    desk._read(desk.client.get(f"/counter?hub={desk.hub.slug}&practice=yes"))
    assert "Finir l’entraînement" in desk.text
