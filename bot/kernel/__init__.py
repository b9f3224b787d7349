"""The few words every package uses: address, messages, problems, errors, ids, audit events."""
