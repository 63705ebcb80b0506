"""Cards: a member leaves one for a purpose, it is asked for money when the time has come, and what was taken too much goes
back. Every word with the provider is an *attempt*: a row that is committed before it is spoken, said again under the same
key until the answer is known, and never believed to have failed because nobody answered."""
