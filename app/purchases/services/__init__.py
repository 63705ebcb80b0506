"""What neighbours do with a campaign before and beside its pledges: write it, open it, change it, call it off."""

from app.purchases.services.drafting import (
    copy,
    create,
    edit,
    name_organizer,
    part_with_organizer,
    put_product,
    put_slots,
    remove_product,
    remove_slot,
)
from app.purchases.services.opening import call_off, open_now, open_then, wait_with_opening

__all__ = [
    "call_off",
    "copy",
    "create",
    "edit",
    "name_organizer",
    "open_now",
    "open_then",
    "part_with_organizer",
    "put_product",
    "put_slots",
    "remove_product",
    "remove_slot",
    "wait_with_opening",
]
