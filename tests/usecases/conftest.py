"""The shipped content once, and an installation for each test."""

from tests.usecases.fixtures import house, library

__all__ = ["house", "library"]
