"""The hub's counter: one field that is always ready, scans in and out, and what is expected today."""
