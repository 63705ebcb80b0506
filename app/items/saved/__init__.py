"""Saved searches: a neighbour keeps a search, runs it again in one tap, and is told once a day at most when an object
that fits has come."""
