"""Dialogue trees and the engine that walks them. Pure: what is not pure leaves as an Effect."""
