"""The form of a pledge: two numbers a product, how it is paid, and the key that makes it count once."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import HiddenField, RadioField

from app.core.forms import CountField, Form, choices
from app.core.i18n import _, _l
from app.core.tokens import new_token
from app.purchases.models import Product
from app.purchases.pledging.rules import Wish

_ONCE = re.compile(r"^[\w-]{8,100}$")
WAYS = {"counter": _l("Au comptoir, au retrait"), "card": _l("Par carte, si la commande part")}


class PledgeForm(Form):
    """The numbers stand in fields `want_<product>` and `more_<product>`, added by `form_for`."""

    once = HiddenField()
    payment = RadioField(_l("Comment payez-vous ?"), validate_choice=False)


def form_for(
    products: Sequence[Product],
    said: Mapping[int, tuple[int, int]],
    *,
    ways: Sequence[str],
    payment: str | None,
    formdata: Any = None,
) -> PledgeForm:
    """The form with a pair of numbers a product: what was typed (`formdata`), else what the pledge says."""
    fields: dict[str, Any] = {}
    for product in products:
        want, more = said.get(product.id, (0, 0))
        fields[f"want_{product.id}"] = CountField(_("Combien en voulez-vous ?"), default=want)
        if product.pack_size > 1:
            fields[f"more_{product.id}"] = CountField(
                _("Et jusqu’à combien de plus, pour compléter un colis ?"), default=more
            )
    kind = type("PledgeForm", (PledgeForm,), fields)
    form: PledgeForm = kind(formdata=formdata)
    form.payment.choices = choices(*((way, WAYS[way]) for way in ways))
    if form.payment.data not in ways:
        form.payment.data = payment if payment in ways else (ways[0] if ways else None)
    if not _ONCE.match(form.once.data or ""):
        form.once.data = new_token()
    return form


def wishes(form: PledgeForm, products: Sequence[Product]) -> list[Wish]:
    """What the form says; an empty field is nothing."""
    return [
        Wish(product.id, form[f"want_{product.id}"].data or 0, _more(form, product)) for product in products
    ]


def sums(form: PledgeForm, products: Sequence[Product], most: int) -> dict[int, tuple[int, int]]:
    """The same for a sum that is only shown: what cannot be is taken for the nearest that can."""
    return {
        wish.product_id: (
            min(max(0, wish.want), most),
            min(max(0, wish.tolerance), most) if wish.want > 0 else 0,
        )
        for wish in wishes(form, products)
    }


def _more(form: PledgeForm, product: Product) -> int:
    field = form._fields.get(f"more_{product.id}")
    return (field.data or 0) if field is not None else 0
