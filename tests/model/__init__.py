"""A model of money, stock and states, and a machine that holds the real acts against it."""
