"""Where the process that closes and collects can be killed: twenty points, spread over its whole work."""

POINTS = (
    ("after the commit", 1),
    ("before the commit", 1),
    ("before the call", 1),
    ("after the call", 1),
    ("after the commit", 3),
    ("before the commit", 5),
    ("after the call", 2),
    ("before the call", 3),
    ("after the commit", 7),
    ("before the commit", 9),
    ("after the call", 3),
    ("after the commit", 12),
    ("before the commit", 15),
    ("before the call", 4),
    ("after the call", 5),
    ("after the commit", 19),
    ("before the commit", 23),
    ("before the call", 6),
    ("after the call", 6),
    ("after the commit", 27),
)
"""A commit writes down what is about to be asked, what was answered, or what follows; a call is a word with the provider.
The numbers count each kind."""
