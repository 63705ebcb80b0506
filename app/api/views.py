"""The document of the API: OpenAPI 3.1 for programs, one page for people. Both are made from the code."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, render_template
from flask_smorest import Api
from flask_smorest import Blueprint as Calls

from app.core import jsonapi

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

PATHS_WITHOUT_TOKEN = {
    ("/api/v1/accounts", "post"),
    ("/api/v1/tokens", "post"),
    ("/api/v1/users/{user_id}", "get"),
    ("/api/v1/hubs", "get"),
    ("/api/v1/hubs/{hub_id}", "get"),
    ("/api/v1/items", "get"),
    ("/api/v1/items/{item_id}", "get"),
}


REFUSAL = {"schema": {"$ref": "#/components/schemas/Problem"}}


class DocumentedApi(Api):  # type: ignore[misc]  # flask-smorest has no types
    """flask-smorest without its error handlers (they would catch the HTML pages' errors too), and with every refusal
    described as it leaves the house: RFC 9457."""

    def _register_error_handlers(self) -> None:
        return

    def _register_responses(self) -> None:
        refusals = [(status.name, status.phrase) for status in HTTPStatus if status >= 400]
        for name, phrase in [*refusals, ("DEFAULT_ERROR", "What went wrong")]:
            content = {"application/problem+json": {"schema": jsonapi.ProblemSchema}}
            self.spec.components.response(name, {"description": phrase, "content": content}, lazy=True)


def start(app: Flask, calls: list[Calls]) -> None:
    """Hang every room's calls on the application, behind one guard, with one document."""
    app.config.update(
        API_TITLE="MoviLab",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={
            "info": {
                "description": "Neighbours lend, share and learn around hubs. Errors are RFC 9457 problems; lists are "
                "{items, next, total}; every POST but /tokens and /accounts may carry an Idempotency-Key.",
                "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
            }
        },
    )
    api = DocumentedApi(app)
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    api.spec.options["security"] = [{"token": []}]
    app.before_request(jsonapi.guard)
    for room in calls:
        api.register_blueprint(room)
    app.extensions["movilab.api"] = api


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The whole contract, OpenAPI 3.1."""
    return jsonify(_document())


@blueprint.get("/docs")
def docs() -> str:
    """The same for people, without a script."""
    return render_template("api/docs.html", document=_document())


def _document() -> dict[str, Any]:
    document: dict[str, Any] = current_app.extensions["movilab.api"].spec.to_dict()
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            if not isinstance(call, dict):
                continue
            if (path, method) in PATHS_WITHOUT_TOKEN:
                call["security"] = []
            for status, response in call["responses"].items():
                if status >= "400" and "content" in response:
                    response["content"] = {"application/problem+json": REFUSAL}
    return document
