"""Rings: two or three neighbours who would go round, each teaching the next what she wants to learn. They are proposed,
never imposed: nothing begins before all have said yes."""
