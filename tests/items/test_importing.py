"""A table of objects: read, shown, agreed to, written once."""

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.accounts.models import Resident
from app.core import clock as house_clock
from app.core import codes
from app.core.db import db, transaction
from app.hubs.models import Hub
from app.items.imports import jobs
from app.items.imports.models import ImportBatch, ImportRow
from app.items.imports.reading import MOST_ROWS
from app.items.labels import services as labels
from app.items.labels.models import BlankSticker
from app.items.models import Item
from tests import factories

HEADER = "Titre;Rayon;État;Valeur"


class Sender:
    """A volunteer who sends tables to her hub."""

    def __init__(self, client: FlaskClient) -> None:
        self.hub: Hub = factories.hub("Maison des Tilleuls")
        self.vera: Resident = factories.volunteer(self.hub, "Véra K.")
        top = factories.category("bricolage", name_fr="Bricolage", name_en="DIY")
        factories.category("perceuses", name_fr="Perceuses et visseuses", name_en="Drills", parent_id=top.id)
        factories.category("tentes", name_fr="Tentes et abris", name_en="Tents")
        self.client = factories.log_in(client, self.vera)
        self.path = f"/hubs/{self.hub.slug}/import"

    def send(
        self, table: str | bytes, *, name: str = "objets.csv", path: str = "", **form: Any
    ) -> TestResponse:
        content = table if isinstance(table, bytes) else table.encode()
        return self.client.post(path or self.path, data={"file": (io.BytesIO(content), name), **form})

    def sent(self, table: str | bytes, **form: Any) -> ImportBatch:
        """The batch of a table that could be read."""
        answer = self.send(table, **form)
        assert answer.status_code == 302, words(answer)
        db.session.rollback()
        found = db.session.get(ImportBatch, int(answer.headers["Location"].rpartition("/")[2]))
        assert found is not None
        return found

    def confirm(self, batch: ImportBatch) -> TestResponse:
        return self.client.post(f"/imports/{batch.id}/confirm")

    def write(self, batch: ImportBatch) -> ImportBatch:
        """Agree to it, and let the scheduler write it to the end."""
        assert self.confirm(batch).status_code == 302
        db.session.rollback()
        while jobs.write_imports(now=house_clock.now()):
            pass
        db.session.rollback()
        db.session.refresh(batch)
        return batch

    def page(self, batch: ImportBatch) -> str:
        return words(self.client.get(f"/imports/{batch.id}"))

    def items(self) -> list[Item]:
        db.session.rollback()
        return list(db.session.scalars(select(Item).order_by(Item.id)))


def words(answer: TestResponse) -> str:
    plain = re.sub(r"<[^>]+>", " ", answer.text).replace("\u00a0", " ").replace("\u202f", " ")
    return " ".join(plain.replace("&#39;", "'").split())


def faults(batch: ImportBatch) -> dict[int, list[tuple[str, str]]]:
    rows = db.session.scalars(
        select(ImportRow).where(ImportRow.batch_id == batch.id, ImportRow.status == "bad")
    )
    return {row.number: [(column, code) for column, code, _params in row.faults] for row in rows}


@pytest.fixture
def sender(client: FlaskClient) -> Sender:
    return Sender(client)


def test_a_table_is_shown_before_anything_is_written(sender: Sender) -> None:
    batch = sender.sent(
        f"{HEADER}\nPerceuse;Perceuses et visseuses;comme neuf;89,90 €\n;Tents;;\nTente;percuses;;12.345\n"
    )
    assert (batch.good, batch.bad, batch.status) == (1, 2, "ready")
    assert faults(batch) == {
        3: [("title", "core.required")],
        4: [("value", "items.not_money"), ("category", "imports.category_unknown_near")],
    }
    page = sender.page(batch)
    assert "Ligne 3" in page
    assert "Titre : À remplir." in page
    assert "« percuses » n’est pas un rayon d’ici. Est-ce « Perceuses et visseuses » ?" in page
    assert "Ajouter l’objet" in page
    assert sender.items() == []
    batch = sender.write(batch)
    assert (batch.status, batch.written) == ("done", 1)
    (item,) = sender.items()
    assert (item.title, item.condition, item.value_cents) == ("Perceuse", "new", 8990)
    assert (item.owner_hub_id, item.hub_id, item.status) == (sender.hub.id, sender.hub.id, "active")
    assert "C’est fait : un objet est ajouté." in sender.page(batch)


