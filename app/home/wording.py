"""The sentences of the pages that belong to no other room."""

from app.core.i18n import _l

SENTENCES = {
    "home.not_coordinates": _l("Écrivez deux nombres, par exemple 44.933 et 4.892."),
    "home.choose_a_place": _l("Choisissez un lieu dans la liste, ou écrivez vos coordonnées."),
}
