"""How the bus lies on a Redis or Valkey server: keys, scripts, connections."""
