"""A year of a supply chain, room by room: each is written set by set."""
