"""The forecast model: simulated months of many households, the network that mixes habits, and what it is measured on."""
