"""The sentences of pledges: what cannot be, how one stands, what is told."""

from app.core.i18n import _l

SENTENCES = {
    "pledging.campaign_closed": _l("Les engagements sont clos : on ne peut plus rien y changer."),
    "pledging.sold_out": _l("%(product)s : il n’en reste pas assez, %(left)s au plus pour vous."),
    "pledging.no_cards": _l("On ne peut pas payer par carte ici en ce moment."),
    "pledging.not_open": _l("Cet achat groupé n’est pas ouvert."),
    "pledging.not_for_sale": _l("Un de ces produits n’est pas dans cet achat groupé, ou il y est deux fois."),
    "pledging.tolerance_alone": _l("La souplesse complète ce que vous voulez : dites d’abord combien vous en voulez."),
    "pledging.nothing_wanted": _l("Dites combien vous en voulez, d’au moins un produit. Pour ne plus rien prendre, retirez votre engagement."),
    "pledging.too_much": _l("C’est plus que ce qu’un engagement peut compter. Voyez avec qui organise l’achat."),
    "pledging.other_payment": _l("Cet achat groupé ne se paie pas ainsi."),
    "tell.pledging.minimum": _l("« %(title)s » : le minimum est atteint, la commande part à la clôture."),
    "tell.pledging.failed": _l("« %(title)s » : il manquait %(sum)s. Pas de commande, rien à payer."),
    "tell.pledging.failed_packs": _l("« %(title)s » : aucun colis n’est complet. Pas de commande, rien à payer."),
    "tell.pledging.succeeded": _l("« %(title)s » : la commande part. Vous payez %(sum)s, au retrait, %(day)s au plus tôt."),
    "tell.pledging.succeeded_card": _l("« %(title)s » : la commande part. %(sum)s sont pris sur votre carte. Retrait %(day)s au plus tôt."),
    "tell.pledging.nothing": _l("« %(title)s » : la commande part, mais les colis complets n’ont pas suffi pour vous servir. Rien à payer."),
    "tell.pledging.lapsed": _l("« %(title)s » : votre carte n’a pas été enregistrée à temps, votre engagement ne compte plus. Vous pouvez recommencer."),
}  # fmt: skip
