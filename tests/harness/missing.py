"""What a machine may lack: such tests are skipped and named at the end, or fail where everything must run."""

import os
from typing import NoReturn

import pytest

REQUIRE_ALL = os.environ.get("MOVILAB_REQUIRE_ALL") == "1"


def missing(what: str) -> NoReturn:
    """Skip the test that asks, because this machine has no `what`; with MOVILAB_REQUIRE_ALL=1, fail it."""
    if REQUIRE_ALL:
        pytest.fail(f"{what} (MOVILAB_REQUIRE_ALL=1: nothing may be skipped)", pytrace=False)
    pytest.skip(what)
