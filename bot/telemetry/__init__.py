"""What operators may see: declared events with declared keys, and counts by channel and outcome."""
