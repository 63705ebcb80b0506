"""A deposit left by card: nothing is taken while all goes well. For a few days the sum is held on the card, for longer the
card is kept; what was broken is said, can be contested, and only then asked of it."""
