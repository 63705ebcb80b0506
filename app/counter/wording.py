"""The counter's own sentences."""

from app.core.i18n import _l

SENTENCES = {
    "counter.not_a_sum": _l("Écrivez une somme en euros, par exemple 40 ou 3,50."),
}
