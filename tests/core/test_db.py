"""The one transaction: whole or not at all, never nested, and the database's own refusals in words."""

import threading
from datetime import UTC, date, datetime

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, insert, select, text

from app.accounts.models import Resident
from app.core import codes
from app.core.db import Retry, db, rehearsal, retrying, transaction
from app.core.errors import Conflict, Unavailable

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def _resident(number: int, email: str | None = None) -> Resident:
    return Resident(
        name="Nadia B.", email=email, code=str(codes.numbered("M", number)), created_at=NOW, locale="fr"
    )


def _count() -> int:
    return db.session.scalar(select(func.count()).select_from(Resident)) or 0


def test_what_fails_leaves_nothing(app: Flask) -> None:
    with pytest.raises(ZeroDivisionError), transaction() as session:
        session.add(_resident(1))
        session.flush()
        raise ZeroDivisionError
    assert _count() == 0


def test_a_transaction_inside_a_transaction_is_a_mistake(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="inside a transaction"), transaction(), transaction():
        pass
    with transaction() as session:
        session.add(_resident(1))
    assert _count() == 1


def test_a_rehearsal_shows_everything_and_keeps_nothing(app: Flask) -> None:
    with rehearsal():
        with transaction() as session:
            session.add(_resident(1))
        with pytest.raises(ZeroDivisionError), transaction() as session:
            session.add(_resident(2))
            session.flush()
            raise ZeroDivisionError
        with pytest.raises(Conflict), transaction() as session:
            session.add(_resident(1))
        assert _count() == 1
    assert _count() == 0
    with transaction() as session:
        session.add(_resident(1))
    assert _count() == 1


def test_a_change_made_outside_is_a_mistake(app: Flask) -> None:
    db.session.add(_resident(1))
    with pytest.raises(RuntimeError, match="outside a transaction"), transaction():
        pass
    db.session.rollback()


def test_a_refused_row_is_told_by_its_constraint(app: Flask) -> None:
    with transaction() as session:
        session.add(_resident(1, "nadia@example.org"))
    with pytest.raises(Conflict) as refused, transaction() as session:
        session.add(_resident(2, "nadia@example.org"))
    assert refused.value.code == "accounts.email_taken"


def test_moments_come_back_aware_and_naive_ones_are_refused(app: Flask) -> None:
    with transaction() as session:
        session.add(_resident(1))
    db.session.expunge_all()
    kept = db.session.scalars(select(Resident)).one()
    assert kept.created_at == NOW
    assert kept.created_at.tzinfo is not None
    with pytest.raises(Exception, match="time zone"), transaction() as session:
        session.add(Resident(name="x", code="M-x", created_at=NOW.replace(tzinfo=None), locale="fr"))


def test_writers_wait_for_one_another_and_none_is_lost(app: Flask) -> None:
    """Twenty threads write at once after having read, as a request does that knows who is logged in."""
    failures: list[BaseException] = []

    def write(number: int) -> None:
        with app.app_context():
            try:
                _count()
                retrying(lambda: _add(number))
            except BaseException as error:  # noqa: BLE001 -- whatever it is, the test shows it
                failures.append(error)
            finally:
                db.session.remove()

    def _add(number: int) -> None:
        with transaction() as session:
            session.add(_resident(number))

    threads = [threading.Thread(target=write, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert _count() == 20


def test_after_three_retries_the_neighbour_is_asked_to_come_back() -> None:
    tries = []

    def never() -> None:
        tries.append(1)
        raise Retry

    with pytest.raises(Unavailable):
        retrying(never)
    assert len(tries) == 4


def test_two_live_claims_never_overlap_even_behind_the_models_back(app: Flask) -> None:
    _an_item()
    _claim_in_sql(date(2026, 11, 25), date(2026, 11, 28))
    _claim_in_sql(
        date(2026, 11, 28), date(2026, 11, 30)
    )  # half-open: the next one begins where the first ends
    _claim_in_sql(date(2026, 11, 26), date(2026, 11, 27), live=False)
    with pytest.raises(Conflict) as refused:
        _claim_in_sql(date(2026, 11, 27), date(2026, 11, 29))
    assert refused.value.code == "lending.already_reserved"
    with pytest.raises(Conflict), transaction() as session:
        session.execute(text("UPDATE item_claim SET live = true WHERE live = false"))
    with pytest.raises(Conflict), transaction() as session:
        session.execute(
            text("UPDATE item_claim SET end_day = :later WHERE first_day = :first AND live"),
            {"later": date(2026, 11, 29), "first": date(2026, 11, 25)},
        )


def _claim_in_sql(first: date, end: date, *, live: bool = True) -> None:
    with transaction() as session:
        session.execute(
            text(
                "INSERT INTO item_claim (item_id, kind, first_day, end_day, live, uncertain) "
                "SELECT id, 'own', :first, :end, :live, false FROM item"
            ),
            {"first": first, "end": end, "live": live},
        )


def _an_item() -> None:
    from app.items.models import Category, Item  # noqa: PLC0415 -- only here the house's floor looks upstairs

    with transaction() as session:
        session.add(_resident(1))
        session.flush()
        session.add(Category(slug="x", name_fr="x", name_en="x", drawing="perceuse"))
        session.flush()
        session.execute(
            insert(Item).values(
                code="I-1", title="Perceuse", category_id=select(Category.id).scalar_subquery(),
                owner_resident_id=select(Resident.id).scalar_subquery(), lends=True, swaps=False, gives=False,
                condition="good", buffer_days=0, status="active", lat=1.0, lon=1.0, coarse_lat=1.0, coarse_lon=1.0,
                created_at=NOW, updated_at=NOW, notices=[],
            )
        )  # fmt: skip


def test_what_was_read_often_is_kept_ready_from_page_to_page(app: Flask) -> None:
    if db.engine.dialect.name != "postgresql":
        return  # SQLite's driver keeps it
    db.session.remove()
    db.engine.dispose()  # what other tests left: each connection keeps what was read on it
    for _page in range(10):
        _count()
        db.session.remove()
    ready = db.session.execute(text("SELECT statement FROM pg_prepared_statements")).scalars().all()
    assert any("resident" in statement for statement in ready)


def test_what_was_written_outside_a_transaction_is_undone(app: Flask) -> None:
    db.session.execute(insert(Resident), {"name": "Nadia B.", "code": "M", "created_at": NOW, "locale": "fr"})
    db.session.remove()
    assert _count() == 0


def test_a_connection_that_died_while_it_rested_is_found_out_before_it_is_used(app: Flask) -> None:
    if db.engine.dialect.name != "postgresql":
        return  # there is no server that could end it
    died = db.session.scalar(text("SELECT pg_backend_pid()"))
    db.session.remove()
    with psycopg.connect(
        db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True
    ) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [died])
    assert _count() == 0
    assert db.session.scalar(text("SELECT pg_backend_pid()")) != died
