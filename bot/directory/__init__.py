"""Services: what they are, who vouches for them, when they are open, and which one fits a need."""
