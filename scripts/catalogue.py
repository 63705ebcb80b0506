"""The catalogues of translations: extract, merge, compile, and check that nothing is stale.

French is the language of the source. `translations/en` is written by hand; `translations/fr` is generated: plurals,
because French counts 0 as singular and gettext without a catalogue does not, and spaces that do not break.
The compiled .mo files are committed: a fresh clone speaks both languages with nothing built first, and
`--check` (part of `make check`) compares them with their sources byte by byte, so they cannot drift.

    python -m scripts.catalogue --update    after strings changed: then translate what is listed
    python -m scripts.catalogue --check
"""

import argparse
import io
import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
TRANSLATIONS = ROOT / "translations"
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
SOURCES = (
    ("app", [("**.py", "python")]),
    ("templates", [("**.html", "jinja2"), ("**.txt", "jinja2"), ("**.xml", "jinja2")]),
)
BREAKABLE = re.compile(r"(?: (?=[:;?!»]))|(?<=[«°]) ")
JINJA = {"extensions": "jinja2.ext.do,jinja2.ext.loopcontrols", "trimmed": "true", "silent": "false"}


class StableCatalog(Catalog):
    """A catalogue whose header says nothing of when or by which version: the same texts, the same bytes."""

    def __init__(self, locale: str) -> None:
        super().__init__(locale=locale, charset="utf-8", fuzzy=False, header_comment=f"# MoviLab, {locale}")

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        kept = ("Language", "Plural-Forms", "MIME-Version", "Content-Type", "Content-Transfer-Encoding")
        known = dict(self._get_mime_headers())
        return [("Project-Id-Version", "MoviLab"), *((name, known[name]) for name in kept)]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    act = parser.add_mutually_exclusive_group(required=True)
    act.add_argument("--update", action="store_true", help="extract, merge and compile")
    act.add_argument("--check", action="store_true", help="refuse what is stale, missing or fuzzy")
    asked = parser.parse_args()
    english, gone = merged_english()
    wanted = expected_files(english)
    if asked.update:
        for path, content in wanted.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        for text in gone:
            print(f"no longer in the source: {text}")
        faults = untranslated(english)
        print("\n".join([*faults, f"{len(english)} texts, {len(faults)} to translate"]))
        return 0
    faults = [f"{path.relative_to(ROOT)} is stale: run --update" for path in stale(wanted)]
    faults += untranslated(english)
    print("\n".join(faults) or f"{len(english)} texts, all translated")
    return 1 if faults else 0


def expected_files(english: Catalog) -> dict[Path, bytes]:
    """What `translations/` holds when nothing is stale."""
    in_french = french(english)
    return {
        TRANSLATIONS / "en/LC_MESSAGES/messages.po": as_po(english),
        TRANSLATIONS / "en/LC_MESSAGES/messages.mo": as_mo(english),
        TRANSLATIONS / "fr/LC_MESSAGES/messages.po": as_po(in_french),
        TRANSLATIONS / "fr/LC_MESSAGES/messages.mo": as_mo(in_french),
    }


def stale(wanted: dict[Path, bytes]) -> list[Path]:
    return [path for path, content in wanted.items() if not path.exists() or path.read_bytes() != content]


def extracted() -> Catalog:
    """Every text of the source, with the files it stands in (no line numbers: they only make noise)."""
    catalog = StableCatalog("fr")
    for folder, method_map in SOURCES:
        found = extract_from_dir(
            ROOT / folder,
            method_map=method_map,
            options_map={pattern: JINJA for pattern, method in method_map if method == "jinja2"},
            keywords=KEYWORDS,
            comment_tags=("translators:",),
            strip_comment_tags=True,
        )
        for name, _line, text, comments, context in found:
            if text not in ("", ("",)):
                catalog.add(
                    text, locations=[(f"{folder}/{name}", 0)], auto_comments=comments, context=context
                )
    return catalog


def merged_english() -> tuple[Catalog, list[str]]:
    """The source's texts with the translations there are, and the texts that went away."""
    before = read("en")
    catalog = StableCatalog("en")
    for message in in_order(extracted()):
        known = before.get(message.id, context=message.context) if before else None
        empty = ("", "") if message.pluralizable else ""
        catalog.add(
            message.id,
            string=known.string if known and known.pluralizable == message.pluralizable else empty,
            locations=sorted(set(message.locations)),
            flags=(known.flags & {"fuzzy"}) if known else set(),
            auto_comments=sorted(set(message.auto_comments)),
            user_comments=known.user_comments if known else [],
            context=message.context,
        )
    gone = [shown(message) for message in before or () if message.id and message.id not in catalog]
    return catalog, gone


def french(english: Catalog) -> Catalog:
    """What French needs beside its source: its own rule of plurals (0 and 1 are singular), and spaces that do not
    break before : ; ? ! » and after «, so that nobody has to type them."""
    catalog = StableCatalog("fr")
    for message in in_order(english):
        written = (message.id,) if isinstance(message.id, str) else tuple(message.id)
        spaced = tuple(unbroken(form) for form in written)
        if message.pluralizable or spaced != written:
            string = spaced if message.pluralizable else spaced[0]
            catalog.add(message.id, string=string, locations=message.locations, context=message.context)
    return catalog


def unbroken(text: str) -> str:
    """French text whose signs stay with their words."""
    return BREAKABLE.sub("\u00a0", text)


def untranslated(catalog: Catalog) -> list[str]:
    """What a reader of English would miss, or see broken."""
    faults = []
    for message in in_order(catalog):
        forms = message.string if isinstance(message.string, list | tuple) else (message.string,)
        if not all(forms):
            faults.append(f"not translated: {shown(message)}")
        elif message.fuzzy:
            faults.append(f"fuzzy: {shown(message)}")
        else:
            faults += [f"{error}: {shown(message)}" for error in message.check(catalog)]
    return faults


def read(language: str) -> Catalog | None:
    path = TRANSLATIONS / language / "LC_MESSAGES/messages.po"
    if not path.exists():
        return None
    with path.open("rb") as file:
        return read_po(file, locale=language)


def as_po(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    write_po(out, catalog, width=110, sort_output=False, ignore_obsolete=True, include_lineno=False)
    return out.getvalue()


def as_mo(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def in_order(catalog: Catalog) -> list[Message]:
    """By the file a text stands in, then by the text: a new text moves no other."""

    def place(message: Message) -> tuple[str, str]:
        return (min((name for name, _ in message.locations), default=""), shown(message))

    return sorted((message for message in catalog if message.id), key=place)


def shown(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


if __name__ == "__main__":
    sys.exit(main())
