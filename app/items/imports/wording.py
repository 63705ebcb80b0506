"""The sentences of tables: their columns, their words, and what is to be mended in them."""

from app.core.i18n import _l

HEADERS = {
    "code": _l("Code"),
    "title": _l("Titre"),
    "category": _l("Rayon"),
    "mode": _l("Proposé pour"),
    "description": _l("Description"),
    "condition": _l("État"),
    "parts": _l("Pièces"),
    "notices": _l("Consignes"),
    "induction": _l("Initiation"),
    "value": _l("Valeur"),
    "deposit": _l("Caution"),
    "max_days": _l("Jours de prêt"),
    "buffer_days": _l("Jours de pause"),
    "asks_each_time": _l("Demander à chaque fois"),
    "shelf": _l("Étagère"),
    "place": _l("Lieu"),
    "status": _l("Statut"),
}
PROBLEM = _l("Problème")
LEND_ENGINE = {
    "code": "Code",
    "title": "Name",
    "category": "Category",
    "description": "Long description",
    "condition": "Condition",
    "parts": "Components",
    "notices": "Care information",
    "value": "Value",
    "max_days": "Loan period",
}
MODES = {"lend": _l("prêt"), "swap": _l("troc"), "give": _l("don")}
CONDITIONS = {
    "new": _l("comme neuf"),
    "good": _l("bon état"),
    "worn": _l("a vécu"),
    "damaged": _l("abîmé"),
    "incomplete": _l("incomplet"),
}
STATUSES = {"active": _l("proposé"), "draft": _l("brouillon"), "lost": _l("perdu")}
YES, NO = _l("oui"), _l("non")


def column(key: str, kind: str) -> str:
    """A column as the reader calls it; Lend Engine's by its own name."""
    if kind == "lend_engine" and key in LEND_ENGINE:
        return LEND_ENGINE[key]
    return str(HEADERS.get(key, key))


SENTENCES = {
    "imports.unknown": _l("Ce tableau n’existe plus, ou n’est pas pour vous."),
    "imports.too_late": _l("C’est trop tard : ce tableau est déjà en cours ou terminé. Rouvrez sa page."),
    "imports.nothing_good": _l("Aucune ligne ne peut être ajoutée. Corrigez le fichier, puis renvoyez-le."),
    "imports.file_missing": _l("Choisissez un fichier."),
    "imports.empty": _l("Ce fichier est vide."),
    "imports.no_rows": _l("Il n’y a que la ligne des titres. Ajoutez un objet par ligne."),
    "imports.too_large": _l("Ce fichier est trop lourd : %(max)s Mo au plus. Coupez-le en plusieurs."),
    "imports.too_many_rows": _l("Ce fichier a trop de lignes : 20 000 au plus. Coupez-le en plusieurs."),
    "imports.too_many_columns": _l("Ce fichier a trop de colonnes : %(max)s au plus."),
    "imports.workbook": _l(
        "C’est un classeur (Excel ou LibreOffice). Enregistrez-le au format CSV, puis envoyez ce fichier-là."
    ),
    "imports.not_text": _l(
        "Ce n’est pas un tableau en texte. Enregistrez-le au format CSV, puis renvoyez-le."
    ),
    "imports.unknown_signs": _l(
        "Les lettres de ce fichier sont illisibles. Enregistrez-le au format CSV, codage UTF-8."
    ),
    "imports.open_quote": _l("Un guillemet est ouvert et jamais fermé : la suite ne se lit pas. Fermez-le."),
    "imports.no_header": _l(
        "La première ligne doit porter les titres des colonnes, par exemple « Titre » et « Rayon »."
    ),
    "imports.title_missing": _l("Il manque la colonne « Titre »."),
    "imports.category_missing": _l(
        "Il manque la colonne « Rayon ». Ajoutez-la, ou choisissez un rayon ci-dessous."
    ),
    "imports.choose_a_shelf": _l("Choisissez un rayon pour tous ces objets."),
    "imports.column_twice": _l("La colonne « %(column)s » est là deux fois. Enlevez-en une."),
    "imports.lend_engine_name_missing": _l(
        "Cela ressemble à Lend Engine, mais il manque la colonne « Name »."
    ),
    "imports.lend_engine_code_missing": _l(
        "Cela ressemble à Lend Engine, mais il manque la colonne « Code » ou « Id »."
    ),
    "imports.lend_engine_row_without_code": _l("Il manque le code, ou l’identifiant."),
    "imports.too_many_cells": _l(
        "Cette ligne a %(count)s cases pour %(max)s colonnes. Mettez entre guillemets le texte qui contient le "
        "séparateur."
    ),
    "imports.not_a_code": _l(
        "« %(code)s » n’est pas un code de MoviLab. Laissez vide, ou mettez-le dans une colonne « Référence »."
    ),
    "imports.code_taken": _l(
        "Le code %(code)s est déjà celui d’un autre objet. Laissez vide pour en avoir un nouveau."
    ),
    "imports.came_before": _l("« %(reference)s » est déjà là, avec le code %(code)s."),
    "imports.twice_in_the_file": _l("« %(code)s » est déjà à la ligne %(row)s."),
    "imports.category_unknown": _l("« %(category)s » n’est pas un rayon d’ici."),
    "imports.category_unknown_near": _l(
        "« %(category)s » n’est pas un rayon d’ici. Est-ce « %(nearest)s » ?"
    ),
    "imports.category_too_wide": _l(
        "« %(category)s » contient plusieurs rayons. Choisissez-en un : %(below)s…"
    ),
    "imports.unknown_mode": _l("« %(typed)s » : écrivez prêt, troc ou don, ou plusieurs avec une virgule."),
    "imports.unknown_condition": _l(
        "« %(typed)s » : écrivez comme neuf, bon état, a vécu, abîmé ou incomplet."
    ),
    "imports.unknown_status": _l("« %(typed)s » : écrivez proposé, brouillon ou perdu, ou laissez vide."),
    "imports.not_yes_or_no": _l("« %(typed)s » : écrivez oui ou non."),
    "imports.place_unknown": _l("« %(place)s » n’est pas un lieu-relais dont vous êtes membre."),
    "imports.place_missing": _l(
        "Où est-il gardé ? Dites d’abord où est votre quartier, dans « Moi », ou nommez ici un lieu-relais."
    ),
}
