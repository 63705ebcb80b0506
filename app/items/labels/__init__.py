"""What is stuck on objects: labels to print on sheets, stickers that wait for their object, and the list to walk along
the shelves with."""
