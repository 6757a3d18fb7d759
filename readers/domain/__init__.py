"""What readers write and keep, as plain Python."""
