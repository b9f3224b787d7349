"""The rules of a case, without its storage: names, urgency, who receives it, what is sealed, when it goes."""
