"""Buy together: neighbours pledge what they would take, packs fill, the closing decides once, and what came is handed
out at the hub and settled to the cent."""
