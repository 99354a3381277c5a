"""Cases, expectations, judging and statistics: no torch here."""
