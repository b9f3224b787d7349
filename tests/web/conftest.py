"""An installation in this process, over the shipped content."""

from tests.usecases.fixtures import house, library

__all__ = ["house", "library"]
