"""The demo's catalogue with each of its objects once, and how well a set of queries does on it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.cli.demo.reading import written
from app.core import clock, codes
from app.core.db import transaction
from app.finding import vocabulary
from app.finding.words import folded, search_text
from app.items import search
from app.items.filters import OBJECTS, Wanted
from app.items.models import Category, Item
from tests import factories as make

HERE = (44.6975, 5.1965)
Query = tuple[str, str, tuple[str, ...]]


@dataclass(frozen=True)
class Seen:
    """Recall at 10 and precision of the first 5 (of as many as there are), means over the queries; what was missed;
    what each query found."""

    recall: float
    precision: float
    missed: tuple[str, ...]
    answers: dict[str, list[str]]

    def __str__(self) -> str:
        missed = "".join(f"\n  {line}" for line in self.missed)
        return f"recall at 10 {self.recall:.3f}, precision of the first 5 {self.precision:.3f}{missed}"


def fill() -> None:
    """Every object of the demo once, within some kilometres, posted over two years; the same every time."""
    content, rng, now = written(), random.Random(3), clock.now()
    owner = make.resident(home=HERE)
    with transaction() as session:
        shelves = {
            shelf.slug: Category(
                slug=shelf.slug, name_fr=shelf.name_fr, name_en=shelf.name_en, drawing=shelf.drawing
            )
            for shelf in content.shelves
        }
        session.add_all(shelves.values())
        session.flush()
        for shelf in content.shelves:
            shelves[shelf.slug].parent_id = shelves[shelf.parent].id if shelf.parent else None
        for number, template in enumerate(content.templates):
            shelf = shelves[template.category]
            top = next((one for one in shelves.values() if one.id == shelf.parent_id), shelf)
            lat, lon = HERE[0] + rng.gauss(0, 0.03), HERE[1] + rng.gauss(0, 0.04)
            session.add(
                Item(
                    code=str(codes.numbered(codes.ITEM, number)),
                    title=template.title,
                    category_id=shelf.id,
                    owner_resident_id=owner.id,
                    lat=lat,
                    lon=lon,
                    coarse_lat=lat,
                    coarse_lon=lon,
                    search_text=search_text(
                        template.title, shelf.name_fr, shelf.name_en, top.name_fr, top.name_en
                    ),
                    created_at=now - timedelta(days=rng.randrange(1, 700)),
                    updated_at=now,
                )
            )
        session.flush()
        vocabulary.count_all(OBJECTS)


def measured(queries: Sequence[Query]) -> Seen:
    """Each query as the page would do it, the best first."""
    titles = [template.title for template in written().templates]
    recalls, precisions, missed, answers = [], [], [], {}
    for typed, _, hoped in queries:
        plain = [folded(one) for one in hoped]
        assert all(any(_begins(title, one) for title in titles) for one in plain), (
            f"nothing is called {hoped}"
        )
        wanted = {title for title in titles if any(_begins(title, one) for one in plain)}
        page = search.page(
            Wanted(q=typed, near=HERE, sort="relevance"), signed_in=True, limit=10, now=clock.now()
        )
        found = [line.title for line in page.lines]
        answers[typed] = found
        recall = len(wanted & set(found)) / min(10, len(wanted))
        best = min(5, len(wanted))
        precision = len(wanted & set(found[:best])) / best
        recalls.append(recall)
        precisions.append(precision)
        if recall < 1 or precision < 1:
            lost = sorted(wanted - set(found))
            missed.append(
                f"{typed}: recall {recall:.2f}, precision {precision:.2f}; {lost}; found {found[:5]}"
            )
    return Seen(sum(recalls) / len(recalls), sum(precisions) / len(precisions), tuple(missed), answers)


def _begins(title: str, beginning: str) -> bool:
    return (
        folded(title) == beginning
        or folded(title).startswith(f"{beginning} ")
        or folded(title).startswith(f"{beginning}s ")
    )
