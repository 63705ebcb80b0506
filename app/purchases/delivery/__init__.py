"""From success to the last cent: organizers order, receive what came (less, more, dearer or cheaper than was ordered), hand
it out, sell what is left, and settle."""
