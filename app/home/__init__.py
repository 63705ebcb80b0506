"""The resident's home page, what concerns her today, and the small pages that belong to no other room."""
