"""Labels on paper, read back by a decoder; stickers that wait for their object; the list of a shelf."""

import re
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.core import clock as house_clock
from app.core import codes
from app.core.db import db, transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.paper import PAGE
from app.items import services as items
from app.items.labels import queries, services
from app.items.labels.formats import SHEETS
from app.items.labels.models import BlankSticker
from app.items.models import Item
from tests import factories
from tests.harness.clock import Clock

SHARP = 300 / 72
"""Pixels for a point, as an office printer draws."""


class Bench:
    """A volunteer with the labels of her hub."""

    def __init__(self, client: FlaskClient) -> None:
        self.hub = factories.hub("Maison des Tilleuls")
        self.vera = factories.volunteer(self.hub, "Véra K.")
        self.client = factories.log_in(client, self.vera)

    def pdf(self, path: str) -> bytes:
        answer = self.client.get(path)
        assert (answer.status_code, answer.mimetype) == (200, "application/pdf"), answer.text[:500]
        return answer.data

    def blank(self, count: int = 3) -> list[str]:
        self.client.post(f"/hubs/{self.hub.slug}/stickers", data={"count": str(count)})
        db.session.rollback()
        return list(db.session.scalars(select(BlankSticker.code).order_by(BlankSticker.code)))


@pytest.fixture
def bench(client: FlaskClient) -> Bench:
    return Bench(client)


def read(pdf: bytes) -> list[list[tuple[str, float, float]]]:
    """What a decoder reads on each page: (link, x, y) in millimetres from the top left."""
    document = pypdfium2.PdfDocument(pdf)
    found = []
    for page in document:
        picture = page.render(scale=SHARP).to_pil()
        seen = []
        for code in zxingcpp.read_barcodes(picture):
            corners = (code.position.top_left, code.position.bottom_right)
            x, y = (sum(getattr(corner, axis) for corner in corners) / 2 for axis in ("x", "y"))
            seen.append((code.text, x * 25.4 / 300, y * 25.4 / 300))
        found.append(seen)
    return found


