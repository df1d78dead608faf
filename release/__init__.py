"""How a release is made: `make` builds, checks and tries it, `address` writes the public address."""
