"""Words as they are kept and looked for; what may be typed; what keeps the index in step."""

import random
import string
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, text, update

from app.core import clock
from app.core.db import db, transaction
from app.finding import vocabulary, words
from app.finding.asked import asked
from app.finding.index import on_postgresql
from app.items import jobs, queries, search, services
from app.items.filters import OBJECTS, Wanted
from app.items.models import Category, Item, KnownSlip, KnownWord
from tests import factories as make

PLACE = (44.7, 5.2)


# -- as they are compared ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "light"),
    [
        ("haies", "haie"),
        ("scies", "scie"),
        ("scie", "scie"),
        ("bocaux", "bocal"),
        ("rideaux", "rideau"),
        ("tuyaux", "tuyau"),
        ("jeux", "jeu"),
        ("batteries", "batterie"),
        ("fitness", "fitness"),
        ("bus", "bus"),
        ("18", "18"),
    ],
)
def test_plurals_are_taken_off_lightly(word: str, light: str) -> None:
    assert words.light(word) == light


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("Cœur d’artichaut", "coeur artichaut"),
        ("Taille-haie électrique", "taille haies"),
        ("Taille-haie électrique", "taillehaie"),
        ("Perceuse-visseuse 18 V", "visseuses 18v"),
        ("L’échelle", "ECHELLES"),
        ("Tuyau d’arrosage", "tuyau arrosage"),
        ("Tuyau d’arrosage", "tuyau d arrosage"),
        ("Hedge trimmers", "hedge trimmer"),
        ("Vidéoprojecteur", "video projecteur"),
        ("Service à thé", "thé"),
        ("Échelle de toit", "roof ladder"),
        ("Power drill", "perceuse"),
    ],
)
def test_a_title_is_found_by_other_forms_of_its_words(title: str, typed: str) -> None:
    fit = asked(typed).fit(words.search_text(title))
    assert fit.lacks == 0 or (typed == "roof ladder" and fit.lacks == 1)


def test_little_words_count_only_where_there_are_no_others() -> None:
    assert words.told("la perceuse de la voisine") == ["perceuse", "voisine"]
    assert words.told("à la") == ["a", "la"]
    assert words.told("%_'\"*() \x00") == []


def test_shelves_stand_behind_the_title() -> None:
    assert words.search_text("Scie", "Scies et ponceuses", "Saws and sanders") == (
        " scie f_sci e_scie c_sci c_scie c_ponceux c_ponceus c_saw c_sand c_sander"
    )


@given(st.text(max_size=80))
def test_whatever_is_typed_stays_letters_and_figures(typed: str) -> None:
    for form in words.search_text(typed).split(" "):
        assert all(letter.isalnum() or letter == "_" for letter in form)
    for reading in asked(typed, loosely=True, begun=True).readings:
        for unit in reading:
            for form in (*unit.forms, *unit.beginnings):
                assert all(letter.isalnum() or letter == "_" for letter in form)


def test_threads_of_a_worker_do_not_mix_their_words() -> None:
    titles = [
        f"perceuse{letter}{end}" for letter in string.ascii_lowercase for end in ("s", "ment", "ation", "ing")
    ]
    alone = [words.search_text(title) for title in titles]
    words.french.cache_clear()
    words.english.cache_clear()
    with ThreadPoolExecutor(8) as crowd:
        assert list(crowd.map(words.search_text, titles * 3)) == alone * 3


# -- what may be typed ------------------------------------------------------------------------------------

SIGNS = "\"'*()^:-+~&|!<>{}[]\\%_.,;?#@$€`/=\x00\x1a\u2028\ud83d漢字ñ"
FROM_DATABASES = (
    "AND",
    "OR",
    "NOT",
    "NEAR(a b, 2)",
    "search_text:x",
    "item_words",
    "a*",
    '"a',
    "b & !c",
    "d <-> e",
    ":*",
)


@pytest.fixture
def shed(app: Flask) -> Item:
    return make.item("Perceuse à colonne", owner=make.resident())


def typed(count: int) -> list[str]:
    rng = random.Random(5)
    letters = string.ascii_letters + "éàçœ 0123456789" + SIGNS
    return ["".join(rng.choice(letters) for _ in range(rng.randrange(1, 40))) for _ in range(count)]


def test_nothing_that_is_typed_is_read_as_a_query(shed: Item) -> None:
    for q in [*FROM_DATABASES, *SIGNS, *typed(60), "x" * 200, "à " * 100, "漢字", "perceuse " * 22]:
        for wanted in (Wanted(q=q), Wanted(q=q, near=PLACE, sort="near"), Wanted(q=q, sort="relevance")):
            search.page(wanted, signed_in=True, now=clock.now())
    assert [
        line.id for line in search.page(Wanted(q='"perceuse" OR'), signed_in=True, now=clock.now()).lines
    ] == [shed.id]


