"""Measurements on real data and at scale. Nothing here is imported by the application."""
