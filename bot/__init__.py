"""Fener: anonymous help and referrals for LGBTIQ+ people on the move, in the chat app they already have.

The map, from the inside out; each package imports only what stands before it:

kernel     the few words every package uses
i18n       texts in many languages
nlu        what did the person mean?
directory  the directory of vetted services
handoff    the rules of a case, without its storage
crypto     the only package that touches keys or draws randomness
flow       dialogue trees and the engine that walks them
ports      what the use cases ask of the outside
telemetry  what operators may see
usecases   everything that can happen, one verb per file
content, channels, storage   adapters: folders, messengers, databases
settings, installation, wiring   the environment, what an installation is, and the one place that builds it
web, cli   the two ways in
"""

__version__ = "0.1.0"
