"""The roster engine: who works what on which day."""
