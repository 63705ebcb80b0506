"""`kill -9` while a campaign closes and its cards are asked, then a restart: each card pays once, what it paid stands in
the ledger, and the campaign ends as it would have."""

import signal
import subprocess
import sys

import pytest
from flask import Flask

from app.core import clock
from app.core.db import db
from config import PROJECT_ROOT
from tests import factories
from tests.faults.collecting_points import POINTS
from tests.harness.databases import FEW, Database
from tests.harness.provider import GOOD, Provider
from tests.harness.sizes import FULL, sized
from tests.payments.cards.acts import posted
from tests.purchases.collecting.scene import Scene
from tests.purchases.pledging import acts

DEATHS = [[point] for point in POINTS] if FULL else [list(POINTS[10 : 10 + sized(len(POINTS))])]
"""Whole: each death in a life of its own. Small: one after the other, in one."""
LATER = 600
"""Seconds between a death and the restart: longer than any lease."""


def collect(database: Database, provider: Provider, seconds: int, *death: str) -> int:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.collector", str(seconds), *death],
        env={**database.environ, **provider.environ},
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode


@pytest.mark.parametrize("database", FEW, indirect=True)
@pytest.mark.parametrize("deaths", DEATHS, ids=str)
def test_every_card_pays_once(
    card_app: Flask, database: Database, provider: Provider, deaths: list[tuple[str, int]]
) -> None:
    scene = Scene(provider, [GOOD] * 3)
    by_hand = scene.joins(None)
    now = clock.now()
    factories.changed(scene.campaign, closes_at=now)
    db.session.rollback()
    for life, (point, number) in enumerate(deaths):
        assert collect(database, provider, life * LATER, point, str(number)) == -signal.SIGKILL
    assert collect(database, provider, len(deaths) * LATER) == 0

    assert scene.status == "succeeded"
    assert scene.totals() == [2 * 1000 + 150] * 3
    assert len(provider.all("payment_intents")) == 3
    assert sorted(provider.taken().values()) == scene.totals()
    assert posted().count("capture") == 3
    assert posted().count("due") == 4
    assert scene.in_ledger() == scene.at_provider()
    assert set(scene.owed().values()) == {0}
    assert acts.events("CampaignCollecting") == acts.events("CampaignSucceeded") == 1
    assert len(acts.told(by_hand, "pledging.succeeded")) == 1
