"""Collecting: after the closing, the cards of those who pay by card are asked for what they said they would pay at most.
When all of it is held, each pays her sum and the order can leave. When some cards are refused, the organizer says how it
goes on, within three days; nothing is ordered by itself, and until then nobody has paid anything."""
