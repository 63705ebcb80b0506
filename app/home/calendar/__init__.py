"""One's own calendar: what a neighbour does here goes into the agenda she has already, by a secret link that she can
change in one tap. What is on it, the rooms say (`calendar.py` of each); here it is gathered."""
