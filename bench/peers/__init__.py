"""Other open shops, each in an environment of its own, measured beside Huopan."""
