"""Registered work: who worked when on what, approved by the customer; jobs and projects."""
