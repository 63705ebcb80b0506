"""Skills: neighbours teach and help one another, and an hour is an hour whoever gives it.

Here they say what they can teach and what they want to learn, find each other, and are told where two or three of them
would go round: each teaches one and learns from one.
"""
