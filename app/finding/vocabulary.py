"""The words of the catalogue: which there are, and which one was meant by a word that no title holds.

A typed word and a known word are compared where they have a slip in common: the same word with a letter left out of
the one or the other (so that one letter too many, too few, wrong or swapped meets), or the same sound. Both databases
find them by an index alone, and so both find the same.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select

from app.core.db import db, inserting
from app.finding import asked, index, words
from app.finding.searched import Searched

SHORTEST = 4
"""Letters of a word that may be a slip of another; shorter ones are too like each other."""
BEGINNINGS = range(2, 7)
WELL_KNOWN = 3
"""In so many titles a word is no slip."""
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"ph", "f"), (r"sch|sh|ch", "x"), (r"[ae]?[ae]ux?$|e?aux?|eau", "o"), (r"ai|ei|ay|ey", "e"), (r"qu|q|ck|k", "k"),
        (r"c(?=[eiy])|ç", "s"), (r"c", "k"), (r"g(?=[eiy])", "j"), (r"gu(?=[ei])", "g"), (r"z", "s"), (r"y", "i"),
        (r"[ae][nm](?![aeiou])", "an"), (r"h", ""), (r"w", "v"), (r"(.)\1+", r"\1"), (r"(?<=..)[tsdxep]+$", ""),
    )
)  # fmt: skip


def sound(word: str) -> str:
    """Roughly how a folded French word is heard: what is written in different ways and sounds alike is the same."""
    for pattern, heard in _SOUNDS:
        word = pattern.sub(heard, word)
    return word


def slips(word: str) -> set[str]:
    """The word, each way to leave out one letter of it, and its sound ("~")."""
    if len(word) < SHORTEST:
        return {word}
    return {word, f"~{sound(word)}", *(word[:at] + word[at + 1 :] for at in range(len(word)))}


@dataclass(frozen=True)
class Help:
    """What is known about words that hardly any title holds. `meant`: for each that nobody wrote, the known word that
    was meant (both folded). `begun`: the last one may be the beginning of a word, being none itself. `partly`: no
    title holds all of them, so that some are enough."""

    meant: Mapping[str, str]
    begun: bool
    partly: bool = False


def help_with(of: Searched, typed: str) -> Help:
    """What is known about what was typed from what is called so; one statement."""
    said = words.told(typed)[: asked.MOST_WORDS]
    if not said:
        return Help({}, begun=False)
    known = _known(of, {slip for word in said for slip in (*slips(words.light(word)), _beginning(word))})
    found = {word: best for word in said if _may_be_a_slip(word) and (best := _best(word, known))}
    last = words.light(said[-1])
    return Help(found, begun=last not in known.get(last, {}) and last not in asked.known_names())


def _may_be_a_slip(word: str) -> bool:
    return word.isalpha() and len(word) >= SHORTEST and words.light(word) not in asked.known_names()


def _beginning(word: str) -> str:
    return f"{word}…"


def _known(of: Searched, slips: set[str]) -> dict[str, dict[str, int]]:
    """By slip: the known words that may be written so, and in how many titles they stand."""
    word, slip = of.known_word, of.known_slip
    query = select(slip.slip, word.word, word.items).join(word)
    found: dict[str, dict[str, int]] = {}
    for row in db.session.execute(query.where(slip.slip.in_(sorted(slips)))):
        found.setdefault(row.slip, {})[row.word] = row.items
    return found


def _best(word: str, known: Mapping[str, Mapping[str, int]]) -> str | None:
    """The likeliest of the known words; None where the word itself, or what it begins, may stand."""
    if _beginning(word) in known:
        return None
    from rapidfuzz.distance import OSA  # noqa: PLC0415 -- needed by nobody who types what is there

    plain = words.light(word)
    near = {one: items for slip in slips(plain) for one, items in known.get(slip, {}).items()}
    near |= {
        name: 1 for name in asked.known_names() if name[0] == plain[0] and abs(len(name) - len(plain)) < 2
    }
    itself = near.pop(plain, 0)
    if itself >= WELL_KNOWN:
        return None
    ranked = []
    for one, items in near.items():
        if len(one) < SHORTEST or items < 10 * itself:
            continue
        steps, same = OSA.distance(plain, one), sound(plain) == sound(one)
        if steps <= 1 or (same and steps <= 3) or (steps == 2 and len(plain) > 7 and len(one) > 7):
            ranked.append((steps - same, plain[0] != one[0], -items, one))
    return min(ranked)[-1] if ranked else None


# -- counting ---------------------------------------------------------------------------------------------


def counted(of: Searched) -> dict[str, int]:
    """In how many titles each word stands now."""
    return {
        word: items
        for word, items in index.counted(of).items()
        if word.isalpha() and 3 <= len(word) <= words.LONGEST
    }


def changes(of: Searched, now: Mapping[str, int]) -> list[tuple[str, int]]:
    """The words whose count must be written for the vocabulary to say so, 0 for those that are gone; a count that
    hardly moved stays."""
    rows = db.session.execute(select(of.known_word.word, of.known_word.items))
    before = {row.word: row.items for row in rows}
    moved = [
        (word, items)
        for word, items in now.items()
        if abs(items - before.get(word, 0)) > before.get(word, 0) / 10
    ]
    return sorted([*moved, *((word, 0) for word in before.keys() - now.keys())])


def write(of: Searched, counts: Sequence[tuple[str, int]]) -> None:
    """Keep these counts, and the slips of the words that are new."""
    gone = [word for word, items in counts if not items]
    if gone:
        db.session.execute(delete(of.known_slip).where(of.known_slip.word.in_(gone)))
        db.session.execute(delete(of.known_word).where(of.known_word.word.in_(gone)))
    kept = [{"word": word, "items": items} for word, items in counts if items]
    if not kept:
        return
    insert = inserting(of.known_word.__table__)
    update = insert.on_conflict_do_update(index_elements=["word"], set_={"items": insert.excluded["items"]})
    db.session.execute(update, kept)
    every = [{"slip": slip, "word": row["word"]} for row in kept for slip in _kept_slips(str(row["word"]))]
    db.session.execute(inserting(of.known_slip.__table__).on_conflict_do_nothing(), every)


def _kept_slips(word: str) -> Iterator[str]:
    yield from sorted(slips(word))
    yield from (_beginning(word[:length]) for length in BEGINNINGS if length <= len(word))


def count_all(of: Searched) -> None:
    """Count and write in the transaction at hand: after a load, while nobody else is there."""
    write(of, changes(of, counted(of)))
