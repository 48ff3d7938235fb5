"""The EventBus: durable events between modules, on Redis Streams."""
