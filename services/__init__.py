"""Services: one function for each thing that somebody does with the system."""