def said(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return " ".join(page.get_textpage().get_text_bounded() for page in document)


@pytest.mark.by_turns
@pytest.mark.parametrize("name", SHEETS)
def test_every_code_on_every_sheet_opens_its_object(bench: Bench, name: str) -> None:
    sheet = SHEETS[name]
    things = [
        factories.item(
            f"Œuvre n° {n} de menuiserie à 12 €, avec une très longue suite", hub=bench.hub, shelf="B3"
        )
        for n in range(sheet.count)
    ]
    pdf = bench.pdf(f"/hubs/{bench.hub.slug}/labels.pdf?sheet={name}&start=3")
    pages = read(pdf)
    assert [len(page) for page in pages] == [sheet.count - 2, 2]
    links = [link for page in pages for link, _x, _y in page]
    for thing in things:
        (link,) = [link for link in links if link.endswith(f"/c/{thing.code}")]
        answer = bench.client.get(re.sub(r"^https?://[^/]+", "", link))
        assert thing.title in answer.text
        assert thing.code in said(pdf)
    places = [(x, y) for _page, x, y in (next_place for next_place in _places(sheet, 3, sheet.count - 2))]
    for _link, x, y in pages[0]:
        assert any(0 < x - left < sheet.width and 0 < y - top < sheet.height for left, top in places)


def _places(sheet: Any, start: int, count: int) -> list[tuple[int, float, float]]:
    return [place for place, _ in zip(sheet.places(start), range(count), strict=False)]


@given(st.sampled_from(list(SHEETS.values())), st.integers(1, 90), st.integers(1, 300))
def test_labels_stay_on_the_paper_and_apart(sheet: Any, start: int, count: int) -> None:
    places = _places(sheet, start, count)
    assert len(set(places)) == count
    for _page, x, y in places:
        assert 0 <= x <= PAGE[0] - sheet.width
        assert 0 <= y <= PAGE[1] - sheet.height
    assert sheet.step_x >= sheet.width
    assert sheet.step_y >= sheet.height


def test_one_label_stands_where_it_was_asked(bench: Bench) -> None:
    drill = factories.item("Perceuse", hub=bench.hub)
    ((page,),) = [read(bench.pdf(f"/items/{drill.id}/label.pdf?sheet=L7160&start=21"))]
    ((link, x, y),) = page
    assert link.endswith(drill.code)
    assert x > 139
    assert y > 240


@pytest.mark.parametrize(
    "query", ["sheet=L9999", "sheet=", "start=0", "start=22", "start=x", "start=9999999999", "start=-1"]
)
def test_a_sheet_that_is_none_is_refused(bench: Bench, query: str) -> None:
    factories.item(hub=bench.hub)
    assert bench.client.get(f"/hubs/{bench.hub.slug}/labels.pdf?{query}").status_code == 422


def test_labels_of_what_was_chosen_and_of_nobody_else(bench: Bench) -> None:
    here = [factories.item(f"Objet {n}", hub=bench.hub, shelf="A1" if n else "A2") for n in range(3)]
    foreign = factories.item("Ailleurs")
    base = f"/hubs/{bench.hub.slug}/labels.pdf?sheet=A4&start=1"
    assert len(read(bench.pdf(f"{base}&item={here[0].id}&item={foreign.id}&item=x"))[0]) == 1
    assert len(read(bench.pdf(f"{base}&shelf=A1"))[0]) == 2
    assert bench.client.get(f"{base}&item={foreign.id}").status_code == 409


def test_more_labels_than_one_file_takes(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.items.labels.queries.MOST_LABELS", 2)
    for _ in range(3):
        factories.item(hub=bench.hub)
    answer = bench.client.get(f"/hubs/{bench.hub.slug}/labels.pdf?sheet=A4&start=1")
    assert answer.status_code == 409
    assert "2 étiquettes au plus" in answer.text.replace("\u00a0", " ")


def test_own_labels(bench: Bench) -> None:
    factories.item("Échelle", owner=bench.vera)
    factories.item("Celle du lieu", hub=bench.hub)
    assert len(read(bench.pdf("/items/labels.pdf?sheet=A4&start=1"))[0]) == 1


# -- blank stickers ---------------------------------------------------------------------------------------


def test_blank_stickers_are_printed_and_stuck_on_a_new_object(bench: Bench) -> None:
    shelf = factories.category("tentes")
    waiting = bench.blank(3)
    sheet = db.session.scalars(select(BlankSticker.sheet_id).limit(1)).one()
    path = f"/hubs/{bench.hub.slug}/stickers/{sheet}.pdf?sheet=L7160&start=1"
    links = [link for link, _x, _y in read(bench.pdf(path))[0]]
    assert sorted(link.rpartition("/")[2] for link in links) == waiting
    opened = bench.client.get(f"/c/{waiting[0]}")
    assert opened.headers["Location"] == f"/stickers/{waiting[0]}"
    answer = bench.client.post(
        f"/stickers/{waiting[0]}", data={"title": "Tente", "category": shelf.slug, "shelf": "B2"}
    )
    assert answer.status_code == 302
    item = db.session.scalars(select(Item).where(Item.code == waiting[0])).one()
    assert (item.title, item.shelf, item.owner_hub_id) == ("Tente", "B2", bench.hub.id)
    assert "Tente" in bench.client.get(f"/c/{waiting[0]}").text
    assert len(read(bench.pdf(path))[0]) == 2
    assert bench.client.get(f"/stickers/{waiting[0]}").status_code == 404


def test_a_sticker_takes_the_place_of_a_label_that_goes_on_opening_the_object(bench: Bench) -> None:
    drill = factories.item("Perceuse", hub=bench.hub)
    former, (first, second) = drill.code, bench.blank(2)
    for code in (first, second):
        bench.client.post(f"/stickers/{code}/stick", data={"item": str(drill.id)})
        db.session.rollback()
        db.session.refresh(drill)
        assert drill.code == code
    for code in (former, first, second):
        assert "Perceuse" in bench.client.get(f"/c/{code}", follow_redirects=True).text
        assert (
            "En place" in bench.client.post("/counter/scan", data={"hub": bench.hub.slug, "code": code}).text
            or "Perceuse"
            in bench.client.post("/counter/scan", data={"hub": bench.hub.slug, "code": code}).text
        )
    member = factories.verified_member(bench.hub)
    lent = bench.client.application.test_client().post(
        "/api/v1/counter/check-out",
        json={"hub": str(bench.hub.id), "item_code": former, "member_code": member.code},
        headers=factories.bearer(bench.vera),
    )
    assert lent.status_code == 201, lent.text


def test_objects_already_there_are_found_by_their_words(bench: Bench) -> None:
    (code,) = bench.blank(1)
    shelf = factories.category().slug
    with transaction():
        for title in ("Échelle double", "Perceuse"):
            items.post_item(
                title=title,
                category=shelf,
                owner="hub",
                hub=bench.hub.slug,
                actor_id=bench.vera.id,
                now=house_clock.now(),
            )
    page = bench.client.get(f"/stickers/{code}?q=echel").text
    assert "Échelle double" in page
    assert "Perceuse</" not in page
    assert "Rien de ce nom ici" in bench.client.get(f"/stickers/{code}?q=tente").text


def test_a_blank_sticker_at_the_counter_says_so(bench: Bench) -> None:
    (code,) = bench.blank(1)
    answer = bench.client.post("/counter/scan", data={"hub": bench.hub.slug, "code": code})
    assert "Étiquette vierge" in answer.text
    assert f"/stickers/{code}" in answer.text
    elsewhere = factories.volunteer(factories.hub(), "Flora")
    foreign = factories.log_in(bench.client.application.test_client(), elsewhere)
    assert foreign.get(f"/c/{code}").status_code == 404
    assert foreign.get(f"/stickers/{code}").status_code == 404
    assert foreign.post(f"/stickers/{code}/stick", data={"item": "1"}).status_code == 404


def test_a_sticker_is_stuck_once_and_on_this_hub_s_objects(bench: Bench, clock: Clock) -> None:
    (code,) = bench.blank(1)
    foreign, gone = factories.item(), factories.item(hub=bench.hub, status="retired")
    drill, saw = factories.item(hub=bench.hub), factories.item(hub=bench.hub)
    for item in (foreign, gone):
        with pytest.raises(NotFound), transaction():
            services.stick_on(code=code, item_id=item.id, actor_id=bench.vera.id, now=clock.now)
    with transaction():
        services.stick_on(code=code, item_id=drill.id, actor_id=bench.vera.id, now=clock.now)
    with pytest.raises(Conflict), transaction():
        services.stick_on(code=code, item_id=saw.id, actor_id=bench.vera.id, now=clock.now)


@pytest.mark.parametrize("count", [None, 0, -1, 401, 10**8])
def test_so_many_stickers_are_not_made(bench: Bench, count: int | None, clock: Clock) -> None:
    with pytest.raises(Invalid), transaction():
        services.make_blank_stickers(hub_id=bench.hub.id, count=count, actor_id=bench.vera.id, now=clock.now)


def test_stickers_are_not_made_without_end(
    bench: Bench, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_WAITING", 5)
    bench.blank(5)
    with pytest.raises(Conflict), transaction():
        services.make_blank_stickers(hub_id=bench.hub.id, count=1, actor_id=bench.vera.id, now=clock.now)


def test_new_objects_never_take_a_stickers_code() -> None:
    blank = {codes.new_blank().body[0] for _ in range(2000)}
    worn = {codes.new(codes.ITEM).body[0] for _ in range(5000)}
    assert blank == set("WXYZ")
    assert worn == set(codes.ALPHABET) - blank


def test_stickers_avoid_codes_that_came_from_elsewhere(
    bench: Bench, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    came, free = codes.new_blank(), codes.new_blank()
    factories.item(hub=bench.hub, code=str(came))
    drawn = iter([came, came, free])
    monkeypatch.setattr("app.core.codes.new_blank", lambda: next(drawn))
    assert bench.blank(1) == [str(free)]
    assert items.MODES


# -- the list ---------------------------------------------------------------------------------------------


def test_the_list_of_a_hub_goes_shelf_by_shelf(bench: Bench, clock: Clock) -> None:
    today = clock.now.date()
    factories.item("Zèbre", hub=bench.hub, shelf="A10")
    factories.item("Tente", hub=bench.hub, shelf="A2")
    out = factories.item("abat-jour", hub=bench.hub, shelf="A2")
    factories.item("Sans place", hub=bench.hub, status="lost")
    factories.item("Parti", hub=bench.hub, status="retired")
    factories.item("Ailleurs")
    factories.claim(out, today, today.replace(day=today.day + 1), "repair", uncertain=True)
    lines = queries.stock(bench.hub.id, today=today, limit=100)
    assert [(line.shelf, line.title, line.where, line.lost) for line in lines] == [
        ("A2", "abat-jour", "repair", False),
        ("A2", "Tente", "", False),
        ("A10", "Zèbre", "", False),
        ("", "Sans place", "", True),
    ]
    page = bench.client.get(f"/hubs/{bench.hub.slug}/stock").text
    assert page.index("A2</h2>") < page.index("A10</h2>")
    text = said(bench.pdf(f"/hubs/{bench.hub.slug}/stock.pdf"))
    assert re.search(r"A2.*abat-jour.*en réparation.*Tente.*A10.*Zèbre", text, re.DOTALL)
    assert "Tente" not in said(bench.pdf(f"/hubs/{bench.hub.slug}/stock.pdf?shelf=A10"))


def test_a_long_list_goes_on_over_pages(bench: Bench) -> None:
    for number in range(45):
        factories.item(f"Objet {number:02}", hub=bench.hub, shelf=f"É{number % 3}")
    pdf = bench.pdf(f"/hubs/{bench.hub.slug}/stock.pdf")
    assert len(pypdfium2.PdfDocument(pdf)) == 2
    assert all(f"Objet {number:02}" in said(pdf) for number in range(45))


def test_pages_ask_little(bench: Bench, query_count: Callable, app: Flask) -> None:
    for number in range(70):
        factories.item(f"Objet {number}", hub=bench.hub, shelf=f"A{number % 5}")
    bench.blank(20)
    slug = bench.hub.slug
    for path in (f"/hubs/{slug}/labels", f"/hubs/{slug}/stickers", f"/hubs/{slug}/stock"):
        bench.client.get(path)
        with query_count() as statements:
            assert bench.client.get(path).status_code == 200
        print(path, len(statements))
        assert len(statements) <= 7, (path, statements)
    assert "cursor=" in bench.client.get(f"/hubs/{slug}/labels").text
