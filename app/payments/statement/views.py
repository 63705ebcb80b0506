"""One's own money: what to pay, what is there to have back, the statement, and the same as a table."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from app.core import tokens
from app.core.clock import home_zone
from app.core.db import transaction
from app.core.errors import Conflict
from app.core.http import spoken
from app.core.i18n import _, current_locale, format_money, has_sentence, sentence
from app.core.spreadsheets import spreadsheet
from app.payments.ledger import statements
from app.payments.ledger.statements import Line
from app.payments.ledger.subjects import Named, named
from app.payments.statement import services

blueprint = Blueprint("balance", __name__)


@blueprint.get("/balance")
def show() -> str:
    """What is to be paid comes first."""
    cursor = request.args.get("cursor")
    page = statements.lines_of(current_user.id, cursor=cursor)
    open_now = [] if cursor else statements.open_of(current_user.id)
    names = named({line.subject for line in page.lines} | {one.subject for one in open_now})
    return render_template(
        "payments/balance.html",
        page=page,
        first=not cursor,
        to_pay=[one for one in open_now if one.cents < 0],
        hers=[one for one in open_now if one.cents > 0],
        sums=_sums(open_now),
        names=names,
        payable={(names[one.subject].hub_id, one.currency) for one in open_now if one.cents > 0},
        once=tokens.new_token(),
        what=kind_words,
    )


@blueprint.post("/balance/use")
def use() -> AnyResponse:
    """What is hers pays what she owes."""
    currency = request.form.get("currency", "")
    try:
        with transaction():
            cents = services.use(
                once=request.form.get("once", ""),
                subject=request.form.get("subject", ""),
                currency=currency,
                actor_id=current_user.id,
                now=g.now,
            )
    except Conflict as problem:
        flash(spoken(problem), "warn")
    else:
        flash(_("%(sum)s sont payés avec ce qui est à vous.", sum=format_money(cents, currency)), "ok")
    return redirect(url_for(".show"))


@blueprint.get("/balance.csv")
def as_table() -> Response:
    """All of it. Sums in whole cents, so that no program takes a comma for a point."""
    lines = list(statements.all_lines(current_user.id))
    names = named({line.subject for line in lines})
    header = (
        _("Date"), _("Opération"), _("Pour"), _("Un mot"), _("Centimes"), _("Solde en centimes"), _("Monnaie"),
        _("Écriture"),
    )  # fmt: skip
    return Response(
        spreadsheet(header, (_cells(line, names) for line in lines), language=current_locale()),
        mimetype="text/csv",
        headers={"Content-Disposition": 'attachment; filename="balance.csv"', "Cache-Control": "no-store"},
    )


def kind_words(kind: str) -> str:
    """What an entry was; the rooms name their own kinds of transactions."""
    code = f"payments.kind.{kind}"
    return sentence(code if has_sentence(code) else "payments.kind.other")


def _cells(line: Line, names: dict[str, Named]) -> tuple[object, ...]:
    return (
        line.at.astimezone(ZoneInfo(home_zone())).isoformat(timespec="minutes"),
        kind_words(line.kind),
        names[line.subject].words,
        line.note,
        line.cents,
        line.balance,
        line.currency,
        line.transaction_id,
    )


def _sums(open_now: Iterable[statements.Open]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for one in open_now:
        sums[one.currency] = sums.get(one.currency, 0) + one.cents
    return sums
