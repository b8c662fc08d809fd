"""Queue, worker, schedules, mail and bell."""
