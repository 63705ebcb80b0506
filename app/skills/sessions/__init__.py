"""Sessions: two neighbours agree when one shows the other how, meet, and both say how long it was. Then the minutes move."""
