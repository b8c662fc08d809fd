"""Signing in: accounts, sessions, links, passwords."""
