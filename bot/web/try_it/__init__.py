"""`/try/`: a chat in the browser that shows exactly what a person gets, and beside it what was kept.

pages.py     the HTTP side: its calls, all without cookies; nothing in an address that a log could keep
words.py     the page's own sentences in the languages that people can choose
static/      what the browser gets, as it is reviewed: HTML, CSS and ES modules, no build step
"""
