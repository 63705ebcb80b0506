"""Where a worker can be killed between a scan and its last consequence."""

POINTS = (
    "before the commit",
    "after the commit",
    "before a handler commits",
    "after a handler has committed",
    "before the event is ticked off",
)
