"""The page of an object: photos, two weeks at a glance, how it is fetched, others like it, what links and machines read."""

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core import clock as house_clock
from app.items import rules, shown
from app.items.models import Item, Photo
from app.items.rules import Taken, Terms
from tests import factories as make
from tests.harness.clock import Clock

TODAY = date(2026, 11, 25)


def text(answer: Any) -> str:
    return unescape(answer.get_data(as_text=True)).replace("\u202f", " ").replace("\u00a0", " ")


def linked(answer: Any) -> dict[str, Any]:
    raw = answer.get_data(as_text=True)
    found = re.search(r"ld\+json\">(.*?)</script>", raw, re.DOTALL)
    assert found
    read: dict[str, Any] = json.loads(found[1])
    return read


def with_photos(item: Item, count: int) -> None:
    for position in range(count):
        make.stored(
            Photo(
                item_id=item.id, file=f"{position:032x}", width=1280, height=960, position=position,
                created_at=house_clock.now(),
            )
        )  # fmt: skip


# -- the days -----------------------------------------------------------------------------------------------


def test_two_weeks_say_how_each_day_stands() -> None:
    taken = [Taken(TODAY + timedelta(days=2), TODAY + timedelta(days=4))]
    day_as = rules.days_as(
        taken=taken, is_open=lambda day: day.weekday() < 5, today=TODAY, terms=Terms(turnaround_days=0)
    )
    days = rules.days_from(TODAY, 14, day_as)
    assert [day.state for day in days[:6]] == ["free", "free", "taken", "taken", "closed", "free"]
    assert len(days) == 14
    assert days[0].today
    monday = rules.month(TODAY, day_as)
    assert monday[0][0].day == date(2026, 11, 23)


def test_a_free_day_of_the_strip_leads_to_its_choice(client: FlaskClient, clock: Clock) -> None:
    item = make.item(hub=make.hub(weekdays=(2, 4)))
    make.claim(item, date(2026, 12, 2), date(2026, 12, 3), "loan")
    page = text(client.get(f"/items/{item.id}"))
    strip = re.search(r'<ol class="glance">(.*?)</ol>', page, re.DOTALL)
    assert strip
    days = re.findall(r"<li class=\"(.*?)\">(.*?)</li>", strip[1], re.DOTALL)
    assert len(days) == 14
    assert {state.split()[0] for state, _ in days} == {"chosen", "closed", "taken", "free"}
    free = next(inside for state, inside in days if state == "free")
    assert re.search(rf'href="/items/{item.id}\?[^"]*from=2026-12-04', free)
    assert not any("href" in inside for state, inside in days if state in ("taken", "closed"))
    assert "lundi 30 novembre" in strip[1]


def test_minutes_on_foot_are_said_only_where_one_would_walk() -> None:
    assert shown.on_foot(None) == shown.on_foot(9_000) == ""


# -- where it is --------------------------------------------------------------------------------------------


def test_how_it_is_fetched_from_a_hub(client: FlaskClient, clock: Clock) -> None:
    hub = make.hub("L’Escale")
    item = make.item(hub=hub, shelf="B3")
    make.log_in(client, make.resident())
    page = text(client.get(f"/items/{item.id}"))
    assert "passez au comptoir" in page
    assert "Ouvert jusqu’à 19 h" in page
    assert "min à pied" in page


def test_how_it_is_fetched_from_a_neighbour(client: FlaskClient, clock: Clock) -> None:
    item = make.item("Tente", owner=make.resident("Nadia B."))
    make.log_in(client, make.resident())
    page = text(client.get(f"/items/{item.id}"))
    assert "Nadia B. vous répond sous 48 heures" in page
    assert "min à pied" not in page  # the published place is a kilometre wide
    assert "comptoir" not in re.sub(r"(?s)<header.*?</header>", "", page)


# -- photos -------------------------------------------------------------------------------------------------


def test_several_photos_are_swiped_and_linked_without_a_script(client: FlaskClient, clock: Clock) -> None:
    item = make.item(hub=make.hub())
    with_photos(item, 3)
    page = text(client.get(f"/items/{item.id}"))
    for number in (1, 2, 3):
        assert f'id="photo-{number}"' in page
        assert f'href="#photo-{number}"' in page
    assert page.count("srcset=") >= 3
    assert "320w" in page
    assert "1280w" in page


def test_one_photo_needs_no_thumbnails(client: FlaskClient, clock: Clock) -> None:
    item = make.item(hub=make.hub())
    with_photos(item, 1)
    page = text(client.get(f"/items/{item.id}"))
    assert 'id="photo-1"' in page
    assert "thumbs" not in page


# -- others like it -----------------------------------------------------------------------------------------


