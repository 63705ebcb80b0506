"""The sentences of kits."""

from app.core.i18n import _l

SENTENCES = {
    "items.kit_has_it": _l("Cet objet en fait déjà partie."),
    "items.kit_full": _l("Un lot a %(max)s objets au plus."),
    "items.kit_of_kits": _l("Un lot est fait d’objets, pas d’autres lots."),
    "items.kit_elsewhere": _l("Cet objet n’est pas proposé au même endroit que le lot."),
    "items.kit_induction": _l("Cet objet demande d’avoir appris « %(induction)s ». Demandez-le d’abord pour le lot, avec « Modifier »."),
    "items.not_in_kit": _l("Cet objet ne fait pas partie du lot."),
    "items.days_with_kit": _l("Ces jours sont gardés pour tout le lot. Libérez-les sur la page du lot."),
    "items.no_such_label": _l("Aucun objet ne porte ce code. Scannez son étiquette, ou recopiez les signes écrits sous le carré."),
}  # fmt: skip
