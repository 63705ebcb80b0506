"""The pages of time accounts: what one has given and received, hours to offer, and what a hub gives and puts right."""
