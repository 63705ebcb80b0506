"""Kits: objects that are put together and lent as one, each of them also by itself."""
