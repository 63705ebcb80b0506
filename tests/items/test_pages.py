"""The pages of objects, without a script: what is shown, what is kept when something is wrong, who sees what."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.db import db
from app.items import jobs
from app.items.models import Induction, Item, ItemClaim, Photo
from tests import factories as make
from tests.items.photos import kept, upload

TODAY = date(2026, 11, 25)


def text(answer: Any) -> str:
    return unescape(answer.get_data(as_text=True)).replace("\u202f", " ").replace("\u00a0", " ")


def hrefs(page: str) -> list[str]:
    return re.findall(r'href="([^"]*)"', page)


@pytest.fixture
def shelf(app: Flask) -> Any:
    return make.category("perceuses", name_fr="Perceuses", drawing="perceuse")


def filled(**fields: Any) -> dict[str, Any]:
    return {"title": "Perceuse bleue", "category": "perceuses", "mode": "lend", "hub": "home", **fields}


# -- finding ----------------------------------------------------------------------------------------------


def test_everybody_finds_what_is_near(client: FlaskClient, clock: Any) -> None:
    hub = make.hub("L’Escale")
    make.item("Perceuse", hub=hub)
    home = make.item("Tente", owner=make.resident())
    page = text(client.get("/items?near=44.698,5.197"))
    assert "Perceuse" in page
    assert "L’Escale" in page
    assert "Chez un voisin" in page
    assert "dans les environs" in page  # of a home, others know no more
    assert len(re.findall(r"\d+ m<", page)) == 1
    own = text(make.log_in(client, make.resident()).get("/items"))
    assert "Autour de chez vous" in own
    assert len(re.findall(r"\d+ m<", own)) == 2
    assert home.title in own


def test_choices_narrow_the_list_and_can_be_taken_back(client: FlaskClient, clock: Any) -> None:
    hub = make.hub()
    top = make.category("bricolage")
    below = make.category("perceuses", parent_id=top.id)
    make.item("Visseuse", hub=hub, category_id=below.id)
    make.item("Livre", hub=hub, lends=False, gives=True)
    assert "Livre" not in text(client.get("/items?category=bricolage"))
    assert "Visseuse" not in text(client.get("/items?mode=give"))
    page = text(client.get("/items?category=perceuses&mode=lend&q=viss"))
    assert "Visseuse" in page
    assert 'value="viss"' in page
    assert any("mode=" not in href and "q=viss" in href for href in hrefs(page))
    assert "Personne n’en propose encore" in text(client.get("/items?q=zeppelin"))


def test_pages_follow_each_other(client: FlaskClient, clock: Any) -> None:
    hub = make.hub()
    shelf = make.category()
    titles = {make.item(f"Objet {n}", hub=hub, category_id=shelf.id).title for n in range(23)}
    first = text(client.get("/items"))
    onward = next(href for href in hrefs(first) if "cursor=" in href)
    second = text(client.get(onward))
    shown = re.findall(r">(Objet \d+)<", first + second)
    assert sorted(shown) == sorted(titles)
    assert not any("cursor=" in href for href in hrefs(second))


@pytest.mark.parametrize(
    "query",
    [
        "near=here", "near=91,0", "near=nan,1", "from=2026-12-01", "from=2026-12-05&to=2026-12-01", "from=x&to=y",
        "mode=sell", "sort=price", "radius_km=5", "near=44.7,5.2&radius_km=-1", "near=44.7,5.2&radius_km=inf",
        f"q={'a' * 300}", "sort=near",
    ],
)  # fmt: skip
def test_what_cannot_be_searched_is_said(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/items?{query}")
    assert answer.status_code == 422
    assert 'role="alert"' in text(answer)


def test_a_forged_cursor_is_malformed(client: FlaskClient) -> None:
    assert client.get("/items?cursor=abc").status_code == 400
    assert client.get("/items?near=home").status_code == 401


def test_a_list_costs_five_statements_with_the_log_in(
    client: FlaskClient, query_count: Callable[..., Any], clock: Any
) -> None:
    member = make.verified_member(hub := make.hub())
    shelf = make.category()
    for n in range(30):
        make.item(
            f"Objet {n}",
            hub=hub if n % 2 else make.hub() if n % 9 == 0 else None,
            owner=member if n % 2 == 0 else None,
            category_id=shelf.id,
        )
    make.log_in(client, member)
    client.get("/items")
    for path in (
        "/items",
        "/items?q=objet",
        "/items?near=44.7,5.2&from=2026-11-27&to=2026-11-28",
        "/items?sort=new",
        "/items/mine",
    ):
        with query_count() as statements:
            assert client.get(path).status_code == 200
        assert len(statements) <= 5, path


def test_a_place_is_picked_without_a_script(client: FlaskClient) -> None:
    hub = make.hub("L’Escale", place=(45.0, 5.0), territory_id=make.territory("Crest").id)
    make.item("Tente", hub=hub)
    page = text(client.get("/items/place?q=tente&cursor=x"))
    assert "Crest" in page
    there = next(href for href in hrefs(page) if "near=45.000" in href)
    assert "q=tente" in there
    found = text(client.get(there))
    assert "Autour de L’Escale" in found
    assert "Tente" in found


# -- one object -------------------------------------------------------------------------------------------


def test_the_page_of_an_object(client: FlaskClient, clock: Any) -> None:
    hub = make.hub("L’Escale", weekdays=(2, 4))
    item = make.item(
        "Perceuse <18 V>", hub=hub, parts=(("Batterie", 2), ("Chargeur", 1)), notices=["Lunettes !"], deposit_cents=4000,
        description="Pour <b>percer</b>.\nSolide.", shelf="B3",
    )  # fmt: skip
    answer = client.get(f"/items/{item.id}")
    page = text(answer)
    assert answer.status_code == 200
    for words in (
        "L’Escale",
        "2 × Batterie",
        "Chargeur",
        "Lunettes !",
        "caution de 40 €",
        "Étagère B3",
        "Libre",
    ):
        assert words in page
    raw = answer.get_data(as_text=True)
    assert "<b>percer" not in raw
    assert item.code not in page
    data = json.loads(re.search(r"ld\+json\">(.*?)</script>", raw, re.DOTALL)[1])  # type: ignore[index]
    assert (data["name"], data["offers"]["price"]) == ("Perceuse <18 V>", 0)


def test_two_taps_and_the_days_are_chosen(client: FlaskClient, clock: Any) -> None:
    hub = make.hub(weekdays=(0, 2, 4))
    item = make.item(hub=hub, max_days=7)
    make.claim(item, date(2026, 12, 4), date(2026, 12, 5), "loan")
    make.log_in(client, make.verified_member(hub))
    page = text(client.get(f"/items/{item.id}"))
    assert 'name="from" value="2026-11-25"' in page  # a suggestion stands ready
    first = next(href for href in hrefs(page) if "from=2026-11-27" in href and "to=" not in href)
    page = text(client.get(first))
    assert "Touchez le dernier jour" in page
    assert 'name="to" value="2026-11-27"' in page
    last = next(href for href in hrefs(page) if "to=2026-12-02" in href)
    assert "from=2026-11-27" in last
    page = text(client.get(last))
    assert 'name="from" value="2026-11-27"' in page
    assert 'name="to" value="2026-12-02"' in page
    assert "Réserver ces 6 jours" in page
    assert f'action="/items/{item.id}/reserve"' in page
    assert "déjà pris" in page
    assert "lieu fermé" in page


@pytest.mark.parametrize(
    "days",
    ["from=2026-11-20", "from=2026-11-28", "from=2026-12-04", "from=2026-12-02&to=2026-12-07",
     "from=2026-11-27&to=2026-11-25", "from=nonsense", "from=9999-12-31", "from=0001-01-01&to=9999-12-31"],
)  # fmt: skip
def test_days_that_cannot_be_had_are_said_and_others_offered(
    client: FlaskClient, clock: Any, days: str
) -> None:
    item = make.item(hub=make.hub(weekdays=(0, 2, 4)))
    make.claim(item, date(2026, 12, 4), date(2026, 12, 5), "loan")
    answer = client.get(f"/items/{item.id}?{days}")
    assert answer.status_code == 200
    assert "Ces jours-là ne vont pas" in text(answer)


@pytest.mark.parametrize("month", ["2026-12-21", "1999-01-01", "9999-12-31", "x"])
def test_the_calendar_turns_and_stops_at_both_ends(client: FlaskClient, clock: Any, month: str) -> None:
    item = make.item(hub=make.hub())
    page = text(client.get(f"/items/{item.id}?month={month}"))
    turns = [href for href in hrefs(page) if "month=" in href and "from=" not in href]
    assert 1 <= len(turns) <= 2


def test_strangers_are_led_to_the_log_in_and_back(client: FlaskClient, clock: Any) -> None:
    item = make.item(hub=make.hub())
    page = text(client.get(f"/items/{item.id}?from=2026-11-27&to=2026-11-28"))
    assert any(href.startswith("/log-in?next=") and "2026-11-27" in href for href in hrefs(page))
    assert "/reserve" not in page


def test_a_neighbours_object_shows_no_address_and_no_reserving_to_its_owner(
    client: FlaskClient, clock: Any
) -> None:
    owner = make.resident("Nadia B.")
    item = make.item("Tente", owner=owner)
    page = text(client.get(f"/items/{item.id}"))
    assert "Chez Nadia B." in page
    make.log_in(client, make.resident())
    assert "Demander ces" in text(client.get(f"/items/{item.id}"))
    mine = text(make.log_in(client, owner).get(f"/items/{item.id}"))
    assert "/reserve" not in mine
    assert item.code in mine
    assert "Garder ces jours" in mine


def test_a_volunteer_borrows_the_hubs_own_object_like_anybody(client: FlaskClient, clock: Any) -> None:
    hub = make.hub()
    item = make.item(hub=hub)
    page = text(make.log_in(client, make.volunteer(hub)).get(f"/items/{item.id}"))
    assert f"/items/{item.id}/reserve" in page
    assert item.code in page


@pytest.mark.parametrize("status", ["draft", "lost", "retired"])
def test_what_is_not_on_offer(client: FlaskClient, status: str) -> None:
    owner = make.resident()
    item = make.item(owner=owner, status=status)
    assert client.get(f"/items/{item.id}").status_code == 404
    seen = make.log_in(client, owner).get(f"/items/{item.id}").status_code
    assert seen == (410 if status == "retired" else 200)


@pytest.mark.parametrize(
    "path", ["/items/0", "/items/999999", "/items/99999999999999999999", "/items/-1", "/items/x"]
)
def test_ids_of_nothing(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_given_things_are_not_reserved(client: FlaskClient, clock: Any) -> None:
    item = make.item("Livre", hub=make.hub(), lends=False, gives=True)
    page = text(client.get(f"/items/{item.id}"))
    assert "Il ne s’emprunte pas" in page
    assert "Donné" in page


# -- posting ----------------------------------------------------------------------------------------------


def test_posted_with_a_photo_and_two_fields(client: FlaskClient, app: Flask, shelf: Any) -> None:
    make.log_in(client, make.resident())
    assert client.get("/items/new").status_code == 200
    answer = client.post("/items/new", data=filled(photo=upload()), follow_redirects=True)
    page = text(answer)
    assert answer.status_code == 200
    assert "C’est en ligne" in page
    item = db.session.query(Item).one()
    assert (item.title, item.modes, item.condition, item.max_days) == (
        "Perceuse bleue",
        ["lend"],
        "good",
        None,
    )
    assert len(item.photos) == 1
    assert len(kept(app)) == 3
    address = re.search(r'src="(/photos/[^"]+)"', page)
    assert address
    photo = client.get(address[1])
    assert (photo.status_code, photo.mimetype) == (200, "image/webp")
    assert "immutable" in photo.headers["Cache-Control"]
    assert b"Secret" not in photo.data


def test_everything_else_can_be_said_too(client: FlaskClient, shelf: Any) -> None:
    hub = make.hub()
    make.log_in(client, make.volunteer(hub))
    client.post(
        "/items/new",
        data=filled(
            hub=f"own-{hub.id}", mode=["lend", "give"], parts="2 × Batterie\n\n  Chargeur \n3 x foret",
            notices="Lunettes\nÀ deux", deposit_cents="12,50 €", value_cents="110", max_days="7", buffer_days="1",
            induction="Laser", shelf="B3", condition="worn", description="Deux\n\nlignes", asks_each_time="y",
        ),
    )  # fmt: skip
    item = db.session.query(Item).one()
    assert item.owner_hub_id == hub.id
    assert [(part.name, part.count) for part in item.parts] == [
        ("Batterie", 2),
        ("Chargeur", 1),
        ("foret", 3),
    ]
    assert (item.deposit_cents, item.value_cents, item.max_days, item.buffer_days) == (1250, 11_000, 7, 1)
    assert (item.notices, item.induction, item.shelf) == (["Lunettes", "À deux"], "Laser", "B3")


def test_what_was_typed_and_the_photo_are_kept_when_something_is_wrong(
    client: FlaskClient, app: Flask, shelf: Any
) -> None:
    make.log_in(client, make.resident())
    wrong = filled(
        photo=upload(), title="", description="Elle est <bleue>", deposit_cents="beaucoup", parts="2 × Clé"
    )
    answer = client.post("/items/new", data=wrong)
    page = text(answer)
    assert answer.status_code == 422
    for words in ("Elle est <bleue>", 'value="beaucoup"', "2 × Clé", "Écrivez la somme ainsi"):
        assert words in page
    assert db.session.query(Item).count() == 0
    sign = re.search(r'name="staged"[^>]*value="([^"]+)"', page)
    assert sign
    assert re.search(r'src="/photos/', page)
    client.post("/items/new", data=filled(staged=sign[1]))
    item = db.session.query(Item).one()
    assert len(item.photos) == 1
    client.post("/items/new", data=filled(staged=sign[1]))  # sent twice: the photo belongs to the first
    assert [len(one.photos) for one in db.session.query(Item).order_by(Item.id)] == [1, 0]
    other = make.log_in(client, make.resident())
    other.post("/items/new", data=filled(staged=sign[1]))
    assert len(kept(app)) == 3


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [(b"no photo", 415, "Ce n’est pas une photo"), (b"\0\0\0\x18ftypheic" + b"\0" * 50, 415, "HEIC"),
     (b"\xff\xd8" + b"\0" * 10_500_000, 413, "trop lourd")],
)  # fmt: skip
def test_what_is_no_photo_is_said_beside_it(
    client: FlaskClient, app: Flask, shelf: Any, content: bytes, status: int, words: str
) -> None:
    make.log_in(client, make.resident())
    answer = client.post("/items/new", data=filled(photo=upload(content)))
    assert answer.status_code == status
    assert words in text(answer)
    assert 'value="Perceuse bleue"' in text(answer)
    assert kept(app) == []
    assert db.session.query(Item).count() == 0


@pytest.mark.parametrize(
    "title",
    ["x" * 5000, "\u202e\u0000", "<script>alert(1)</script>", "'; DROP TABLE item;--", "🪜🪜", "مثقاب"],
)
def test_odd_titles_never_break_a_page(client: FlaskClient, shelf: Any, title: str) -> None:
    make.log_in(client, make.resident())
    answer = client.post("/items/new", data=filled(title=title), follow_redirects=True)
    assert answer.status_code in (200, 422)
    assert "<script>alert" not in answer.get_data(as_text=True)
    assert client.get("/items").status_code == 200


def test_who_may_not_post_yet_is_told_the_way(client: FlaskClient, shelf: Any) -> None:
    make.log_in(client, make.resident(confirmed=False))
    answer = client.post("/items/new", data=filled(photo=upload()))
    assert answer.status_code == 409
    assert "Confirmez d’abord votre adresse" in text(answer)
    assert 'value="Perceuse bleue"' in text(answer)


def test_only_logged_in_and_only_from_our_own_pages(client: FlaskClient, shelf: Any) -> None:
    assert client.get("/items/new").headers["Location"].startswith("/log-in")
    make.log_in(client, make.resident())
    client.forged = True  # type: ignore[attr-defined]
    assert client.post("/items/new", data=filled()).status_code == 400
    assert db.session.query(Item).count() == 0


# -- changing ---------------------------------------------------------------------------------------------


def version_of(page: str) -> str:
    found = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert found
    return found[1]


def test_changed_by_its_owner_and_two_windows_never_overwrite_each_other(
    client: FlaskClient, shelf: Any
) -> None:
    owner = make.resident()
    item = make.item("Tente", owner=owner, category_id=shelf.id, parts=(("Piquet", 8),), deposit_cents=350)
    make.log_in(client, owner)
    page = text(client.get(f"/items/{item.id}/edit"))
    assert "8 × Piquet" in page
    assert 'value="3,50"' in page
    version = version_of(page)
    first = client.post(
        f"/items/{item.id}/edit", data=filled(title="Tente verte", version=version, condition="good")
    )
    assert first.status_code == 302
    second = client.post(
        f"/items/{item.id}/edit", data=filled(title="Tente rouge", version=version, condition="good")
    )
    assert second.status_code == 412
    assert 'value="Tente rouge"' in text(second)
    assert db.session.query(Item).one().title == "Tente verte"
    assert client.post(f"/items/{item.id}/edit", data=filled(title="X", version="")).status_code in (412, 422)


def test_others_change_nothing(client: FlaskClient, shelf: Any) -> None:
    item = make.item("Tente", owner=make.resident())
    make.log_in(client, make.resident())
    base = f"/items/{item.id}"
    for path in ("/edit", "/retire", "/label"):
        assert client.get(base + path).status_code == 403
    for path in (
        "/edit",
        "/retire",
        "/photos",
        "/photos/1/remove",
        "/photos/1/first",
        "/own-days",
        "/own-days/1/end",
    ):
        assert client.post(base + path, data=filled()).status_code == 403, path
    assert client.post(base + "/inductions", data={"code": "x"}).status_code in (403, 422)


def test_photos_come_and_go(client: FlaskClient, app: Flask, shelf: Any) -> None:
    owner = make.resident()
    item = make.item("Tente", owner=owner, category_id=shelf.id)
    make.log_in(client, owner)
    for _ in range(2):
        client.post(f"/items/{item.id}/photos", data={"photo": upload()})
    first, second = db.session.query(Photo).order_by(Photo.position)
    assert len(kept(app)) == 6
    assert client.post(f"/items/{item.id}/photos/{second.id}/first").status_code == 302
    assert client.post(f"/items/{item.id}/photos/{first.id}/remove").status_code == 302
    assert [photo.file for photo in db.session.query(Photo)] == [second.file]
    assert all(second.file in file.name for file in kept(app))
    assert client.post(f"/items/{item.id}/photos", data={"photo": upload(b"no")}).status_code == 415
    assert client.post(f"/items/{item.id}/photos").status_code == 422
    assert len(kept(app)) == 3
    page = text(client.get("/items"))
    assert f"/photos/{second.file}/m.webp" in page
    assert "1280w" in page


def test_days_are_kept_for_oneself_and_given_back(client: FlaskClient, clock: Any) -> None:
    owner = make.resident()
    item = make.item("Tente", owner=owner)
    make.log_in(client, owner)
    client.post(f"/items/{item.id}/own-days", data={"from": "2026-11-28", "to": "2026-11-29"})
    claim = db.session.query(ItemClaim).one()
    assert (claim.kind, claim.end_day) == ("own", date(2026, 11, 30))
    page = text(client.get(f"/items/{item.id}"))
    assert "Du samedi 28 novembre au dimanche 29 novembre" in page
    for data, status in (
        ({"from": "2026-11-29", "to": "2026-12-02"}, 409),
        ({"from": "2026-11-20", "to": "2026-11-21"}, 422),
        ({"from": "2026-12-09", "to": "2026-12-01"}, 422),
        ({"from": "", "to": "x"}, 422),
    ):
        answer = client.post(f"/items/{item.id}/own-days", data=data)
        assert answer.status_code == status
        assert 'role="alert"' in text(answer)
    client.post(f"/items/{item.id}/own-days/{claim.id}/end")
    assert db.session.query(ItemClaim).filter_by(live=True).count() == 0


def test_taken_back_after_one_question(client: FlaskClient, clock: Any) -> None:
    owner = make.resident()
    item = make.item("Tente", owner=owner)
    loan = make.loan(item, make.resident())
    make.log_in(client, owner)
    assert "Ne plus le proposer" in text(client.get(f"/items/{item.id}/retire"))
    assert client.post(f"/items/{item.id}/retire").status_code == 409
    make.changed(loan, status="cancelled")
    make.changed(loan.claim, live=False)
    assert client.post(f"/items/{item.id}/retire").headers["Location"] == "/items/mine"
    assert "Tente" not in text(client.get("/items"))
    assert client.get(f"/items/{item.id}").status_code == 410


def test_the_label_holds_this_sites_own_address(client: FlaskClient) -> None:
    owner = make.resident()
    item = make.item("Tente", owner=owner)
    page = text(make.log_in(client, owner).get(f"/items/{item.id}/label"))
    assert item.code in page
    assert "data:image/svg+xml" in page


def test_a_coordinator_notes_who_was_shown(client: FlaskClient) -> None:
    hub = make.hub()
    item = make.item("Laser", hub=hub, induction="Découpe laser")
    learner = make.verified_member(hub, "Samir L.")
    make.log_in(client, make.coordinator(hub))
    wrong = client.post(f"/items/{item.id}/inductions", data={"code": item.code})
    assert wrong.status_code == 422
    assert item.code in text(wrong)
    client.post(f"/items/{item.id}/inductions", data={"code": learner.code.lower()})
    assert db.session.query(Induction).one().resident_id == learner.id


def test_ones_own_objects(client: FlaskClient, clock: Any) -> None:
    owner = make.resident()
    make.log_in(client, owner)
    assert "Rien de vous pour l’instant" in text(client.get("/items/mine"))
    for n in range(22):
        make.item(f"Objet {n}", owner=owner)
    make.item("Ailleurs", owner=make.resident())
    first = text(client.get("/items/mine"))
    second = text(client.get(next(href for href in hrefs(first) if "cursor=" in href)))
    assert len(set(re.findall(r">(Objet \d+)<", first + second))) == 22
    assert "Ailleurs" not in first + second


def test_photos_that_nobody_shows_are_swept_after_a_day(client: FlaskClient, app: Flask, shelf: Any) -> None:
    make.log_in(client, make.resident())
    client.post("/items/new", data=filled(photo=upload(), title=""))
    client.post("/items/new", data=filled(photo=upload()))
    assert len(kept(app)) == 6
    written = max(file.stat().st_mtime for file in kept(app))
    then = datetime.fromtimestamp(written, UTC)
    assert jobs.sweep_photos(now=then) == 0
    assert jobs.sweep_photos(now=then + timedelta(hours=26)) == 1
    assert len(kept(app)) == 3
    assert db.session.query(Photo).one().file in kept(app)[0].name


@pytest.mark.parametrize(
    "path",
    ["/photos/x/m.webp", f"/photos/{'a' * 32}/m.webp", f"/photos/{'a' * 32}/x.webp", "/photos/../m.webp"],
)
def test_photos_that_are_not_there(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404
