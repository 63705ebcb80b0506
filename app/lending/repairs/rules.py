"""How far a repair can be, and what a step of it may say: plain values."""

OPEN = ("assess", "parts", "repairing")
"""Somebody must look at it; it waits for a part; somebody is at it. People go to and fro between the three."""
OVER = ("back", "retired")
"""Whole again, or given up."""
DROPPED = "dropped"
"""There was nothing to mend: the return was undone, or described anew."""
STATES = OPEN + OVER

NOTE_LONGEST = 1000
PAID_BY_LONGEST = 120
MOST_CENTS = 1_000_000
MOST_MINUTES = 10_000
