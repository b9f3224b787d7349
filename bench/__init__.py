"""Benchmarks: `make bench`. They print times and, beside them, ratios to yardsticks of the same run; nothing is asserted."""
