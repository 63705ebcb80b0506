"""The counter without a network: a device keeps the day and the scans, sends them in order when the network is back,
and what could no longer be accepted waits here until somebody has settled it."""
