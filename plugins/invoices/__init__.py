"""Invoices that the tenant's customers receive: read, checked, published, searched, downloaded."""
