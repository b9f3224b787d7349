"""Everything that can happen, one verb per file. Transactions begin and end here."""
