"""The installers behind one Protocol, and how they are run. They build argument lists and understand answers."""
