"""Messages: what the two parties of something (a loan, later a session or a campaign) say to one another."""
