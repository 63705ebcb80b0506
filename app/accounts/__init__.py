"""Residents: neighbours sign up, confirm their e-mail, log in, carry a member card and say about where they live."""
