"""Who could go round with whom. Pure: plain values, and the same answer for the same input.

An arc leads from somebody who can teach a thing to somebody near her who wants to learn it. Of each neighbour the ten
best are followed, so that however many there are, there is little to try.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import nsmallest
from itertools import combinations

REACH_M = 25_000
"""Neighbours live no farther from each other: it is to be a habit, not a journey."""
MOST_ARCS = 10
MOST_OPEN = 3
"""So many proposals wait for somebody's answer at once."""
ANSWERED_WITHIN = timedelta(days=10)
SHORTEST_MEETING = 30
"""Minutes of a week that suit both."""
CELL = 0.25
"""Of a degree: two who are within reach stand in cells that touch, or nearly; the rest is not compared."""
SAID_OF_ALL = frozenset(
    ("accompagn", "aid", "apprendr", "ateli", "bas", "besoin", "chang", "chois", "commenc", "comprendr", "cour",
     "debut", "decouvr", "enseign", "entreten", "expliqu", "fabriqu", "fair", "initi", "montr", "niveau",
     "parl", "pas", "perfection", "pet", "pratiqu", "premi", "prepar", "progress", "refair", "rempl", "repar",
     "savoir", "simpl", "tout", "trouv", "utilis")
)  # fmt: skip
"""Stems that stand in any title, and tell nothing of what it is about."""

ANY, WHOLE = "*", "**"
"""No stems: under these stand all needs of a category, and those that speak of all of it."""
MOST_COMPARED = 300
"""Needs that are looked at for one offer, by its words and again loosely."""

Window = tuple[int, int, int]
Key = tuple[int, str, int, int]
Far = Callable[[float, float], Callable[[float, float], int]]
"""How far it is from a point, in metres (`geo.distance.from_here`)."""


@dataclass(frozen=True)
class Known:
    """A skill as far as rings ask. `at`: its published point; `places`: which of hub, home, online; `words`: the stems
    of its title that tell what it is about, `whole`: that is its whole category (`topic`); `times`: (weekday, opens,
    closes), none for any time."""

    id: int
    resident_id: int
    offers: bool
    category_id: int
    at: tuple[float, float]
    places: frozenset[str]
    languages: frozenset[str]
    words: frozenset[str]
    whole: bool = False
    times: tuple[Window, ...] = ()


@dataclass(frozen=True, order=True)
class Arc:
    """Somebody teaches somebody else, this offer for that need, so far apart. `loose`: they are of one category, and
    share no word. The better one is the smaller."""

    loose: bool
    metres: int
    learner_id: int
    giver_id: int
    offer_id: int
    need_id: int


@dataclass(frozen=True)
class Round:
    """A ring that could be: its arcs, each leading to the giver of the next, the smallest number first."""

    arcs: tuple[Arc, ...]

    @property
    def people(self) -> tuple[int, ...]:
        """Who goes round, in order."""
        return tuple(arc.giver_id for arc in self.arcs)

    @property
    def signature(self) -> str:
        """The same for the same offers and needs, whoever is named first: what was proposed once is not again."""
        return ",".join(f"{arc.offer_id}-{arc.need_id}" for arc in self.arcs)

    @property
    def worth(self) -> tuple[int, int, int, str]:
        """What is better comes first: fewer people, then what fits by its words, then shorter ways."""
        loose = sum(arc.loose for arc in self.arcs)
        return len(self.arcs), loose, sum(arc.metres for arc in self.arcs), self.signature


# -- which offer meets which need -------------------------------------------------------------------------


def topic(search_text: str) -> tuple[frozenset[str], bool]:
    """What a prepared title (`finding.words`) is about: its telling stems, and whether it speaks of all of its category
    ("apprendre la couture")."""
    forms = search_text.split()
    words = frozenset(form[2:] for form in forms if form.startswith("f_")) - SAID_OF_ALL
    return words, any(form[2:] in words for form in forms if form.startswith("c_"))


def meets(offer: Known, need: Known) -> bool:
    """Whether the one could be taught to the other: somewhere, in a common language, at some time. Whether they speak of
    the same, `arcs` knows already."""
    return (
        offer.resident_id != need.resident_id
        and not offer.places.isdisjoint(need.places)
        and not offer.languages.isdisjoint(need.languages)
        and _same_time(offer.times, need.times)
    )


