"""Hubs: the places where neighbours meet, when they are open, who belongs there, and the terms they lend on."""
