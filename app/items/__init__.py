"""Objects: neighbours post what they lend, swap or give, say where it is kept and which days they need it themselves,
find what is near, and see on which days it is free."""
