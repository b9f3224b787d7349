"""The messengers: what comes in is cut down to what we need, what goes out is fitted to what each allows.

telegram, whatsapp     read and render; pure, fast, no vendor library
telegram_api, twilio_api   the vendors' official clients; the only modules that import them
polling                Telegram's long polling that acknowledges only what was processed
telegram_inbox         one update and all it causes, the same for polling and webhook
signatures             whether a webhook call really comes from the provider
rendering, limits      fitting a reply into messages; vendor numbers as data
simulator              the same reply as lines of a terminal
try_channel            the page /try/: its messages, and a caseworker's answers that wait for it in memory
"""
