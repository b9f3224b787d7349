"""Changes to the tables, oldest first; each is applied once, at the first start of a version that has it."""
