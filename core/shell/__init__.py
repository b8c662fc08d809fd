"""Home, menu, profile, company: the frame around the modules."""
