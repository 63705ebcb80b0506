"""The sentences of lending: what goes wrong and the way out, what stands in the way, how a loan stands, what happened
to it, what is told."""

from dataclasses import dataclass
from typing import Any

from app.core.i18n import _l, sentence
from app.lending import policy


@dataclass(frozen=True)
class SpokenBlocker(policy.Blocker):
    """A blocker with its two sentences, in the language of whoever reads."""

    @property
    def detail(self) -> str:
        """What stands in the way."""
        return sentence(self.code, self.params)

    @property
    def way_out(self) -> str:
        """What to do about it."""
        return sentence(f"{self.code}.way_out", self.params)

    def as_json(self) -> dict[str, Any]:
        """As the API says it."""
        return {
            "code": self.word,
            "detail": self.detail,
            "way_out": self.way_out,
            "overridable": self.overridable,
        }


def spoken(blocker: policy.Blocker) -> SpokenBlocker:
    """The blocker, able to speak."""
    return SpokenBlocker(blocker.code, blocker.overridable, blocker.params)


SENTENCES = {
    # -- what stands in the way, and the way out ----------------------------------------------------------
    "lending.blocked": _l("Ce n’est pas possible pour l’instant."),
    "lending.item_inactive": _l("Cet objet n’est plus prêté en ce moment."),
    "lending.item_inactive.way_out": _l("Regardez les objets qui lui ressemblent, tout près."),
    "lending.suspended": _l("Votre adhésion est suspendue ici."),
    "lending.suspended.way_out": _l("Rapportez ce qui est attendu, ou parlez-en à la coordination du lieu, au comptoir."),
    "lending.email_unconfirmed": _l("Votre adresse e-mail n’est pas encore confirmée."),
    "lending.email_unconfirmed.way_out": _l("Ouvrez le lien reçu par courrier, ou demandez-en un autre dans votre compte."),
    "lending.not_member": _l("Vous n’êtes pas encore membre de ce lieu."),
    "lending.not_member.way_out": _l("Demandez à rejoindre le lieu sur sa page : c’est un seul bouton."),
    "lending.not_verified": _l("On ne s’est pas encore rencontrés."),
    "lending.not_verified.way_out": _l("Passez au comptoir une fois : on vérifie votre carte, sans copie."),
    "lending.overdue_elsewhere": _l("Un objet emprunté était attendu et n’est pas revenu."),
    "lending.overdue_elsewhere.way_out": _l("Rapportez-le, ou prolongez-le s’il est encore temps."),
    "lending.too_many": _l("Vous avez déjà %(max)s objets réservés ou chez vous : c’est le plus possible ici."),
    "lending.too_many.way_out": _l("Rapportez-en un, ou annulez une réservation."),
    "lending.queue": _l("D’autres attendent cet objet : c’est d’abord leur tour."),
    "lending.queue.way_out": _l("Prenez place dans la file, on vous le garde quand vient votre tour."),
    "lending.induction_missing": _l("Il faut d’abord apprendre à s’en servir : « %(induction)s »."),
    "lending.induction_missing.way_out": _l("Demandez au comptoir quand a lieu la prochaine prise en main."),
    "lending.deposit_due": _l("La caution de %(sum)s n’est pas encore reçue."),
    "lending.deposit_due.way_out": _l("Recevez-la au comptoir et cochez « caution reçue »."),
    # -- asking and reserving -----------------------------------------------------------------------------
    "lending.in_the_past": _l("Ce jour est passé. Choisissez aujourd’hui ou plus tard."),
    "lending.too_far_ahead": _l("C’est trop loin. On réserve jusqu’au %(last)s."),
    "lending.reversed": _l("Le retour vient avant le départ. Échangez les deux jours."),
    "lending.too_long": _l("C’est trop long : %(days)s jours au plus."),
    "lending.closed_day": _l("C’est fermé ce jour-là. On ouvre de nouveau %(next)s."),
    "lending.closed_for_long": _l("C’est fermé ce jour-là, et pour longtemps."),
    "lending.due_too_early": _l("C’est trop tôt. Au plus tôt %(first)s."),
    "lending.already_reserved": _l("Quelqu’un vient de le prendre pour ces jours. Choisissez d’autres jours, ou un objet pareil."),
    "lending.not_back_yet": _l("Il n’est pas encore revenu. On peut le réserver dès %(first)s."),
    "lending.not_lent": _l("Cet objet ne se prête pas : il se donne ou s’échange."),
    "lending.own_item": _l("C’est votre objet. Pour vous en servir, bloquez les jours sur sa page."),
    "lending.too_late_to_answer": _l("Le délai pour répondre est passé. La demande s’est éteinte."),
    "lending.already_answered": _l("Une réponse a déjà été donnée."),
    "lending.already_left": _l("L’objet est déjà parti. Il se rend, il ne s’annule plus."),
    "lending.already_ended": _l("Ce prêt est terminé."),
    "lending.only_the_owner": _l("C’est à la personne qui prête de décider."),
    "lending.only_the_borrower": _l("C’est à la personne qui emprunte de le demander."),
    "lending.not_a_party": _l("Ce prêt concerne d’autres voisins."),
    # -- renewing -----------------------------------------------------------------------------------------
    "lending.not_out": _l("Cet objet n’est pas sorti. Rien à rendre, rien à prolonger."),
    "lending.too_late_to_renew": _l("Le retour était prévu il y a plus de %(days)s jours. Rapportez l’objet, puis empruntez-le de nouveau."),
    "lending.no_renewals_left": _l("Déjà prolongé %(max)s fois : c’est le plus possible ici. Rapportez l’objet, puis empruntez-le de nouveau."),
    "lending.renewable_until": _l("Quelqu’un l’a réservé ensuite. Vous pouvez le garder jusqu’au %(latest)s."),
    "lending.renewable_at_most": _l("C’est trop long. Vous pouvez le garder jusqu’au %(latest)s."),
    "lending.reserved_before": _l("Quelqu’un l’attend dès %(from_day)s : choisissez un jour plus tôt."),
    "lending.reserved_next": _l("Quelqu’un l’a réservé juste après. Rapportez-le %(due)s."),
    "lending.too_many_at_once": _l("C’est trop à la fois : %(max)s prêts au plus."),
    # -- other days ---------------------------------------------------------------------------------------
    "lending.renew_instead": _l("L’objet est déjà parti. Pour le garder plus longtemps, prolongez-le."),
    # -- between neighbours -------------------------------------------------------------------------------
    "lending.at_the_counter": _l("Cet objet se prend et se rend au comptoir du lieu."),
    "lending.not_agreed": _l("La personne qui prête n’a pas encore dit oui."),
    "lending.promised_before": _l("Quelqu’un d’autre l’a réservé avant. Remettez-le à partir du %(first)s."),
    "lending.given_to_another": _l(
        "Il a été dit remis à quelqu’un d’autre, qui peut encore dire le contraire sur la page de son prêt."
    ),
    "lending.nothing_to_contest": _l("Personne n’a dit l’avoir remis. Il n’y a rien à contester."),
    "lending.not_her_code": _l("Ce code n’est ni celui de l’objet, ni celui de la personne de ce prêt."),
    # -- at the counter -----------------------------------------------------------------------------------
    "lending.unknown_code": _l("Ce code est inconnu ou mal lu. Scannez encore, ou tapez-le lettre par lettre."),
    "lending.not_an_item_code": _l("C’est une carte de membre. Scannez l’étiquette de l’objet."),
    "lending.not_a_member_code": _l("C’est l’étiquette d’un objet. Scannez la carte du voisin."),
    "lending.other_hub": _l("Cet objet vient d’un autre lieu, %(hub)s. Mettez-le de côté et prévenez ce lieu."),
    "lending.kept_at_home": _l("Cet objet se prête entre voisins, sans comptoir."),
    "lending.claimed": _l("Pas celui-ci : réservé pour %(holder)s, jusqu’au %(until)s."),
    "lending.claimed_soon": _l("Pas celui-ci : réservé pour %(holder)s dès %(from_day)s, il ne reviendrait pas à temps."),
    "lending.kept_free": _l("Pas celui-ci : il n’est pas prêté jusqu’au %(until)s."),
    "lending.moment_without_zone": _l("Écrivez l’heure avec son décalage : 2026-11-27T14:00:00+01:00."),
    "lending.in_repair": _l("Pas celui-ci : il est en réparation."),
    "lending.already_out": _l("Cet objet est déjà sorti, avec quelqu’un d’autre. Scannez d’abord son retour."),
    "lending.owner_must_agree": _l("La personne à qui il est veut répondre à chaque fois. Faites la demande sur la page de l’objet."),
    "lending.to_tick": _l("Rien n’est parti. Vérifiez les pièces, lisez les consignes ensemble, et cochez."),
    "lending.reason_needed": _l("Écrivez pourquoi, en quelques mots. C’est gardé."),
    "lending.deposit_waits": _l("L’objet revient abîmé ou incomplet : la caution attend la décision du lieu."),
    "lending.deposit_too_high": _l("On ne rend pas plus que la caution reçue."),
    "lending.negative": _l("Écrivez une somme de zéro ou plus."),
    "lending.from_the_future": _l("Ce passage porte une heure à venir. À régler à la main."),
    "lending.too_old": _l("Ce passage a plus de 7 jours. À régler à la main."),
    "lending.overtaken": _l("Cet objet est passé au comptoir depuis. À régler à la main."),
    "lending.built_upon": _l("Trop tard pour annuler : quelqu’un compte déjà dessus."),
    "lending.too_late_to_undo": _l("On annule pendant 10 minutes. Maintenant, faites le passage inverse."),
    "lending.too_late_to_undo_in_list": _l("On annule pendant 24 heures. Maintenant, faites le passage inverse."),
    "lending.nothing_to_undo": _l("Il n’y a rien à annuler ici."),
    "lending.nothing_late": _l("Rien n’est plus attendu de cette personne ici."),
    "lending.not_lost": _l("Cet objet n’est pas noté perdu."),
    "lending.no_deposit": _l("Aucune caution n’a été reçue pour ce prêt."),
    # -- how a loan stands --------------------------------------------------------------------------------
    "lending.status.requested": _l("Un voisin doit répondre"),
    "lending.status.reserved": _l("Réservé"),
    "lending.status.checked_out": _l("Emprunté"),
    "lending.status.returned": _l("Rendu"),
    "lending.status.declined": _l("Refusé"),
    "lending.status.cancelled": _l("Annulé"),
    "lending.status.expired": _l("Sans suite"),
    "lending.status.lost": _l("Perdu"),
    "lending.condition.new": _l("Neuf"),
    "lending.condition.good": _l("En bon état"),
    "lending.condition.worn": _l("Usé"),
    "lending.condition.damaged": _l("Abîmé"),
    "lending.condition.incomplete": _l("Incomplet"),
    # -- what happened to it ------------------------------------------------------------------------------
    "lending.history.requested": _l("Demandé"),
    "lending.history.reserved": _l("Réservé"),
    "lending.history.approved": _l("Accordé"),
    "lending.history.declined": _l("Refusé"),
    "lending.history.cancelled": _l("Annulé"),
    "lending.history.expired": _l("Resté sans suite"),
    "lending.history.pick_up_kept": _l("Gardé un jour de plus"),
    "lending.history.given": _l("Remis, dit la personne qui prête"),
    "lending.history.give_contested": _l("Pas reçu, dit la personne qui emprunte"),
    "lending.history.checked_out": _l("Parti"),
    "lending.history.check_out_undone": _l("Départ annulé"),
    "lending.history.renewed": _l("Prolongé"),
    "lending.history.due_moved": _l("Retour déplacé : le lieu est fermé ce jour-là"),
    "lending.history.days_changed": _l("Autres jours"),
    "lending.history.days_moved": _l("Jours déplacés : le lieu ferme"),
    "lending.history.overdue": _l("Attendu, pas revenu"),
    "lending.history.written_to": _l("Le lieu a écrit"),
    "lending.history.called": _l("Le lieu a appelé"),
    "lending.history.back_given": _l("Rendu, dit la personne qui emprunte"),
    "lending.history.back_contested": _l("Pas revenu, dit la personne qui prête"),
    "lending.history.returned": _l("Revenu"),
    "lending.history.return_undone": _l("Retour annulé"),
    "lending.history.lost": _l("Perdu"),
    "lending.history.deposit_returned": _l("Caution rendue"),
    "lending.why.unanswered": _l("Personne n’a répondu à temps."),
    "lending.why.not_collected": _l("Personne n’est venu le prendre."),
    "lending.why.not_in_house": _l("L’objet n’était pas revenu."),
    "lending.why.lost": _l("L’objet est perdu."),
    # -- what is written to who is late: a draft that is read again before it leaves ----------------------
    "lending.draft.gentle": _l(
        "Bonjour %(name)s,\n\nNous attendons %(items)s à %(place)s. Pouvez-vous passer cette semaine ? "
        "Si quelque chose vous en empêche, répondez ici : on trouve une solution.\n\nMerci !"
    ),
    "lending.draft.firm": _l(
        "Bonjour %(name)s,\n\n%(items)s : c’est attendu depuis longtemps à %(place)s, et d’autres voisins en ont besoin. "
        "Rapportez-le cette semaine, ou dites-nous ici quand vous passez.\n\nMerci."
    ),
    "lending.draft.last": _l(
        "Bonjour %(name)s,\n\nC’est notre dernier rappel : %(items)s. Sans nouvelles de vous sous 7 jours, nous le noterons "
        "perdu, et vos emprunts à %(place)s s’arrêteront. Il n’est jamais trop tard pour le rapporter."
    ),
    "lending.draft.one": _l("« %(item)s » (attendu %(due)s)"),
    # -- what is told on the site -------------------------------------------------------------------------
    "tell.lending.requested": _l("%(borrower)s aimerait emprunter « %(item)s » du %(first)s au %(due)s. Répondez d’ici %(answer_by)s."),
    "tell.lending.request_waits": _l("%(borrower)s attend votre réponse pour « %(item)s », d’ici %(answer_by)s."),
    "tell.lending.reserved": _l("C’est réservé : « %(item)s », du %(first)s au %(due)s, à %(place)s."),
    "tell.lending.approved": _l("%(owner)s est d’accord : « %(item)s », du %(first)s au %(due)s."),
    "tell.lending.declined": _l("%(owner)s ne peut pas prêter « %(item)s » cette fois."),
    "tell.lending.unanswered": _l("Pas de réponse pour « %(item)s ». Choisissez d’autres jours, ou un objet pareil."),
    "tell.lending.unanswered_owner": _l("La demande de %(borrower)s pour « %(item)s » s’est éteinte sans réponse."),
    "tell.lending.not_collected": _l("« %(item)s » n’est plus gardé pour vous. Réservez de nouveau quand vous voulez."),
    "tell.lending.not_in_house": _l("« %(item)s » n’est pas revenu à temps pour vous. Ce n’est pas de votre fait."),
    "tell.lending.cancelled": _l("Le prêt de « %(item)s », prévu du %(first)s au %(due)s, est annulé."),
    "tell.lending.pick_up_kept": _l("« %(item)s » vous attend encore, jusqu’au %(until)s."),
    "tell.lending.given": _l("%(owner)s dit vous avoir remis « %(item)s ». Sans réponse de votre part, cela compte %(counts_at)s."),
    "tell.lending.back_given": _l("%(borrower)s dit vous avoir rendu « %(item)s ». Sans réponse de votre part, cela compte %(counts_at)s."),
    "tell.lending.give_contested": _l("%(borrower)s n’a pas reçu « %(item)s ». Mettez-vous d’accord dans les messages."),
    "tell.lending.back_contested": _l("%(owner)s n’a pas retrouvé « %(item)s ». Mettez-vous d’accord dans les messages."),
    "tell.lending.checked_out": _l("« %(item)s » est chez vous. À rendre %(due)s."),
    "tell.lending.lent_out": _l("« %(item)s » est parti chez %(borrower)s, jusqu’au %(due)s."),
    "tell.lending.returned": _l("« %(item)s » est bien revenu. Merci !"),
    "tell.lending.came_back": _l("« %(item)s » est revenu : %(borrower)s l’a rendu."),
    "tell.lending.ready": _l("« %(item)s » est revenu et vous attend, jusqu’au %(until)s."),
    "tell.lending.renewed": _l("C’est prolongé : « %(item)s » revient %(due)s."),
    "tell.lending.renewed_owner": _l("%(borrower)s garde « %(item)s » jusqu’au %(due)s."),
    "tell.lending.due_moved": _l("%(place)s ferme ce jour-là : « %(item)s » revient maintenant %(due)s."),
    "tell.lending.days_moved": _l("%(place)s ferme : les jours changent pour %(items)s."),
    "tell.lending.days_changed": _l("Autres jours pour « %(item)s » : du %(first)s au %(due)s."),
    "tell.lending.asked_anew": _l("%(borrower)s aimerait « %(item)s » d’autres jours : du %(first)s au %(due)s. Répondez d’ici %(answer_by)s."),
    "tell.lending.late_before": _l("« %(item)s », réservé pour vous dès %(first)s, n’est pas encore revenu. Regardez s’il y en a un autre."),
    "tell.lending.lost": _l("« %(item)s » est noté perdu. S’il se retrouve, rapportez-le : c’est toujours possible."),
    "tell.lending.repair_opened": _l("« %(item)s » est revenu abîmé ou incomplet. À voir avant le prochain prêt."),
    "tell.lending.message": _l("%(author)s vous écrit au sujet de « %(item)s »."),
    "tell.lending.due_soon": _l("« %(item)s » revient %(due)s."),
    "tell.lending.due_today": _l("« %(item)s » revient aujourd’hui."),
    "tell.lending.overdue": _l("« %(item)s » était attendu %(due)s. Quand passez-vous ?"),
    "tell.lending.overdue_for_coordinator": _l("%(borrower)s garde « %(item)s », attendu %(due)s. Prenez contact."),
    "tell.lending.ask_if_lost": _l("« %(item)s », chez %(borrower)s, est attendu depuis %(due)s. Est-il perdu ? À vous de décider."),
}  # fmt: skip
