"""What makes the documentation: figures out of the model cards, and the site."""
