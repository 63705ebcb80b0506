"""Who carries money: a Protocol, and its two forms. At the counter neighbours pay by hand, and a card can do nothing;
with a key of Stripe's, cards are asked through it."""
