"""Objects: what neighbours and hubs lend, swap and give, and the claims that take an object's days."""
