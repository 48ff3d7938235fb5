"""One site's disk: where things lie, one writer at a time, and nothing half written."""
