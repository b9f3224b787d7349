"""The caseworkers' interface: ciphertext in, ciphertext out. `fener case` and the browser console both use it."""
