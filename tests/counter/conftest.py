"""What tests of the counter's pages share."""

import pytest
from flask.testing import FlaskClient

from tests.harness.clock import Clock
from tests.harness.desk import Desk


@pytest.fixture
def desk(client: FlaskClient, clock: Clock) -> Desk:
    return Desk(client, clock)
