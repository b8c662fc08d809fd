"""What a tenant sets: declared settings, module switches, banner, brand."""
