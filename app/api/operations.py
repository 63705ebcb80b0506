"""Is it up, is it ready, how is it doing: for the machines that watch over it."""

import hmac
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, g, jsonify, request
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.core.db import db
from app.core.errors import NotFound
from app.core.jobs import Heartbeat, JobRun
from app.core.outbox import StoredEvent
from app.notifications.models import Mail
from config import Config

blueprint = Blueprint("operations", __name__)

OLDEST_HEARTBEAT = timedelta(seconds=60)
OLDEST_MAIL = timedelta(minutes=30)
CURRENT_HEAD = Path(__file__).resolve().parents[2] / "migrations" / ".current-head"


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process is up; nothing else is asked."""
    return jsonify({"status": "ok"})


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """200 when the database answers with the schema of this code, the scheduler lives and mail leaves; else 503,
    and which of them does not."""
    checks = _checks()
    ready = all(check == "ok" for check in checks.values())
    return jsonify({"status": "ok" if ready else "not_ready", "checks": checks}), 200 if ready else 503


@blueprint.get("/metrics")
def metrics() -> Response:
    """Prometheus figures; from this machine, or with the token of `MOVILAB_METRICS_TOKEN`."""
    if not _may_measure():
        raise NotFound
    registry = CollectorRegistry()
    for name, what, value in _figures():
        Gauge(name, what, registry=registry).set(value)
    failures = Gauge("movilab_job_failures", "Failures in a row of a job", ["job"], registry=registry)
    seconds = Gauge(
        "movilab_job_duration_seconds", "Duration of a job's last run", ["job"], registry=registry
    )
    for run in db.session.scalars(select(JobRun)):
        failures.labels(run.name).set(run.failures)
        seconds.labels(run.name).set(run.duration_ms / 1000)
    return Response(generate_latest(registry), content_type="text/plain; version=0.0.4; charset=utf-8")


def _may_measure() -> bool:
    config: Config = current_app.extensions["movilab.config"]
    if config.metrics_token and hmac.compare_digest(
        request.headers.get("Authorization", "").encode(), f"Bearer {config.metrics_token}".encode()
    ):
        return True
    # Behind a proxy every address is this machine's: a forwarded request needs the token.
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return not forwarded and request.remote_addr is not None and ip_address(request.remote_addr).is_loopback


def _checks() -> dict[str, str]:
    try:
        version = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar()
        beat = db.session.scalar(select(func.max(Heartbeat.at)))
        oldest = _oldest_mail()
    except SQLAlchemyError:
        db.session.rollback()
        return {"database": "away"}
    late = beat is None or g.now - beat > OLDEST_HEARTBEAT
    stuck = oldest is not None and g.now - oldest > OLDEST_MAIL
    return {
        "database": "ok",
        "migrations": "ok" if version == CURRENT_HEAD.read_text().strip() else "behind",
        "scheduler": "silent" if late else "ok",
        "mail": "stuck" if stuck else "ok",
    }


def _oldest_mail() -> Any:
    return db.session.scalar(
        select(func.min(Mail.next_try_at)).where(Mail.status == "pending", Mail.attempts == 0)
    )


def _figures() -> list[tuple[str, str, float]]:
    pending = db.session.scalar(select(func.count()).where(Mail.status == "pending")) or 0
    failed = db.session.scalar(select(func.count()).where(Mail.status == "failed")) or 0
    waiting = db.session.scalar(select(func.count()).where(StoredEvent.delivered_at.is_(None))) or 0
    beat = db.session.scalar(select(func.max(Heartbeat.at)))
    return [
        ("movilab_mail_pending", "Mails that wait to leave", pending),
        ("movilab_mail_failed", "Mails that were given up", failed),
        ("movilab_events_waiting", "Stored events that not every room has been told of", waiting),
        (
            "movilab_heartbeat_age_seconds",
            "Since the scheduler last said that it lives",
            (g.now - beat).total_seconds() if beat else -1,
        ),
    ]
