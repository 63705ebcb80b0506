"""Who reacts to what, on one page: the blueprints, the sentences, the events and their handlers, the timetable,
what each room gives and forgets of a person."""

from collections.abc import Callable, Sequence

from flask import Blueprint, Flask

from app.accounts import models as _accounts
from app.core import audit as _audit
from app.core import idempotency as _idempotency
from app.core import wording as core_wording
from app.core.outbox import Handlers
from app.lending import models as _lending
from app.messages import models as _messages
from app.scheduler import models as _scheduler
from app.scheduler.timetable import Job

TABLES = (_accounts, _audit, _idempotency, _lending, _messages, _scheduler)
"""Every room with tables, so that the migrations see them all."""

WORDING = (core_wording.SENTENCES,)

BLUEPRINTS: Sequence[Blueprint] = ()

HANDLERS: Handlers = {}

TIMETABLE: Sequence[Job] = ()

STARTS: Sequence[Callable[[Flask], None]] = ()

EXPORTS: Sequence[Callable[..., object]] = ()
ERASURES: Sequence[Callable[..., None]] = ()
