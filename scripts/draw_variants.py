"""Draw colour variants of the category drawings, so that many alike objects do not look the same.

`perceuse.svg` gives `perceuse-2.svg`, `-3` and `-4`: the same silhouette on another pale tint, with the fills
of the palette changed places; the third also faces the other way. The result depends on the file name and the
drawing alone, so a second run writes the same bytes.

    python scripts/draw_variants.py            write the variants
    python scripts/draw_variants.py --check    fail when a committed variant differs
"""

import re
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "static" / "drawings" / "categories"

# Page tint and the darker tint of arch and floor, as drawn.
TINTS = [
    ("#FFE6D8", "#FFCFB6"),
    ("#E4F1DF", "#C7E2C0"),
    ("#DFF0F6", "#BEDFEA"),
    ("#FBE4EA", "#F5C9D5"),
    ("#FFF2CC", "#FFE297"),
    ("#EFE4F3", "#DECAE6"),
]
FILLS = ["#8A2F5F", "#FFCB4D", "#EE7F5B", "#86BC90", "#7DBBD3"]
# How far the tint and the fills move round their rings in each variant; the last flag turns the object round.
VARIANTS = {2: (2, 3, False), 3: (3, 1, True), 4: (5, 4, False)}

BACKGROUND = re.compile(r'(<path fill=")(#[0-9A-F]{6})(" d="M0 0h160v120H0z"/>)')
OBJECT = re.compile(r'(<g fill="none" stroke="#35142B".*</g>)(</svg>\s*)$', re.DOTALL)


def variant(source: str, *, tint_step: int, fill_step: int, turned: bool) -> str:
    """The drawing on another tint, its palette fills moved round by `fill_step`, mirrored if `turned`."""
    found = BACKGROUND.search(source)
    if found is None:
        raise ValueError("the drawing has no pale tint behind it")
    pages = [page for page, _ in TINTS]
    old = pages.index(found.group(2))
    new = (old + tint_step) % len(TINTS)
    colours = dict(zip(TINTS[old], TINTS[new], strict=True))
    colours.update({fill: FILLS[(at + fill_step) % len(FILLS)] for at, fill in enumerate(FILLS)})
    drawn = re.sub(r"#[0-9A-F]{6}", lambda match: colours.get(match.group(), match.group()), source)
    if turned:
        drawn = OBJECT.sub(r'<g transform="matrix(-1 0 0 1 160 0)">\1</g>\2', drawn)
    return drawn


def main() -> int:
    check = "--check" in sys.argv[1:]
    stale = []
    for path in sorted(FOLDER.glob("*.svg")):
        if re.search(r"-[234]$", path.stem):
            continue
        source = path.read_text(encoding="utf-8")
        for number, (tint_step, fill_step, turned) in VARIANTS.items():
            target = path.with_name(f"{path.stem}-{number}.svg")
            drawn = variant(source, tint_step=tint_step, fill_step=fill_step, turned=turned)
            if check and (not target.exists() or target.read_text(encoding="utf-8") != drawn):
                stale.append(target.name)
            elif not check:
                target.write_text(drawn, encoding="utf-8")
    if stale:
        print("Not as drawn by scripts/draw_variants.py:", ", ".join(stale))
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