def _same_time(one: Sequence[Window], other: Sequence[Window]) -> bool:
    if not one or not other:
        return True
    return any(
        day == other_day and min(closes, other_closes) - max(opens, other_opens) >= SHORTEST_MEETING
        for day, opens, closes in one
        for other_day, other_opens, other_closes in other
    )


# -- arcs and rings ---------------------------------------------------------------------------------------


def arcs(skills: Collection[Known], far: Far) -> dict[int, list[Arc]]:
    """The best arcs out of each giver, one to each learner. An offer and a need of one category speak of the same where
    they share a word, or where one of them speaks of the whole category."""
    needs: dict[Key, list[Known]] = defaultdict(list)
    for skill in skills:
        if not skill.offers:
            for word in (*skill.words, ANY, *([WHOLE] if skill.whole else [])):
                needs[(skill.category_id, word, *_cell(skill.at))].append(skill)
    found: dict[int, dict[int, Arc]] = defaultdict(dict)
    for offer in skills:
        if not offer.offers:
            continue
        away = far(*offer.at)
        for loose, need in _spoken_of(offer, needs):
            if not meets(offer, need) or (metres := away(*need.at)) > REACH_M:
                continue
            arc = Arc(loose, metres, need.resident_id, offer.resident_id, offer.id, need.id)
            known = found[offer.resident_id].get(need.resident_id)
            if known is None or arc < known:
                found[offer.resident_id][need.resident_id] = arc
    return {giver: nsmallest(MOST_ARCS, to.values()) for giver, to in found.items()}


def _spoken_of(offer: Known, needs: Mapping[Key, Sequence[Known]]) -> Iterator[tuple[bool, Known]]:
    """The needs around that speak of the same as this offer, its own words first; whether loosely. Where there are very
    many, those in its own cell are enough."""
    row, column = _cell(offer.at)
    cells = sorted(
        ((row + n, column + e) for n in (-1, 0, 1) for e in (-2, -1, 0, 1, 2)),
        key=lambda at: at != (row, column),
    )
    loosely = ANY if offer.whole else WHOLE
    for words, loose in ((sorted(offer.words), False), ((loosely,), True)):
        seen = 0
        for cell in cells:
            if seen >= MOST_COMPARED:
                break
            for word in words:
                some = needs.get((offer.category_id, word, *cell), ())
                seen += len(some)
                yield from ((loose, need) for need in some[:MOST_COMPARED])


def _cell(at: tuple[float, float]) -> tuple[int, int]:
    return int(at[0] // CELL), int(at[1] // CELL)


def rounds(out: Mapping[int, Sequence[Arc]]) -> Iterator[Round]:
    """Every ring of two or three along these arcs, each once."""
    for first in sorted(out):
        for one in out[first]:
            for two in out.get(one.learner_id, ()):
                if two.learner_id == first:
                    if first < one.learner_id:
                        yield Round((one, two))
                    continue
                for three in out.get(two.learner_id, ()):
                    if three.learner_id == first and first < min(one.learner_id, two.learner_id):
                        yield Round((one, two, three))


def chosen(found: Collection[Round], *, known: Collection[str], waiting: Mapping[int, int]) -> list[Round]:
    """Which of them are proposed, the best first: what was not before, and to nobody more than she can think about.
    `known`: signatures; `waiting`: how many proposals each has not answered yet. Of two rings among the same people the
    better one is enough."""
    open_for = dict(waiting)
    proposed: list[Round] = []
    together: set[frozenset[int]] = set()
    for one in sorted(found, key=lambda ring: ring.worth):
        pairs = {frozenset(pair) for pair in combinations(one.people, 2)}
        if one.signature in known or pairs & together:
            continue
        if any(open_for.get(person, 0) >= MOST_OPEN for person in one.people):
            continue
        proposed.append(one)
        together |= pairs
        for person in one.people:
            open_for[person] = open_for.get(person, 0) + 1
    return proposed


# -- answering --------------------------------------------------------------------------------------------


def state_after(answers: Collection[str | None]) -> str:
    """How a ring stands with these answers: one no ends it, all yes agree it."""
    if "no" in answers:
        return "declined"
    return "agreed" if all(answer == "yes" for answer in answers) else "proposed"


def answerable(state: str, answer_by: datetime, now: datetime) -> bool:
    """Whether an answer still counts."""
    return state == "proposed" and now < answer_by