@pytest.mark.parametrize("q", ["à", "de la", "le les", "with the"])
def test_little_words_alone_are_words_like_others(shed: Item, q: str) -> None:
    page = search.page(Wanted(q=q), signed_in=True, now=clock.now())
    assert [line.id for line in page.lines] == ([shed.id] if q == "à" else [])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"q": "x" * 201}, "q"),
        ({"q": "perceuse " * 34}, "q"),
        ({"owner": "nobody"}, "owner"),
        ({"condition": "shiny"}, "condition"),
    ],
)
def test_what_is_too_long_or_no_choice_is_told(
    client: FlaskClient, query: dict[str, str], field: str
) -> None:
    answer = client.get("/api/v1/items", query_string=query)
    assert answer.status_code == 422
    assert answer.json is not None
    assert list(answer.json["errors"]) == [field]
    assert client.get("/items", query_string=query).status_code == 422
    if field == "q":
        assert "200" in answer.json["errors"]["q"][0]


def test_a_program_is_told_what_was_meant(client: FlaskClient, shed: Item) -> None:
    with transaction():
        vocabulary.count_all(OBJECTS)
    answer = client.get("/api/v1/items", query_string={"q": "perseuse"}).json
    assert answer is not None
    assert answer["meant"] == "perceuse"
    assert [line["id"] for line in answer["items"]] == [str(shed.id)]
    right = client.get("/api/v1/items", query_string={"q": "perceuse"}).json
    assert right is not None
    assert right["meant"] is None


def test_whose_it_is_and_how_it_is(app: Flask) -> None:
    hub, anna = make.hub(), make.resident()
    of_hub = make.item("Tente", hub=hub, condition="worn")
    hers = make.item("Tente", owner=anna, condition="new")
    left = make.item("Tente", owner=anna, hub=hub)

    def found(**what: Any) -> set[int]:
        return {line.id for line in search.page(Wanted(**what), signed_in=True, now=clock.now()).lines}

    assert found(owner="hub") == {of_hub.id}
    assert found(owner="resident") == {hers.id, left.id}
    assert found(condition="new") == {hers.id}
    assert found(condition="good", owner="resident", q="tentes") == {left.id}


# -- taken loosely ----------------------------------------------------------------------------------------


@pytest.fixture
def stall(app: Flask) -> dict[str, Item]:
    """Some things on their shelves, counted."""
    top = make.category("jardin", name_fr="Jardin", name_en="Garden")
    shelf = make.category("haies", name_fr="Haies et arbres", name_en="Hedges and trees", parent_id=top.id)
    anna = make.resident(home=PLACE)
    things = {}
    for title in (
        "Taille-haie",
        "Coupe-branches",
        "Perceuse",
        "Perche élagueuse",
        "Échelle",
        "Vélo",
        "Tente",
        "Tentes",
    ):
        with transaction():
            slug = shelf.slug if title in ("Taille-haie", "Coupe-branches") else top.slug + "-autre"
            if (
                slug != shelf.slug
                and db.session.scalar(select(Category.id).where(Category.slug == slug)) is None
            ):
                db.session.add(Category(slug=slug, name_fr="Divers", name_en="Sundries", drawing="outils"))
                db.session.flush()
            things[title] = services.post_item(actor_id=anna.id, title=title, category=slug, now=clock.now())
    with transaction():
        vocabulary.count_all(OBJECTS)
    return things


def titles(q: str, **what: Any) -> tuple[set[str], str]:
    page = search.page(Wanted(q=q, **what), signed_in=True, now=clock.now())
    return {line.title for line in page.lines}, page.meant


@pytest.mark.parametrize("sort", ["new", "relevance"])
@pytest.mark.parametrize(
    ("q", "found", "meant"),
    [
        ("perseuse", {"Perceuse"}, "perceuse"),
        ("PERÇEUZE", {"Perceuse"}, "perceuse"),
        ("echele", {"Échelle"}, "échelle"),
        ("tnete", {"Tente", "Tentes"}, "tente"),
        ("perc", {"Perceuse", "Perche élagueuse"}, ""),
        ("vél", {"Vélo"}, ""),
        ("arbres", {"Taille-haie", "Coupe-branches"}, ""),
        ("garden", {"Taille-haie", "Coupe-branches"}, ""),
        ("perceuse bosch", {"Perceuse"}, ""),
        ("vélo", {"Vélo"}, ""),
        ("wxyz", set(), ""),
    ],
)
def test_words_that_few_titles_hold_are_taken_loosely(
    stall: dict[str, Item], q: str, found: set[str], meant: str, sort: str
) -> None:
    assert titles(q, sort=sort) == (found, meant)


