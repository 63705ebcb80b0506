"""Places in sentences."""

from app.core.i18n import _, language

_VOWELS = frozenset("aeiouàâäéèêëîïôöùûüœæ")


def around(name: str) -> str:
    """ "Autour de Saillans", "Autour d’Annecy", "Autour du Mans", "Autour des Lilas": French puts the article and the
    preposition together; an
    "y" is a vowel where a consonant follows it (Yssingeaux, but Yerres)."""
    if language() != "fr":
        return _("Autour de %(place)s", place=name)
    first = name[:1].casefold()
    if name.startswith("Le "):
        return _("Autour du %(place)s", place=name.removeprefix("Le "))
    if name.startswith("Les "):
        return _("Autour des %(place)s", place=name.removeprefix("Les "))
    if first in _VOWELS or (first == "y" and name[1:2].casefold() not in _VOWELS and len(name) > 1):
        return _("Autour d’%(place)s", place=name)
    return _("Autour de %(place)s", place=name)
