"""A home's own history: the recorder's database and the registries beside it, as a trace."""
