"""Skills: neighbours teach and help one another, and an hour is an hour whoever gives it."""
