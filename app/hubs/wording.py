"""The sentences of hubs."""

from app.core.i18n import _l

SENTENCES = {
    "hubs.not_found": _l("Ce lieu-relais n’existe pas, ou pas encore."),
    "hubs.closed": _l("Ce lieu-relais a fermé. Ses objets sont passés à d’autres."),
    "hubs.not_volunteer": _l("C’est aux bénévoles de ce lieu de le faire. Demandez à qui tient le comptoir."),
    "hubs.not_organizer": _l("C’est à qui organise les achats de ce lieu de le faire."),
    "hubs.not_coordinator": _l("C’est à la coordination de ce lieu de le faire."),
    "hubs.not_oneself": _l("Pas pour soi-même : demandez à quelqu’un d’autre de l’équipe."),
    "hubs.already_member": _l("Vous êtes déjà membre de ce lieu."),
    "hubs.not_member": _l("Cette personne n’est pas membre de ce lieu."),
    "hubs.not_verified": _l("Cette personne n’a pas encore été vérifiée au comptoir."),
    "hubs.suspended": _l("Cette personne est suspendue ici. La coordination peut lever la suspension."),
    "hubs.already_suspended": _l("Cette personne est déjà suspendue ici."),
    "hubs.not_suspended": _l("Cette personne n’est pas suspendue ici."),
    "hubs.last_coordinator": _l(
        "Un lieu garde toujours quelqu’un à sa coordination. Nommez d’abord une autre personne."
    ),
    "hubs.closes_before_opening": _l("La fermeture vient avant l’ouverture."),
    "hubs.openings_overlap": _l("Ces deux ouvertures se chevauchent."),
    "hubs.too_many_openings": _l("%(max)s ouvertures par jour au plus."),
    "hubs.half_an_opening": _l("Il manque une heure : l’ouverture et la fermeture vont ensemble."),
    "hubs.not_a_time": _l("Écrivez l’heure ainsi : 14:00."),
    "hubs.ends_before_it_begins": _l("Le dernier jour vient avant le premier."),
    "hubs.in_the_past": _l("Ces jours sont déjà passés."),
    "hubs.too_long": _l("Un an au plus, et dans les deux ans qui viennent."),
    "hubs.shorter_than_usual": _l("Le prêt le plus long ne peut pas être plus court que le prêt habituel."),
    "hubs.bad_place": _l("Écrivez le lieu ainsi : 45.123,4.567, ou « home » pour votre quartier."),
    "hubs.no_home": _l("Dites d’abord où est votre quartier, dans « Moi »."),
    "hubs.kind.community_house": _l("Maison de quartier"),
    "hubs.kind.association": _l("Association"),
    "hubs.kind.campus": _l("Campus"),
    "hubs.kind.fablab": _l("Fablab"),
    "hubs.kind.third_place": _l("Tiers-lieu"),
    "hubs.kind.digital_space": _l("Espace numérique"),
    "hubs.kind.coworking": _l("Bureau partagé"),
    "hubs.kind.cultural_space": _l("Lieu culturel"),
    "hubs.kind.lab": _l("Laboratoire"),
    "tell.hubs.verified": _l("Vous êtes membre de %(hub)s : vous pouvez emprunter."),
    "tell.hubs.suspended": _l("Vos prêts sont suspendus à %(hub)s. Parlez-en à la coordination du lieu."),
    "tell.hubs.suspended_until_back": _l(
        "Vos prêts sont suspendus à %(hub)s : un objet y est attendu depuis longtemps. Rapportez-le, et c’est levé aussitôt."
    ),
    "tell.hubs.lifted": _l("Votre suspension à %(hub)s est levée. À bientôt."),
}
