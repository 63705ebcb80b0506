"""Everything about money compared with everything else: the ledger with itself, with the receipts of the hubs, with what
cards were asked, and that with what the provider says. Each *difference* is shown to the stewards until it is gone.
"""
