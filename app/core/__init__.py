"""What every room stands on: the database, the clock, codes and tokens, errors, languages, the outbox."""
