"""A busy contact center in one command: simulated mail servers, clients and agents."""
