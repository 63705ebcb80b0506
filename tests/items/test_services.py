"""Posting, changing, taking back: who may, what is checked, what is published."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, transaction
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, Problem, Stale
from app.core.images import Stored
from app.finding import placing
from app.finding.words import search_text
from app.geo import places
from app.geo.rules import COARSE_M, PUBLISHED_M, cell
from app.items import claims, jobs, queries, services
from app.items.models import Induction, Item, ItemClaim
from tests import factories as make

PHOTO = Stored("0" * 32, 1280, 960)


@pytest.fixture(autouse=True)
def shelf(app: Flask) -> Any:
    top = make.category("bricolage")
    return make.category("perceuses", parent_id=top.id)


def post(who: Any, **fields: Any) -> Item:
    said = {"title": "Perceuse", "category": "perceuses", "mode": ["lend"], **fields}
    with transaction():
        return services.post_item(actor_id=who.id, now=clock.now(), **said)


def edit(item: Item, who: Any, **fields: Any) -> Item:
    with transaction():
        return services.edit_item(item_id=item.id, actor_id=who.id, now=clock.now(), **fields)


def refused(problem: type[Problem], act: Any, *args: Any, **fields: Any) -> Any:
    with pytest.raises(problem) as found:
        act(*args, **fields)
    if isinstance(found.value, Invalid):
        return {name: code for name, (code, _) in found.value.errors.items()}
    return found.value.code


def test_kept_at_home_only_cells_are_published(app: Flask) -> None:
    owner = make.resident(home=(44.6975, 5.1965))
    item = post(owner)
    near = cell(owner.home_lat or 0, owner.home_lon or 0, PUBLISHED_M)
    far = places.coarse(near.lat, near.lon)
    assert (far.lat, far.lon) == (44.69544, 5.18294), "the centre of Saillans"
    assert (item.lat, item.lon, item.precision_m) == (near.lat, near.lon, PUBLISHED_M)
    assert (item.coarse_lat, item.coarse_lon) == (far.lat, far.lon)
    assert (item.owner_resident_id, item.owner_hub_id, item.hub_id) == (owner.id, None, None)
    assert item.status == "active"
    assert item.code.startswith("I-")
    assert item.search_text == search_text("Perceuse", *queries.shelf_names(item.category_id))
    assert item.search_text.startswith(" perceuse f_perceux e_perceus c_")


def test_what_is_seen_from_far_follows_the_gazetteer(app: Flask) -> None:
    owner, at_hub = make.resident(home=(44.6975, 5.1965)), make.hub()
    before = {"coarse_lat": 44.6, "coarse_lon": 5.0}
    old = [
        make.item(owner=owner, status=status, **before) for status in ("active", "lost", "draft", "retired")
    ]
    right = make.item(owner=owner)
    abroad = make.item(owner=make.resident(home=(51.5, -0.1)), **before)
    left = make.item(hub=at_hub, owner=owner, coarse_lat=at_hub.lat, coarse_lon=at_hub.lon)
    versions = [item.version for item in old]
    assert jobs.place_anew(now=clock.now()) == 5
    db.session.expire_all()
    for item in old:
        assert (
            (item.coarse_lat, item.coarse_lon) == (44.69544, 5.18294) == (right.coarse_lat, right.coarse_lon)
        )
    assert [item.version for item in old] == versions
    assert (abroad.coarse_lat, abroad.coarse_lon) == (
        (there := cell(abroad.lat, abroad.lon, COARSE_M)).lat,
        there.lon,
    )
    assert (left.coarse_lat, left.coarse_lon) == (at_hub.lat, at_hub.lon)
    assert jobs.place_anew(now=clock.now()) == 0


def test_objects_are_placed_anew_in_portions(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placing, "AT_ONCE", 3)
    owner = make.resident(home=(44.6975, 5.1965))
    for _ in range(6):
        make.item(owner=owner, coarse_lat=44.6, coarse_lon=5.0)
    assert jobs.place_anew(now=clock.now()) == 6
    assert jobs.place_anew(now=clock.now()) == 0


def test_kept_at_a_hub_its_point_is_published(app: Flask) -> None:
    hub = make.hub()
    member = make.resident(home=None)
    make.membership(hub, member, status="pending")
    item = post(member, hub=hub.slug)
    assert (item.lat, item.lon, item.precision_m, item.hub_id) == (hub.lat, hub.lon, 0, hub.id)
    assert (item.coarse_lat, item.coarse_lon) == (hub.lat, hub.lon)
    assert not item.needs_approval
    assert post(member, hub=str(hub.id), asks_each_time=True).needs_approval


def test_a_hubs_own_object_is_posted_by_its_volunteers(app: Flask) -> None:
    hub = make.hub()
    volunteer = make.volunteer(hub)
    item = post(volunteer, owner="hub", hub=hub.slug)
    assert (item.owner_resident_id, item.owner_hub_id, item.hub_id) == (None, hub.id, hub.id)
    member = make.verified_member(hub)
    assert refused(Forbidden, post, member, owner="hub", hub=hub.slug) == "hubs.not_volunteer"
    assert refused(Invalid, post, volunteer, owner="hub") == {"hub": "core.required"}


def test_who_may_not_leave_an_object_where(app: Flask) -> None:
    hub, draft = make.hub(), make.hub(status="draft")
    stranger, homeless = make.resident(), make.resident(home=None)
    banned = make.resident()
    make.membership(hub, banned, status="suspended")
    assert refused(Forbidden, post, stranger, hub=hub.slug) == "items.not_member_there"
    assert refused(Forbidden, post, banned, hub=hub.slug) == "items.not_member_there"
    assert refused(Invalid, post, homeless) == {"hub": "items.no_home"}
    for name in ("nowhere", "99999999999", draft.slug, "é'--"):
        assert refused(Invalid, post, stranger, hub=name) == {"hub": "items.hub_unknown"}


def test_the_address_is_confirmed_first_unless_somebody_was_seen_in_person(app: Flask) -> None:
    new = make.resident(confirmed=False)
    assert refused(Conflict, post, new) == "items.email_unconfirmed"
    seen = make.resident(confirmed=False, email=None, verified_in_person_at=clock.now())
    assert post(seen).id


WRONG = [
    ({"title": None}, {"title": "core.required"}),
    ({"title": " \u200e\u0000 "}, {"title": "core.required"}),
    ({"title": "x"}, {"title": "core.too_short"}),
    ({"title": "x" * 121}, {"title": "core.too_long"}),
    ({"title": "x" * 5000}, {"title": "core.too_long"}),
    ({"description": "x" * 4001}, {"description": "core.too_long"}),
    ({"category": None}, {"category": "core.required"}),
    ({"category": "nothing"}, {"category": "core.not_a_choice"}),
    ({"category": "bricolage"}, {"category": "core.not_a_choice"}),
    ({"mode": []}, {"mode": "items.some_mode"}),
    ({"mode": ["sell"]}, {"mode": "core.not_a_choice"}),
    ({"owner": "them"}, {"owner": "core.not_a_choice"}),
    ({"condition": "broken"}, {"condition": "core.not_a_choice"}),
    ({"value_cents": -1}, {"value_cents": "items.money_range"}),
    ({"deposit_cents": 10**15}, {"deposit_cents": "items.money_range"}),
    ({"max_days": 0}, {"max_days": "core.out_of_range"}),
    ({"max_days": 366}, {"max_days": "core.out_of_range"}),
    ({"buffer_days": 61}, {"buffer_days": "core.out_of_range"}),
    ({"parts": [{"name": "a"}] * 41}, {"parts": "items.too_many_parts"}),
    ({"parts": [{"name": ""}]}, {"parts": "core.required"}),
    ({"parts": [{"name": "a", "count": 0}]}, {"parts": "core.out_of_range"}),
    ({"parts": [{"name": "a" * 81}]}, {"parts": "core.too_long"}),
    ({"notices": ["a"] * 13}, {"notices": "items.too_many_notices"}),
    ({"notices": ["a" * 401]}, {"notices": "core.too_long"}),
    ({"induction": "a" * 81}, {"induction": "core.too_long"}),
    ({"shelf": "a" * 41}, {"shelf": "core.too_long"}),
    ({"title": "", "max_days": -5}, {"title": "core.required", "max_days": "core.out_of_range"}),
]


@pytest.mark.parametrize(("fields", "faults"), WRONG)
def test_every_field_is_checked_and_nothing_is_written(
    app: Flask, fields: dict[str, Any], faults: dict[str, str]
) -> None:
    who = make.resident()
    assert refused(Invalid, post, who, **fields) == faults
    assert db.session.query(Item).count() == 0


def test_what_people_type_is_kept_as_they_mean_it(app: Flask) -> None:
    who = make.resident()
    item = post(
        who,
        title="  Échelle \u202e double\u0000  🪜 ",
        description="<b>Grande</b>\r\n\r\n\r\n\r\n'; DROP TABLE item; --",
        mode=["give", "swap"],
        parts=[{"name": "Sangle", "count": 2}, {"name": "Housse"}],
        notices=["À deux."],
        deposit_cents=0,
        value_cents=12_345,
        induction="",
        max_days=None,
    )
    assert item.title == "Échelle double 🪜"
    assert item.description == "<b>Grande</b>\n\n'; DROP TABLE item; --"
    assert item.modes == ["swap", "give"]
    assert [(part.name, part.count, part.position) for part in item.parts] == [
        ("Sangle", 2, 0),
        ("Housse", 1, 1),
    ]
    assert (item.notices, item.induction, item.deposit_cents, item.value_cents) == (
        ["À deux."],
        None,
        0,
        12_345,
    )


def test_only_what_is_given_changes_and_nobody_overwrites_unseen(app: Flask) -> None:
    who = make.resident()
    item = post(who, description="Bleue", parts=[{"name": "Clé"}])
    read = item.version
    changed = edit(item, who, title="Perceuse rouge", version=read)
    assert (changed.title, changed.description, len(changed.parts)) == ("Perceuse rouge", "Bleue", 1)
    assert changed.search_text == search_text("Perceuse rouge", *queries.shelf_names(item.category_id))
    assert changed.version == read + 1
    refused(Stale, edit, item, who, title="Perceuse verte", version=read)
    assert edit(item, who, parts=[]).parts == []
    db.session.expire_all()
    assert db.session.get(Item, item.id).title == "Perceuse rouge"  # type: ignore[union-attr]


def test_only_those_who_look_after_it_change_it(app: Flask) -> None:
    hub = make.hub()
    owner, other, volunteer = make.verified_member(hub), make.verified_member(hub), make.volunteer(hub)
    left = post(owner, hub=hub.slug)
    own = post(volunteer, owner="hub", hub=hub.slug)
    elsewhere = make.volunteer(make.hub())
    for item, who in ((left, other), (left, volunteer), (own, owner), (own, elsewhere)):
        assert refused(Forbidden, edit, item, who, title="À moi") == "items.only_the_owner"
    assert edit(own, make.coordinator(hub), title="Rangée").title == "Rangée"
    assert edit(left, volunteer, shelf="B3").shelf == "B3"
    refused(Forbidden, edit, left, other, shelf="B4")
    suspended = make.resident()
    make.membership(hub, suspended, status="suspended", roles=("volunteer",))
    refused(Forbidden, edit, own, suspended, title="Non")


def test_drafts_of_others_do_not_exist(app: Flask) -> None:
    owner, other = make.resident(), make.resident()
    draft = make.item(owner=owner, status="draft")
    refused(NotFound, edit, draft, other, title="Autre")
    assert edit(draft, owner, title="Autre").title == "Autre"
    for unknown in (0, -1, 123_456):
        with pytest.raises(NotFound), transaction():
            services.retire(item_id=unknown, actor_id=owner.id, now=clock.now())


def test_it_moves_between_home_and_hub_while_nobody_counts_on_it(app: Flask) -> None:
    hub = make.hub(place=(45.0, 5.0))
    owner = make.verified_member(hub, home=(44.7, 5.2))
    item = post(owner)
    moved = edit(item, owner, hub=hub.slug)
    assert (moved.hub_id, moved.lat, moved.precision_m) == (hub.id, 45.0, 0)
    make.loan(item, make.verified_member(hub))
    assert refused(Conflict, edit, item, owner, hub=None) == "items.days_taken"
    assert edit(item, owner, hub=hub.slug, title="Même endroit").hub_id == hub.id
    own = post(make.volunteer(hub), owner="hub", hub=hub.slug)
    refused(Invalid, edit, own, make.volunteer(hub), hub=None)
    assert refused(Invalid, edit, item, owner, owner="hub") == {"owner": "items.owner_stays"}


def test_retired_once_nobody_has_it(app: Flask) -> None:
    owner = make.resident()
    item = post(owner)
    today = clock.now().date()
    make.claim(item, today, today + timedelta(days=3))

    def retire(who: Any, **version: int) -> None:
        with transaction():
            services.retire(item_id=item.id, actor_id=who.id, now=clock.now(), **version)

    refused(Forbidden, retire, make.resident())
    refused(Stale, retire, owner, version=99)
    loan = make.claim(item, today + timedelta(days=5), today + timedelta(days=6), "loan")
    assert refused(Conflict, retire, owner) == "items.days_taken"
    make.changed(loan, live=False)
    retire(owner)
    db.session.expire_all()
    assert db.session.get(Item, item.id).status == "retired"  # type: ignore[union-attr]
    assert db.session.query(ItemClaim).filter_by(live=True).count() == 0
    refused(NotFound, retire, owner)


def test_photos_keep_an_order_and_a_limit(app: Flask) -> None:
    owner = make.resident()
    item = post(owner)

    def add(name: str) -> int:
        with transaction():
            return services.add_photo(
                item_id=item.id, actor_id=owner.id, photo=Stored(name * 32, 1280, 960), now=clock.now()
            ).id

    def order() -> str:
        db.session.expire_all()
        photos = db.session.get(Item, item.id).photos  # type: ignore[union-attr]
        assert [photo.position for photo in photos] == list(range(len(photos)))
        return "".join(photo.file[0] for photo in photos)

    ids = [add(name) for name in "abcdef01"]
    assert order() == "abcdef01"
    assert refused(Conflict, add, "2") == "items.too_many_photos"
    with transaction():
        services.put_photo_first(item_id=item.id, photo_id=ids[2], actor_id=owner.id, now=clock.now())
    assert order() == "cabdef01"
    with transaction():
        name = services.remove_photo(item_id=item.id, photo_id=ids[0], actor_id=owner.id, now=clock.now())
    assert name == "a" * 32
    assert order() == "cbdef01"
    for photo_id, who, problem in ((ids[0], owner, NotFound), (ids[1], make.resident(), Forbidden)):
        with pytest.raises(problem), transaction():
            services.remove_photo(item_id=item.id, photo_id=photo_id, actor_id=who.id, now=clock.now())


def test_days_for_oneself(app: Flask, clock: Any) -> None:
    today = date(2026, 11, 25)
    owner = make.resident()
    item = post(owner)

    def keep(first: int, last: int, who: Any = owner) -> ItemClaim:
        with transaction():
            return services.take_own_days(
                item_id=item.id,
                actor_id=who.id,
                first_day=today + timedelta(days=first),
                last_day=today + timedelta(days=last),
                now=clock.now,
            )

    kept = keep(2, 4)
    assert (kept.kind, kept.first_day, kept.end_day) == ("own", date(2026, 11, 27), date(2026, 11, 30))
    assert keep(5, 5).end_day == date(2026, 12, 1)
    assert keep(1, 1).live
    assert refused(Conflict, keep, 4, 9) == "items.days_taken_then"
    assert refused(Invalid, keep, -1, 0) == {"from": "items.day_passed"}
    assert refused(Invalid, keep, 20, 19) == {"to": "items.days_reversed"}
    assert refused(Invalid, keep, 20, 500) == {"to": "items.too_many_days"}
    assert refused(Invalid, keep, 900, 901) == {"to": "items.too_many_days"}
    refused(Forbidden, keep, 20, 21, make.resident())
    with transaction():
        services.give_own_days_back(item_id=item.id, claim_id=kept.id, actor_id=owner.id)
    assert [one.first_day for one in claims.live_claims(item.id, from_day=today)] == [
        date(2026, 11, 26),
        date(2026, 11, 30),
    ]
    loan = make.claim(item, today + timedelta(days=30), today + timedelta(days=31), "loan")
    for claim_id in (kept.id, loan.id, 999_999):
        with pytest.raises(NotFound), transaction():
            services.give_own_days_back(item_id=item.id, claim_id=claim_id, actor_id=owner.id)


def test_an_induction_is_granted_by_the_hubs_coordinator_or_by_the_owner_at_home(app: Flask) -> None:
    hub = make.hub()
    laser = make.item("Laser", hub=hub, induction="Découpe laser")
    saw = make.item("Scie", owner=(owner := make.resident()), induction="Scie à ruban")
    plain = make.item("Marteau", hub=hub)
    learner, boss = make.verified_member(hub), make.coordinator(hub)

    def grant(item: Item, who: Any) -> Induction:
        with transaction():
            return services.grant_induction(
                item_id=item.id, resident_id=learner.id, actor_id=who.id, now=clock.now()
            )

    assert refused(Forbidden, grant, laser, make.volunteer(hub)) == "hubs.not_coordinator"
    assert refused(Forbidden, grant, saw, boss) == "items.only_the_owner"
    refused(NotFound, grant, plain, boss)
    granted = grant(laser, boss)
    assert (granted.resident_id, granted.name, granted.granted_by_id) == (
        learner.id,
        "Découpe laser",
        boss.id,
    )
    assert grant(laser, boss).granted_at == granted.granted_at
    assert grant(saw, owner).name == "Scie à ruban"
    assert db.session.query(AuditEntry).filter_by(act="items.induction").count() == 2


def test_what_is_kept_at_home_moves_with_it(app: Flask) -> None:
    hub = make.hub()
    owner = make.verified_member(hub, home=(44.7, 5.2))
    at_home, at_hub = post(owner), post(owner, hub=hub.slug)
    make.changed(owner, home_lat=48.85, home_lon=2.35)
    with transaction():
        services.move_home(resident_id=owner.id, now=clock.now())
    db.session.expire_all()
    assert db.session.get(Item, at_home.id).lat == cell(48.85, 2.35, PUBLISHED_M).lat  # type: ignore[union-attr]
    assert db.session.get(Item, at_hub.id).lat == hub.lat  # type: ignore[union-attr]