def test_others_like_it_free_ones_first_then_the_nearest(client: FlaskClient, clock: Clock) -> None:
    shelf, other = make.category("perceuses"), make.category("tentes")
    here, near, far = (
        make.hub(place=(44.70, 5.20)),
        make.hub(place=(44.71, 5.20)),
        make.hub(place=(44.80, 5.20)),
    )
    item = make.item("Perceuse", hub=here, category_id=shelf.id)
    taken = make.item("Perceuse prise", hub=near, category_id=shelf.id)
    make.claim(taken, TODAY, TODAY + timedelta(days=3), "loan")
    make.item("Perceuse proche", hub=near, category_id=shelf.id)
    make.item("Perceuse plus loin", hub=far, category_id=shelf.id)
    make.item("Perceuse trop loin", hub=make.hub(place=(45.70, 5.20)), category_id=shelf.id)
    make.item("Tente", hub=near, category_id=other.id)
    make.item("Perceuse donnée", hub=near, category_id=shelf.id, lends=False, gives=True)
    page = text(client.get(f"/items/{item.id}"))
    cards = re.findall(r'<h3><a href="/items/\d+">(.*?)</a>', page[page.index("Pas le bon jour") :])
    assert cards == ["Perceuse proche", "Perceuse plus loin", "Perceuse prise"]


def test_the_page_costs_the_same_however_much_there_is(
    client: FlaskClient, query_count: Callable[..., Any], clock: Clock
) -> None:
    hub, shelf = make.hub(), make.category()
    member = make.log_in(client, make.verified_member(hub))
    item = make.item(hub=hub, category_id=shelf.id, parts=(("Batterie", 2),))
    make.item(hub=make.hub(), category_id=shelf.id)
    path = f"/items/{item.id}"
    member.get(path)
    with query_count() as few:
        assert member.get(path).status_code == 200
    with_photos(item, 5)
    for number in range(12):
        other = make.item(f"Autre {number}", hub=make.hub(), category_id=shelf.id)
        make.claim(other, TODAY, TODAY + timedelta(days=2))
    with query_count() as many:
        assert member.get(path).status_code == 200
    assert len(few) == len(many) <= MOST_STATEMENTS


MOST_STATEMENTS = 9
"""Who is looking; the object, its parts, others like it and their columns, claims and hours; who waits for it, her own
loan of it, and who somebody is to those who lend."""


# -- for links and machines -----------------------------------------------------------------------------------


def test_machines_read_what_is_lent_and_where(client: FlaskClient, clock: Clock) -> None:
    hub = make.hub("L’Escale")
    item = make.item("Perceuse </script><b>", hub=hub, condition="new")
    read = linked(client.get(f"/items/{item.id}"))
    offer = read["offers"]
    assert read["itemCondition"].endswith("NewCondition")
    assert offer["businessFunction"].endswith("LeaseOut")
    assert offer["availability"].endswith("InStock")
    assert offer["offeredBy"] == {"@type": "Organization", "name": "L’Escale"}
    assert offer["availableAtOrFrom"]["geo"]["latitude"] == hub.lat
    make.claim(item, TODAY, TODAY + timedelta(days=3), "loan")
    offer = linked(client.get(f"/items/{item.id}"))["offers"]
    assert offer["availability"].endswith("OutOfStock")
    assert offer["availabilityStarts"] > TODAY.isoformat()


@pytest.mark.parametrize("known", [False, True])
def test_machines_read_no_more_of_a_home_than_people(client: FlaskClient, clock: Clock, known: bool) -> None:
    owner = make.resident("Nadia B.", home=(44.69754, 5.19652))
    item = make.item("Tente", owner=owner)
    if known:
        make.log_in(client, make.resident())
    answer = client.get(f"/items/{item.id}")
    circle = linked(answer)["offers"]["areaServed"]
    place = (item.lat, item.lon) if known else (item.coarse_lat, item.coarse_lon)
    assert (circle["geoMidpoint"]["latitude"], circle["geoMidpoint"]["longitude"]) == place
    assert circle["geoRadius"] >= 500
    assert "Nadia" not in json.dumps(linked(answer))


def test_a_shared_link_shows_what_it_is(client: FlaskClient, app: Flask, clock: Clock) -> None:
    item = make.item('Perceuse "18 V"', hub=make.hub("L’Escale"))
    with_photos(item, 1)
    raw = client.get(f"/items/{item.id}").get_data(as_text=True)
    site = app.extensions["movilab.config"].site_url
    assert 'property="og:title" content="Perceuse &quot;18 V&quot;"' in raw
    assert f'property="og:image" content="{site}/photos/' in raw
    assert f'<a href="{site}/items/{item.id}">{site}/items/{item.id}</a>' in raw  # there without a script
    assert "data-share-act" in raw


# -- what is gone -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["retired", "lost"])
def test_who_had_it_learns_that_it_is_gone(client: FlaskClient, clock: Clock, status: str) -> None:
    owner, borrower = make.resident(), make.resident()
    item = make.item("Tente <jaune>", owner=owner)
    make.loan(item, borrower, status="returned")
    make.changed(item, status=status)
    gone = make.log_in(client, borrower).get(f"/items/{item.id}")
    assert gone.status_code == 410
    assert "Tente <jaune>" in text(gone)
    assert "/loans/past" in text(gone)
    assert make.log_in(client, make.resident()).get(f"/items/{item.id}").status_code == 404
    assert client.application.test_client().get(f"/items/{item.id}").status_code == 404


def test_a_draft_is_nobodys_business(client: FlaskClient, clock: Clock) -> None:
    item = make.item(owner=make.resident(), status="draft")
    assert make.log_in(client, make.resident()).get(f"/items/{item.id}").status_code == 404
