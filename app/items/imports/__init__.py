"""Many objects at once: a table that somebody keeps elsewhere is read, shown row by row with what is to be mended,
and written once it was agreed to; and every list of objects can be taken along as such a table."""
