"""Customers, projects, and the people a tenant knows."""
