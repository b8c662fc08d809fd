"""The modules of this tree, one folder each, found by scanning; no module imports another."""
