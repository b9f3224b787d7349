"""Texts in many languages: which languages there are, what is served in each, and what translators must not change."""
