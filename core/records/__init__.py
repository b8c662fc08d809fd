"""What every record of every module has: reach, files, comments, first view, activity."""
