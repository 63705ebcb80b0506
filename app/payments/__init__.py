"""Money: what neighbours owe and what is theirs, how it comes and goes, and where every cent of it is.

Nothing here knows what is bought or lent. What money is for is named by a *subject* ("pledge:34", "loan:5"); the room
it belongs to gives it words and an address.
"""
