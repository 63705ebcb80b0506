"""Condition: how an object looks when it leaves and when it comes back, in words and photos of both sides, kept for a
year."""
