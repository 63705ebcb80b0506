"""Who could go round with whom."""

import random
from dataclasses import replace

from app.finding.words import search_text
from app.geo.distance import from_here
from app.skills.rings import rules
from app.skills.rings.rules import Arc, Known

HERE = (44.7, 5.2)


def known(
    number: int, who: int, title: str, *, offers: bool, category: int = 1, at: tuple[float, float] = HERE
) -> Known:
    said = search_text(title, "Couture et tricot" if category == 1 else "Langues")
    hub, french = frozenset({"hub"}), frozenset({"fr"})
    return Known(number, who, offers, category, at, hub, french, *rules.topic(said))


OFFER, NEED = (
    known(1, 1, "Recoudre un ourlet", offers=True),
    known(2, 2, "Raccourcir un ourlet", offers=False),
)


def test_titles_speak_of_the_same_by_a_word_or_of_the_whole_category() -> None:
    def like(one: str, other: str, category: int = 1) -> bool | None:
        pair = (
            known(1, 1, one, offers=True, category=category), known(2, 2, other, offers=False, category=category)
        )  # fmt: skip
        (found,) = rules.arcs(pair, from_here).values() or ([],)
        return found[0].loose if found else None

    assert like("Recoudre un ourlet", "Raccourcir des ourlets") is False
    assert like("Recoudre un ourlet", "Apprendre la couture") is True
    assert like("Apprendre la couture", "Recoudre un ourlet") is True
    assert like("Apprendre le portugais", "Apprendre l’allemand", category=2) is None
    assert like("Cours d’anglais", "Progresser en anglais", category=2) is False


def test_what_keeps_two_apart() -> None:
    assert rules.meets(OFFER, NEED)
    assert not rules.meets(OFFER, replace(NEED, resident_id=1))
    assert rules.arcs((OFFER, replace(NEED, category_id=2)), from_here) == {}
    assert not rules.meets(OFFER, replace(NEED, places=frozenset({"online"})))
    assert not rules.meets(OFFER, replace(NEED, languages=frozenset({"pt"})))
    evening, morning = ((2, 1080, 1200),), ((2, 1190, 1300), (3, 1080, 1200))
    assert not rules.meets(replace(OFFER, times=evening), replace(NEED, times=morning))
    assert rules.meets(replace(OFFER, times=evening), replace(NEED, times=((2, 1170, 1300),)))


def test_arcs_are_the_best_ten_and_lead_no_farther_than_one_would_go() -> None:
    needs = [
        known(10 + n, 10 + n, "Un ourlet", offers=False, at=(HERE[0] + 0.02 * n, HERE[1])) for n in range(20)
    ]
    whole = known(40, 40, "Apprendre la couture", offers=False)
    (out,) = rules.arcs([OFFER, *needs, whole], from_here).values()
    assert [arc.learner_id for arc in out] == [10 + n for n in range(10)], "words before what is only near"
    assert all(arc.metres <= rules.REACH_M for arc in out)


def test_every_ring_of_two_and_three_once() -> None:
    rng = random.Random(5)
    people = range(1, 9)
    out = {
        giver: [
            Arc(False, rng.randrange(9_000), other, giver, giver, other)
            for other in people
            if other != giver and rng.random() < 0.5
        ]
        for giver in people
    }
    leads = {(arc.giver_id, arc.learner_id) for arcs in out.values() for arc in arcs}
    pairs = {(a, b) for a in people for b in people if a < b and {(a, b), (b, a)} <= leads}
    triples = {
        (a, b, c)
        for a in people for b in people for c in people
        if a < min(b, c) and b != c and {(a, b), (b, c), (c, a)} <= leads
    }  # fmt: skip
    found = list(rules.rounds(out))
    assert sorted(one.people for one in found) == sorted(pairs | triples)
    assert {one.signature for one in found} == {
        one.signature for one in rules.rounds(dict(reversed(out.items())))
    }


def test_nobody_is_asked_too_much_nor_twice_the_same() -> None:
    rings = list(
        rules.rounds(
            {
                1: [Arc(False, 100 * n, n, 1, 1, n) for n in range(2, 9)],
                **{n: [Arc(False, 100 * n, 1, n, n, 1)] for n in range(2, 9)},
            }
        )
    )
    chosen = rules.chosen(rings, known=(), waiting={})
    assert [one.people for one in chosen] == [(1, 2), (1, 3), (1, 4)]
    again = rules.chosen(rings, known=[chosen[0].signature], waiting={1: 2})
    assert [one.people for one in again] == [(1, 3)]


def test_one_no_ends_it_and_all_must_say_yes() -> None:
    assert rules.state_after(["yes", None]) == "proposed"
    assert rules.state_after(["yes", "yes", "yes"]) == "agreed"
    assert rules.state_after([None, "no"]) == "declined"
