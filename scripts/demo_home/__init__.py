"""Start a real Home Assistant whose rooms replay a recorded home, with Inkling set up as a user would."""
