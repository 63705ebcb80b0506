"""The ledger of money, double entry: *transactions* whose *entries* sum to zero, and *accounts* whose balance is the sum
of their entries. What is written stands; a mistake is put right by its contrary.

The sign: a debit is positive. Cash and Stripe above zero hold money; a member's account above zero is what she owes,
below zero what is hers; what is owed to a supplier, held as a deposit or collected for a campaign is below zero.
"""
