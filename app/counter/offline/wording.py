"""What is said of scans that were kept."""

from app.core.i18n import _l

SENTENCES = {
    "counter.nothing_to_take_over": _l("Il n’y a rien à reprendre ici."),
}
