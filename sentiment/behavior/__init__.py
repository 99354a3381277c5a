"""Cases, expectations, verdicts and their statistics. No torch here."""