def test_what_was_left_out_is_mended_and_sent_again(sender: Sender) -> None:
    batch = sender.write(sender.sent(f"{HEADER}\nScie;perceuses;;\n=1+1;nulle part;;\n"))
    answer = sender.client.get(f"/imports/{batch.id}/left-out.csv")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert rows[0] == ["Titre", "Rayon", "État", "Valeur", "Problème"]
    assert rows[1][:2] == ["'=1+1", "nulle part"]
    assert "Rayon" in rows[1][4]
    again = sender.write(sender.sent(answer.data.replace(b"nulle part", b"tentes")))
    assert (again.good, again.bad, again.ignored) == (1, 0, [])
    assert [item.title for item in sender.items()] == ["Scie", "=1+1"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_any_signs_and_separators(sender: Sender, encoding: str, separator: str) -> None:
    table = 'Étiquette,TITRE , category,Description\r\n,Œuf à 12 €,Tentes et abris,"deux\nlignes, et ""plus"""\r\n'
    told = csv.reader(io.StringIO(table, newline=""))
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows(told)
    sender.write(sender.sent(out.getvalue().encode(encoding)))
    (item,) = sender.items()
    assert (item.title, item.description) == ("Œuf à 12 €", 'deux\nlignes, et "plus"')


def test_excels_own_hint_is_understood(sender: Sender) -> None:
    sender.write(sender.sent("sep=;\r\nName;Category\r\nTent;tentes\r\n"))
    assert [item.title for item in sender.items()] == ["Tent"]


TOO_MUCH = "Titre;Rayon\n" + "Tente;tentes\n" * (MOST_ROWS + 1)
REFUSED = {
    "nothing": (b"", 422, "Ce fichier est vide"),
    "only a header": (b"Titre;Rayon\n", 422, "que la ligne des titres"),
    "no header": (b"Perceuse;12\nTente;13\n", 422, "La première ligne doit porter les titres"),
    "no title": (b"Rayon;Valeur\ntentes;1\n", 422, "Il manque la colonne « Titre »"),
    "no category": (b"Titre;Valeur\nTente;1\n", 422, "Il manque la colonne « Rayon »"),
    "a column twice": (b"Titre;Nom;Rayon\na;b;c\n", 422, "est là deux fois"),
    "a workbook": (b"PK\x03\x04" + b"\0" * 100, 422, "C’est un classeur"),
    "NUL bytes": (b"Titre;Rayon\nTen\x00te;tentes\n", 422, "pas un tableau en texte"),
    "no known signs": (b"Titre;Rayon\n\x81\x8d\x8f;tentes\n", 422, "illisibles"),
    "a quotation mark left open": (b'Titre;Rayon\n"Tente;' + b"x" * 200_000, 422, "Un guillemet est ouvert"),
    "more rows than we take": (TOO_MUCH.encode(), 422, "20 000 au plus"),
    "100,000 rows": (b"Titre;Rayon\n" + b"Tente de toile;tentes\n" * 100_000, 422, "20 000 au plus"),
    "11 MB": (b"Titre;Rayon\n" + b"x" * 11 * 1024 * 1024, 413, "10 Mo au plus"),
    "13 MB": (b"Titre;Rayon\n" + b"x" * 13 * 1024 * 1024, 413, "trop lourd"),
    "Lend Engine without code": (b"Name\tLong description\tCategory\na\tb\ttentes\n", 422, "« Code » ou « Id »"),
    "500 columns": (b"Titre;Rayon" + b";x" * 500 + b"\nTente;tentes\n", 422, "trop de colonnes"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_table_is_refused_with_a_sentence(sender: Sender, kind: str) -> None:
    content, status, sentence = REFUSED[kind]
    answer = sender.send(content)
    assert (answer.status_code, sentence in words(answer)) == (status, True), words(answer)[:2000]
    assert db.session.scalar(select(func.count()).select_from(ImportBatch)) == 0


def test_no_file_at_all(sender: Sender) -> None:
    answer = sender.client.post(sender.path, data={})
    assert answer.status_code == 422
    assert "Choisissez un fichier" in words(answer)


def test_cells_that_nobody_understands_are_named(sender: Sender) -> None:
    header = (
        "titre;rayon;pour;état;statut;demander à chaque fois;jours de prêt;jours de pause;caution;code;pièces"
    )
    rows = [
        "Tente;tentes;louer;;;;;;;;",
        "Tente;tentes;;cassé;;;;;;;",
        "Tente;tentes;;;vendu;;;;;;",
        "Tente;tentes;;;;peut-être;;;;;",
        "Tente;tentes;;;;;400;;;;",
        "Tente;tentes;;;;;;-1;;;",
        "Tente;tentes;;;;;;;1e99;;",
        "Tente;tentes;;;;;;;;I-AAAAAAA;",
        "Tente;bricolage;;;;;;;;;",
        f"{'x' * 121};tentes;;;;;;;;;",
        "Tente;tentes;;;;;;;;;5000 × piquet",
        "Tente;tentes;;;;;;;;;;et;encore",
    ]
    batch = sender.sent("\n".join([header, *rows]))
    assert batch.good == 0
    assert {number: kinds[0] for number, kinds in faults(batch).items()} == {
        2: ("mode", "imports.unknown_mode"),
        3: ("condition", "imports.unknown_condition"),
        4: ("status", "imports.unknown_status"),
        5: ("asks_each_time", "imports.not_yes_or_no"),
        6: ("max_days", "core.out_of_range"),
        7: ("buffer_days", "core.out_of_range"),
        8: ("deposit", "items.not_money"),
        9: ("code", "imports.not_a_code"),
        10: ("category", "imports.category_too_wide"),
        11: ("title", "core.too_long"),
        12: ("parts", "core.out_of_range"),
        13: ("", "imports.too_many_cells"),
    }
    assert sender.confirm(batch).status_code == 302
    db.session.refresh(batch)
    assert batch.status == "ready"
    assert "Aucune ligne ne peut être ajoutée" in sender.page(batch)


def test_formulas_are_text_and_marks_of_direction_are_dropped(sender: Sender) -> None:
    batch = sender.sent(
        'Titre;Rayon\n"=HYPERLINK(""http://x"";""y"")";tentes\n@SUM(A1);tentes\nab\u202ecd;tentes\n'
    )
    sender.write(batch)
    assert [item.title for item in sender.items()] == ['=HYPERLINK("http://x";"y")', "@SUM(A1)", "abcd"]


def test_codes_come_along_once(sender: Sender) -> None:
    mine, theirs = str(codes.numbered("I", 7)), factories.item(hub=sender.hub).code
    batch = sender.sent(
        f"Code;Titre;Rayon\n{mine.lower()};Tente;tentes\n{mine};Scie;tentes\n{theirs};Pelle;tentes\n;Bol;tentes\n"
    )
    assert faults(batch) == {
        3: [("code", "imports.twice_in_the_file")],
        4: [("code", "imports.code_taken")],
    }
    sender.write(batch)
    assert {item.title: item.code for item in sender.items()}["Tente"] == mine


def test_a_code_that_was_taken_since_is_left_out_and_said(sender: Sender) -> None:
    mine = str(codes.numbered("I", 8))
    batch = sender.sent(f"Code;Titre;Rayon\n;Bol;tentes\n{mine};Tente;tentes\n;Scie;tentes\n")
    factories.item("Déjà là", hub=sender.hub, code=mine)
    batch = sender.write(batch)
    assert (batch.status, batch.good, batch.bad, batch.written) == ("done", 2, 1, 2)
    assert faults(batch) == {3: [("code", "imports.code_taken")]}


def test_a_blank_sticker_of_the_hub_is_stuck_by_its_code(sender: Sender) -> None:
    sticker = factories.blank_sticker(sender.hub, sender.vera)
    foreign = factories.blank_sticker(factories.hub(), sender.vera)
    batch = sender.sent(f"Code;Titre;Rayon\n{sticker.code};Tente;tentes\n{foreign.code};Scie;tentes\n")
    assert faults(batch) == {3: [("code", "imports.code_taken")]}
    sender.write(batch)
    (item,) = sender.items()
    db.session.refresh(sticker)
    assert (item.code, sticker.item_id) == (sticker.code, item.id)


LEND_ENGINE = (
    "Code\tName\tShort description\tLong description\tComponents\tCondition\tCare information\tBrand\tLoan period\t"
    "Price paid\tValue\tCategory\n"
    "DRILL-01\tDrill\tStrong\tWith<br>case\tbattery<br>2 x bit\tB - Fair\tWear glasses\tBosch\t7\t10.00\t89.00\tDrills\n"
    "DRILL-01\tDrill\t\t\t\tA - As new\t\t\t\t\t\tDrills\n"
    "\tDrill\t\t\t\t\t\t\t\t\t\tDrills\n"
)


def test_lend_engines_columns_are_read(sender: Sender) -> None:
    batch = sender.sent(LEND_ENGINE)
    assert (batch.kind, batch.ignored) == ("lend_engine", ["Price paid"])
    assert faults(batch) == {
        3: [("code", "imports.twice_in_the_file")],
        4: [("code", "imports.lend_engine_row_without_code")],
    }
    sender.write(batch)
    (item,) = sender.items()
    said = item.description.replace("\u00a0", " ")
    assert said == "Strong\nWith\ncase\nMarque : Bosch\nAncien code : DRILL-01"
    assert [(part.name, part.count) for part in item.parts] == [("battery", 1), ("bit", 2)]
    assert (item.condition, item.notices, item.max_days, item.value_cents) == (
        "worn",
        ["Wear glasses"],
        7,
        8900,
    )
    again = sender.sent(LEND_ENGINE)
    assert faults(again)[2] == [("code", "imports.came_before")]
    assert item.code in sender.page(again)


def test_lend_engines_own_export_is_read_too(sender: Sender) -> None:
    header = (
        "Id,Type,Added on,Code,Name,Type,Serial number,Condition,Tags,Location,Brand,Price paid,Value (RRP)"
    )
    batch = sender.sent(
        f'{header},Loan period\n7,loan,2024-01-01,,Tent,,,A - As new,"Camping,Tents",In stock,,,,0\n'
    )
    assert faults(batch) == {}
    sender.write(batch)
    assert [(item.title, item.condition, item.max_days) for item in sender.items()] == [("Tent", "new", None)]


def test_a_shelf_for_those_without(sender: Sender) -> None:
    batch = sender.sent("Titre;Rayon\nTente;\nScie;inconnu\nPerceuse;perceuses\n", category="tentes")
    assert batch.bad == 0
    sender.write(batch)
    assert [item.category.slug for item in sender.items()] == ["tentes", "tentes", "perceuses"]
    assert sender.send("Titre\nTente\n", category="bricolage").status_code == 422


def test_the_same_file_again_is_warned_of(sender: Sender) -> None:
    sender.write(sender.sent("Titre;Rayon\nTente;tentes\n"))
    assert "Ce même fichier a déjà été ajouté" in sender.page(sender.sent("Titre;Rayon\nTente;tentes\n"))


def test_one_leaves_it_and_a_new_one_takes_the_place_of_the_old(sender: Sender) -> None:
    sender.sent("Titre;Rayon\nTente;tentes\n")
    second = sender.sent("Titre;Rayon\nScie;tentes\n").id
    assert db.session.scalars(select(ImportRow.title)).all() == ["Scie"]
    assert sender.client.post(f"/imports/{second}/discard").status_code == 302
    assert sender.client.get(f"/imports/{second}").status_code == 404
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(ImportRow)) == 0


def test_agreeing_twice_is_agreeing_once(sender: Sender) -> None:
    batch = sender.sent("Titre;Rayon\nTente;tentes\n")
    sender.confirm(batch)
    sender.write(batch)
    sender.write(batch)
    assert len(sender.items()) == 1
    assert sender.client.post(f"/imports/{batch.id}/discard").status_code == 302
    assert len(sender.items()) == 1


def test_whoever_is_no_volunteer_any_more_writes_nothing_more(sender: Sender) -> None:
    batch = sender.sent("Titre;Rayon\nTente;tentes\n")
    sender.confirm(batch)
    db.session.rollback()
    held = next(
        iter(
            db.session.scalars(
                select(factories.Membership).where(factories.Membership.hub_id == sender.hub.id)
            )
        )
    )
    factories.changed(held, is_volunteer=False)
    jobs.write_imports(now=house_clock.now())
    db.session.refresh(batch)
    assert (batch.status, batch.why, sender.items()) == ("stopped", "hubs.not_volunteer", [])


def test_a_resident_adds_her_own_at_home_or_at_a_hub(sender: Sender) -> None:
    table = f"Titre;Rayon;Lieu\nTente;tentes;\nScie;tentes;{sender.hub.name}\nBol;tentes;Ailleurs\n"
    batch = sender.sent(table, path="/items/import")
    assert faults(batch) == {4: [("place", "imports.place_unknown")]}
    sender.write(batch)
    tent, saw = sender.items()
    assert (tent.owner_resident_id, tent.hub_id) == (sender.vera.id, None)
    assert (saw.owner_resident_id, saw.hub_id) == (sender.vera.id, sender.hub.id)


def test_who_has_no_home_is_told_row_by_row(client: FlaskClient, sender: Sender) -> None:
    factories.changed(sender.vera, home_lat=None, home_lon=None)
    batch = sender.sent("Titre;Rayon\nTente;tentes\n", path="/items/import")
    assert faults(batch) == {2: [("place", "imports.place_missing")]}


def test_an_address_that_nobody_confirmed_sends_nothing(app: Flask, client: FlaskClient) -> None:
    paul = factories.resident("Paul", confirmed=False)
    answer = factories.log_in(client, paul).post(
        "/items/import", data={"file": (io.BytesIO(b"Titre;Rayon\na;b\n"), "x.csv")}
    )
    assert answer.status_code == 409
    assert "Confirmez d’abord votre adresse" in words(answer)


def test_export_and_import_elsewhere_are_equal(sender: Sender, app: Flask) -> None:
    first = factories.item(
        "=2+2",
        hub=sender.hub,
        parts=(("Batterie", 2), ("2 × pile", 1), ("a | b", 1)),
        description='- un\n- deux; "trois"',
        notices=["Lunettes | gants"],
        value_cents=1205,
        deposit_cents=0,
        max_days=9,
        buffer_days=2,
        induction="Scie",
        shelf="@B3",
        swaps=True,
        condition="worn",
        category_id=db.session.scalars(
            select(factories.Category.id).where(factories.Category.slug == "tentes")
        ).one(),
    )
    factories.item("Parti", hub=sender.hub, status="retired")
    facts = (
        "title description notices value_cents deposit_cents max_days buffer_days induction shelf modes condition "
        "status asks_each_time code category_id"
    ).split()
    before = {name: getattr(first, name) for name in facts}
    parts = [(part.name, part.count) for part in first.parts]
    for language in ("fr", "en"):
        sender.client.set_cookie("locale", language)
        factories.changed(sender.vera, locale=language)
        answer = sender.client.get(f"/hubs/{sender.hub.slug}/items.csv")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        table = answer.data
        assert b"\n=2" not in table
        assert b"Parti" not in table
        with transaction() as session:
            for item in session.scalars(select(Item).where(Item.status != "retired")):
                item.code, item.status = str(codes.new("I")), "retired"
        batch = sender.write(sender.sent(table))
        assert (batch.ignored, batch.written, faults(batch)) == ([], 1, {})
        item = sender.items()[-1]
        assert {name: getattr(item, name) for name in facts} == before
        assert [(part.name, part.count) for part in item.parts] == parts


def test_own_objects_are_taken_along(sender: Sender) -> None:
    factories.item("Échelle", owner=sender.vera)
    factories.item("Celle du lieu", hub=sender.hub)
    text = sender.client.get("/items/mine.csv").text
    assert "Échelle" in text
    assert "Celle du lieu" not in text


def test_a_long_export_is_written_in_pieces(
    sender: Sender, query_count: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.items.imports.exporting.AT_ONCE", 3)
    for number in range(7):
        factories.item(f"Objet {number}", hub=sender.hub)
    with query_count() as statements:
        text = sender.client.get(f"/hubs/{sender.hub.slug}/items.csv").text
    assert [line.split(";")[1] for line in text.splitlines()[1:]] == [f"Objet {n}" for n in range(7)]
    assert len(statements) <= 4 + 3 * 3


def test_pages_ask_little(sender: Sender, query_count: Callable) -> None:
    batch = sender.sent("Titre;Rayon\n" + ";tentes\n" * 30 + "Tente;tentes\n" * 30)
    for path in (sender.path, f"/imports/{batch.id}", f"/hubs/{sender.hub.slug}/labels"):
        sender.client.get(path)
        with query_count() as statements:
            assert sender.client.get(path).status_code == 200
        assert len(statements) <= 8, (path, statements)


def test_tables_that_nobody_agreed_to_are_forgotten(sender: Sender, clock: Any) -> None:
    waits = sender.sent("Titre;Rayon\nTente;tentes\n").id
    done = sender.write(sender.sent("Titre;Rayon\nTente;tentes\n;tentes\n", path="/items/import"))
    clock.forward(days=8)
    jobs.forget_imports(now=house_clock.now())
    db.session.rollback()
    assert db.session.get(ImportBatch, waits) is None
    assert faults(done) != {}
    clock.forward(days=90)
    assert jobs.forget_imports(now=house_clock.now()) == 1
    assert jobs.forget_imports(now=house_clock.now()) == 0
    db.session.rollback()
    assert len(sender.items()) == 1


def test_sticker_made_after_the_table_was_read_is_not_taken(sender: Sender) -> None:
    """A code that another hub's sticker got meanwhile."""
    mine = str(codes.new_blank())
    batch = sender.sent(f"Code;Titre;Rayon\n{mine};Tente;tentes\n")
    other = factories.hub()
    factories.blank_sticker(other, factories.volunteer(other), code=mine)
    batch = sender.write(batch)
    assert faults(batch) == {2: [("code", "imports.code_taken")]}
    assert labels.MOST_AT_ONCE
    assert db.session.get(BlankSticker, mine).item_id is None  # type: ignore[union-attr]
