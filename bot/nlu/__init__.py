"""What did the person mean? Pure, offline, explainable: folding, choices, values, crisis words, intents."""
