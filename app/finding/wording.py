"""What is wrong with a search, in French."""

from app.core.i18n import _l

SENTENCES = {
    "finding.near_needed": _l("Près d’où ? Donnez un lieu, ou « home » pour votre quartier."),
    "finding.bad_place": _l("Écrivez le lieu ainsi : 45.123,4.567, ou « home » pour votre quartier."),
    "finding.bad_radius": _l("Un rayon en kilomètres, entre 0 et 20 000."),
    "finding.no_home": _l("Dites d’abord où est votre quartier, dans « Moi »."),
}
