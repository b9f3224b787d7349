"""Reads what admins edit: YAML with file:line:column marks; folders become a Library or every Problem at once."""
