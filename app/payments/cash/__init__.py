"""Money by hand at a hub: *receipts* of what was taken and given back, in cash, by cheque or by transfer, and the hub's
*cash box*, counted when it is opened and when it is closed.

This is the gateway that needs no key: what is owed stands in the ledger, somebody pays it at the counter.
"""
