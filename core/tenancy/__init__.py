"""Tenants: hosts, scope, switches, and what each has configured."""
