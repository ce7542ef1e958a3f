"""Official data: the registry of data sets, adapters from file to observations, the warehouse, secrecy, checks, the demo."""
