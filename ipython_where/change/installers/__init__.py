"""The installers behind one Protocol, and how they are run: they build argument lists and parse answers."""
