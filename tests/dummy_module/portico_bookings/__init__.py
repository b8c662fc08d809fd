"""Rooms that customers have booked."""
