"""Workshops: a hub shows neighbours how something is done, once or again and again; places fill fairly, and what was
learnt there counts."""
