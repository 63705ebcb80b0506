"""The demo territory: ten real places, their neighbours, and a year of loans between them.

What people read (objects, hubs, first names, short messages) stands in `content/`; the rest is drawn from a seed, so
that the same seed on the same day gives the same rows. Nobody in it exists: people are a first name and an initial.
"""
