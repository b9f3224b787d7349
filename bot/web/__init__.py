"""HTTP: webhooks of the messengers, health, and the caseworkers' interface."""
