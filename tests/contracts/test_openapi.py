"""The document of the API keeps its word: what is sent as it allows is answered as it says, what is sent against it
is refused, and nothing at all is a fault of ours."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.core.db import db
from tests.contracts.town import Town, town
from tests.harness.databases import FEW, Database
from tests.harness.sizes import FULL

EXAMPLES = 80 if FULL else 10
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
KNOWN = {
    "item_id": "drill",
    "loan_id": "reserved_loan",
    "hub_id": "hub",
    "user_id": "zoe_id",
    "skill_id": "skill_of_owner",
    "session_id": "meeting",
}
"""What stands in a path instead of a number out of the air, half of the time."""
CALLERS = ("anna", "vera", "zoe", "nobody")
ENDS_THE_TOKEN = ("DELETE", "/api/v1/tokens/current")

tried = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def built(database: Database) -> Town:
    with database.app.app_context():
        made = town()
        db.session.remove()
    return made


@pytest.fixture
def document(database: Database) -> Any:
    return schemathesis.openapi.from_wsgi(
        "/api/v1/openapi.json", database.app, config=SchemathesisConfig.from_dict({})
    )


def _operations(document: Any) -> Iterator[APIOperation]:
    for found in document.get_all_operations():
        operation = found.ok()
        if (operation.method.upper(), operation.path) != ENDS_THE_TOKEN:
            yield operation


@pytest.mark.parametrize("database", FEW, indirect=True)
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_call_answers_as_the_document_says(document: Any, built: Town, mode: GenerationMode) -> None:
    """Data that the document allows, and data that it does not, sent by a member, a volunteer, somebody, nobody."""
    tried_calls = 0
    for operation in _operations(document):
        tried_calls += _try(operation, mode, built)
    assert tried_calls > 20


def _try(operation: APIOperation, mode: GenerationMode, built: Town) -> int:
    @tried
    @given(
        case=operation.as_strategy(generation_mode=mode), here=some.booleans(), who=some.sampled_from(CALLERS)
    )
    def every(case: Case, here: bool, who: str) -> None:
        if here and case.path_parameters:
            case.path_parameters = {
                name: built.names[KNOWN[name]] if name in KNOWN else value
                for name, value in case.path_parameters.items()
            }
        case.headers = {**(case.headers or {}), **built.tokens[who]}
        case.validate_response(case.call(), checks=CHECKS)

    try:
        every()
    except Unsatisfiable:  # nothing can be sent against a call that takes nothing
        return 0
    return 1


def test_every_route_is_in_the_document(database: Database, document: Any) -> None:
    written = {
        (operation.method.upper(), operation.path)
        for operation in (f.ok() for f in document.get_all_operations())
    }
    routes = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in database.app.url_map.iter_rules()
        for method in rule.methods or ()
        if rule.rule.startswith("/api/v1/")
        and method not in ("HEAD", "OPTIONS")
        and not rule.endpoint.startswith("api.")
    }
    assert routes == written


def test_document_is_what_the_contract_promises(document: Any) -> None:
    """The calls of this issue, by the names that others rely on."""
    written = {
        f"{o.method.upper()} {o.path.removeprefix('/api/v1')}"
        for o in (f.ok() for f in document.get_all_operations())
    }
    assert set(PROMISED) <= {re.sub(r"\{\w+\}", "{}", call) for call in written}


PROMISED = (
    """
POST /accounts|POST /tokens|DELETE /tokens/current|GET /me|PATCH /me|GET /users/{}
GET /hubs|GET /hubs/{}|POST /hubs/{}/members|POST /hubs/{}/members/{}/verify|POST /hubs/{}/residents
GET /items|POST /items|GET /items/{}|PATCH /items/{}|DELETE /items/{}|POST /items/{}/photos|POST /items/{}/loans
GET /loans|GET /loans/{}|POST /loans/{}/approve|POST /loans/{}/decline|POST /loans/{}/cancel|POST /loans/{}/renew
POST /loans/{}/messages|GET /loans/{}/messages|POST /loans/{}/handed-over|POST /loans/{}/handed-back
POST /counter/check-out|POST /counter/check-in|GET /counter/lookup
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
