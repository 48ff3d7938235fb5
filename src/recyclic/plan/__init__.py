"""What would be done to get from what is installed to what was resolved, and why. Pure."""
