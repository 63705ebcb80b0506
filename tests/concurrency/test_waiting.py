"""Many want one place, one turn, one object at one moment: the line stays a line."""

from itertools import pairwise

from flask import Flask
from sqlalchemy import select

from app.core.db import db
from app.items.models import ItemClaim
from app.lending.models import Loan
from app.lending.waiting.models import PlaceInLine
from tests import factories
from tests.concurrency.crowd import Call, all_at_once, codes, none_failed, post, statuses
from tests.harness.web import WebServer

NEIGHBOURS = 10


def test_all_join_while_it_comes_back(app: Flask, server: WebServer) -> None:
    """Whoever was first has it kept aside, whether the scan came before or after."""
    hub = factories.hub()
    drill = factories.item(hub=hub)
    factories.loan(drill, factories.verified_member(hub), status="checked_out")
    counter = factories.bearer(factories.volunteer(hub))
    programs = [factories.bearer(factories.verified_member(hub)) for _ in range(NEIGHBOURS)]
    answers = all_at_once(
        server,
        [post(f"/items/{drill.id}/waitlist", headers=program) for program in programs * 2]
        + [post("/counter/check-in", {"item_code": drill.code, "hub": str(hub.id)}, headers=counter)],
    )
    none_failed(answers)
    assert statuses(answers[:-1]) == {201: NEIGHBOURS * 2}, codes(answers)
    db.session.rollback()
    places = db.session.scalars(select(PlaceInLine).order_by(PlaceInLine.turn)).all()
    assert [place.turn for place in places] == list(range(1, NEIGHBOURS + 1))
    assert [place.status for place in places] == ["ready"] + ["waiting"] * (NEIGHBOURS - 1)
    held = db.session.scalars(select(ItemClaim.id).where(ItemClaim.live)).all()
    assert held == [places[0].claim_id]


def test_a_turn_is_taken_passed_left_and_collected_at_one_moment(app: Flask, server: WebServer) -> None:
    """One of these holds: on any day the object is with one person or kept for one, never for two. Late in the evening
    her turn begins tomorrow, and what is free until then may be lent to another."""
    hub = factories.hub()
    anna, basil = factories.verified_member(hub), factories.verified_member(hub)
    drill = factories.item(hub=hub)
    factories.place_in_line(drill, anna, status="ready")
    factories.place_in_line(drill, basil)
    hers, counter = factories.bearer(anna), factories.bearer(factories.volunteer(hub))
    line = f"/items/{drill.id}/waitlist"
    scans = [
        post(
            "/counter/check-out",
            {"item_code": drill.code, "member_code": who.code, "hub": str(hub.id)},
            headers=counter,
        )
        for who in (anna, basil)
    ]
    acts = [
        post(f"{line}/take", headers=hers),
        post(f"{line}/pass", headers=hers),
        Call("DELETE", f"/api/v1{line}", hers),
    ]
    answers = all_at_once(server, (acts + scans) * 2)
    none_failed(answers)
    db.session.rollback()
    kept = db.session.scalars(select(PlaceInLine).where(PlaceInLine.status == "ready")).all()
    loans = db.session.scalars(select(Loan).where(Loan.status.in_(("reserved", "checked_out")))).all()
    live = db.session.scalars(select(ItemClaim).where(ItemClaim.live).order_by(ItemClaim.first_day)).all()
    asked_by = [*(place.claim_id for place in kept), *(loan.claim_id for loan in loans)]
    assert sorted(claim.id for claim in live) == sorted(asked_by)
    assert all(one.end_day <= later.first_day for one, later in pairwise(live)), statuses(answers)
    assert len(kept) + sum(loan.status == "checked_out" for loan in loans) <= 1, statuses(answers)
