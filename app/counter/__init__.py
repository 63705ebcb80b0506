"""The counter: a volunteer scans a card, then objects, and they are lent; an object alone, and it is taken back."""
