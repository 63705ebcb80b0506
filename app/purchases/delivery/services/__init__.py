"""What can be done once a campaign has succeeded: one function for each thing."""

from app.purchases.delivery.services.handing import (
    PickedUp,
    choose_slot,
    make_code,
    pay,
    pick_up,
    undo_pick_up,
)
from app.purchases.delivery.services.invoicing import add_invoice
from app.purchases.delivery.services.leaving import give_away, sell
from app.purchases.delivery.services.ordering import order, write_to_supplier
from app.purchases.delivery.services.packing import pack
from app.purchases.delivery.services.receiving import receive
from app.purchases.delivery.services.refunding import give_back
from app.purchases.delivery.services.settling import pay_supplier, settle

__all__ = [
    "PickedUp",
    "add_invoice",
    "choose_slot",
    "give_away",
    "give_back",
    "make_code",
    "order",
    "pack",
    "pay",
    "pay_supplier",
    "pick_up",
    "receive",
    "sell",
    "settle",
    "undo_pick_up",
    "write_to_supplier",
]
