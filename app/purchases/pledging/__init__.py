"""Say how much one would take, change it, take it back, until the closing decides once: whole packs, one price for
everybody, and what each pays, never more than what was shown."""