def test_a_search_that_is_kept_takes_words_strictly(stall: dict[str, Item]) -> None:
    page = search.page(Wanted(q="perseuse"), signed_in=True, now=clock.now(), strictly=True)
    assert (page.lines, page.meant, page.loose) == ([], "", False)


def test_pages_of_what_was_meant_go_on_as_they_began(stall: dict[str, Item]) -> None:
    anna = make.resident(home=PLACE)
    for _ in range(6):
        make.item("Perceuse", owner=anna)
    with transaction():
        vocabulary.count_all(OBJECTS)
    seen: list[int] = []
    cursor = None
    while True:
        page = search.page(
            Wanted(q="perseuse", near=PLACE, sort="near"),
            signed_in=True,
            cursor=cursor,
            limit=2,
            now=clock.now(),
        )
        assert page.meant == "perceuse"
        seen += [line.id for line in page.lines]
        cursor = page.next
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 7


def test_slips_share_something_with_the_word() -> None:
    for wrong, right in (("perseuse", "perceuse"), ("eschelle", "echelle"), ("tnete", "tente"), ("sice", "scie"),
                         ("tondeuz", "tondeuse"), ("debrousailleuse", "debroussailleuse")):  # fmt: skip
        assert vocabulary.slips(wrong) & vocabulary.slips(right), (wrong, right)


# -- kept in step -----------------------------------------------------------------------------------------


def test_titles_and_shelves_that_change_are_found_anew(stall: dict[str, Item]) -> None:
    item = stall["Vélo"]
    who = item.owner_resident_id or 0
    with transaction():
        services.edit_item(item_id=item.id, actor_id=who, now=clock.now(), title="Trottinette")
    assert titles("vélo")[0] == set()
    assert titles("trottinettes")[0] == {"Trottinette"}
    with transaction():
        services.edit_item(item_id=item.id, actor_id=who, now=clock.now(), category="haies")
    assert "Trottinette" in titles("arbres")[0]


def test_whoever_writes_the_index_follows(stall: dict[str, Item]) -> None:
    with transaction() as session:
        session.execute(update(Item).where(Item.id == stall["Tente"].id).values(search_text=" brouette"))
        session.execute(delete(Item).where(Item.id == stall["Échelle"].id))
    assert titles("brouette")[0] == {"Tente"}
    assert titles("échelle")[0] == set()
    with transaction() as session:
        session.execute(update(Item).where(Item.id == stall["Tente"].id).values(lat=10.0, lon=179.99))
    there = Wanted(q="brouette", near=(10.0, -179.99), radius_km=30, sort="near")
    assert [line.title for line in search.page(there, signed_in=True, now=clock.now()).lines] == ["Tente"]
    if not on_postgresql():
        with transaction() as session:
            session.execute(text("INSERT INTO item_words (item_words) VALUES ('integrity-check')"))


def prepared() -> dict[int, str]:
    db.session.rollback()
    return {row.id: row.search_text for row in db.session.execute(select(Item.id, Item.search_text))}


def test_all_titles_can_be_prepared_anew(stall: dict[str, Item], run_flask: Callable[..., Any]) -> None:
    before = prepared()
    with transaction() as session:
        session.execute(update(Item).values(search_text=" x"))
        session.execute(delete(KnownSlip))
        session.execute(delete(KnownWord))
    assert titles("vélo")[0] == set()
    done = run_flask("items", "prepare")
    assert done.returncode == 0, done.stderr
    assert f"{len(stall)} objects" in done.stdout
    assert prepared() == before
    assert titles("velos")[0] == {"Vélo"}
    assert titles("perseuse") == ({"Perceuse"}, "perceuse")
    assert "0 objects" in run_flask("items", "prepare").stdout


def test_words_are_counted_as_they_come_and_go(stall: dict[str, Item]) -> None:
    assert jobs.count_words(now=clock.now()) == 0
    make.item("Brouette", owner=make.resident())
    assert jobs.count_words(now=clock.now()) == 1
    assert titles("brouete") == ({"Brouette"}, "brouette")
    with transaction() as session:
        session.execute(delete(Item).where(Item.title == "Brouette"))
    assert jobs.count_words(now=clock.now()) == 1
    assert db.session.get(KnownWord, "brouette") is None
    assert db.session.scalars(select(KnownSlip).where(KnownSlip.word == "brouette")).all() == []


def test_shelves_of_an_object_are_named_in_both_languages(stall: dict[str, Item]) -> None:
    names = queries.shelf_names(stall["Taille-haie"].category_id)
    assert names == ["Haies et arbres", "Hedges and trees", "Jardin", "Garden"]
