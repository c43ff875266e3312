"""The forecast model: simulated months of households, the network that mixes their habits, and its measure."""
