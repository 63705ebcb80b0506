"""A member's own money: what she owes and for what, what is hers, everything that was written, as a page and a table.

Shown as on the statement of a bank: what is hers is above zero there, what she owes below. The ledger counts the other way.
"""
