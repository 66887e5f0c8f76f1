"""What can be read, and nothing decided: one room for each thing that is read about. A reader takes its world as arguments."""
