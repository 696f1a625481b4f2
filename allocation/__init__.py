"""The floor's deciders: which queue next, what the next hours bring, which move mends it, what was promised and kept."""
