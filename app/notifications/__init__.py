"""Telling: what concerns a neighbour, on the site and by mail, in her language, each thing once."""
