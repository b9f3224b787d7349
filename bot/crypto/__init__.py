"""Keys, pseudonyms and sealing: the only package that touches keys or draws randomness.

No other package imports `cryptography` or `secrets`. What cannot be opened, read or verified raises
`RefusedError` with a code such as `envelope.tampered`; the texts of the library below never come through.
"""
