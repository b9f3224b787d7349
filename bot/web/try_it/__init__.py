"""`/try/`: a chat in the browser that shows exactly what a person gets, and beside it what was kept.

pages.py     the HTTP side: five calls, all without cookies; nothing in an address that a log could keep
static/      what the browser gets, as it is reviewed: HTML, CSS and ES modules, no build step
"""
