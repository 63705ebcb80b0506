"""The sentences of objects."""

from app.core.i18n import _l

SENTENCES = {
    "items.unknown": _l("Cet objet n’existe pas, ou n’est pas pour vous."),
    "items.gone": _l("Cet objet n’est plus proposé."),
    "items.photo_unknown": _l("Cette photo n’est plus là."),
    "items.not_a_draft": _l("Cet objet est déjà en ligne."),
    "items.is_it_this_shelf": _l("Est-ce bien là ? Publiez encore une fois, ou choisissez un autre rayon."),
    "items.own_days_unknown": _l("Ces jours ne sont plus gardés."),
    "items.only_the_owner": _l("C’est à qui possède l’objet de le faire."),
    "items.email_unconfirmed": _l(
        "Confirmez d’abord votre adresse e-mail, avec le lien que nous vous avons envoyé. Ensuite, proposez."
    ),
    "items.no_home": _l(
        "Dites d’abord où est votre quartier, dans « Moi », ou laissez l’objet à un lieu-relais."
    ),
    "items.hub_unknown": _l("Ce lieu-relais n’existe pas, ou il a fermé."),
    "items.hub_object_stays": _l("Cet objet est au lieu-relais : il y reste."),
    "items.not_member_there": _l("Devenez d’abord membre de ce lieu pour y laisser un objet."),
    "items.owner_stays": _l("Un objet ne change pas de mains ici."),
    "items.some_mode": _l("Choisissez au moins : prêter, troquer ou donner."),
    "items.money_range": _l("Entre 0 et %(max)s €."),
    "items.not_money": _l("Écrivez la somme ainsi : 40 ou 3,50."),
    "items.not_a_number": _l("Écrivez un nombre entier."),
    "items.too_many_parts": _l("%(max)s pièces différentes au plus."),
    "items.too_many_notices": _l("%(max)s conseils au plus."),
    "items.too_many_photos": _l("%(max)s photos au plus. Enlevez-en une d’abord."),
    "items.days_taken": _l(
        "Quelqu’un l’a en main, l’a réservé, ou il est en réparation. Attendez que ces jours soient passés."
    ),
    "items.days_taken_then": _l("Ces jours-là, il est déjà pris en partie. Regardez le calendrier."),
    "items.day_passed": _l("Ce jour est déjà passé."),
    "items.days_reversed": _l("Le dernier jour vient avant le premier."),
    "items.too_many_days": _l("Un an au plus, et dans les deux ans qui viennent."),
    "items.days_apart": _l("Un an au plus entre le premier et le dernier jour."),
    "items.half_days": _l("Il faut les deux : le premier et le dernier jour."),
    "items.card_unknown": _l("Cette carte de membre est inconnue, ou mal lue. Recopiez le code entier."),
    "items.search_unknown": _l("Cette recherche n’est pas gardée, ou n’est pas la vôtre."),
    "items.search_kept_twice": _l("Vous suivez déjà cette recherche."),
    "items.search_too_wide": _l(
        "Ajoutez un mot, un rayon, un lieu ou un quartier : tout suivre, ce serait trop."
    ),
    "items.too_many_searches": _l("%(max)s recherches au plus. Arrêtez-en une d’abord."),
    "tell.items.came": _l("« %(title)s » vient d’arriver : cela répond à une de vos recherches."),
    "tell.items.came_several": _l(
        "%(count)s objets qui répondent à vos recherches viennent d’arriver, dont « %(title)s »."
    ),
    "items.code_taken": _l("Ce code vient d’être pris. Envoyez encore une fois."),
}
