"""Transfers: an object goes from one hub to another. Somebody asks for it, the hub that has it lets it go, the other one
receives it by a scan; what neighbours had reserved can go with it."""
