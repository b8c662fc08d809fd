"""What comes in from outside, and the quarantine for what needs a decision."""
