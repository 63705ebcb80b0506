"""Repairs: what came back damaged or incomplete is looked at, waits for parts, is mended and goes back to its shelf, or
is given up; each step with what it took."""
