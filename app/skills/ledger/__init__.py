"""Time accounts: an hour is an hour whoever gives it. Minutes go from one account to another, the sum of all is always
zero, and nothing that was written is ever edited: a mistake is put right by writing the contrary."""
