"""What `make` runs, with nothing but the Python that is on the machine."""
