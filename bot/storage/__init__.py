"""Where things are kept: cases in SQLite or PostgreSQL, conversations in memory or Valkey, sealed before they come."""
