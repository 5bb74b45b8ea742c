"""Creators, their accounts and posts, and matches over the API."""
