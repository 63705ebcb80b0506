"""Reports, for programs."""

from typing import Any

import marshmallow as ma
from flask import Response, g
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import fields

from app.core import jsonapi
from app.reports import rules, services

blueprint = Blueprint(
    "reports_api", __name__, url_prefix="/api/v1", description="Reports: saying that something is wrong."
)

Json = jsonapi.Json


class ReportBody(jsonapi.Body):
    """What is reported and why."""

    subject = fields.String(required=True, metadata={"description": "`item:12`."})
    reason = fields.String(required=True, metadata={"enum": list(rules.REASONS)})
    text = fields.String(
        load_default=None,
        allow_none=True,
        metadata={"description": "2,000 characters at most; needed with `other`."},
    )


class ReportSchema(ma.Schema):
    """One's own report, as it was taken."""

    id = fields.String()
    subject = fields.String()
    reason = fields.String()
    status = fields.String(metadata={"enum": ["open", "settled"]})
    created_at = fields.DateTime()


@blueprint.post("/reports")
@blueprint.arguments(ReportBody)
@blueprint.response(201, ReportSchema)
def report(body: Json) -> Response:
    """Say that something is wrong with an object. Those who look after its place are told, never its owner. 409
    `already_open` while an earlier report of one's own waits, 429 after ten in a day."""

    def do() -> Json:
        made = services.report_item(
            item_id=services.item_of(body["subject"]),
            reason=body["reason"],
            text=body["text"],
            actor_id=current_user.id,
            now=g.now,
        )
        answer: dict[str, Any] = {
            "id": str(made.id),
            "subject": f"{made.subject_kind}:{made.subject_id}",
            "reason": made.reason,
            "status": "open",
            "created_at": jsonapi.moment(made.created_at),
        }
        return answer

    return jsonapi.act(do, status=201)
