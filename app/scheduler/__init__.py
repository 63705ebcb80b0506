"""The scheduler: what the house does by itself when time passes, one leader at a time, visible to the stewards."""
