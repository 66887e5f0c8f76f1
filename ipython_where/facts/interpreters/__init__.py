"""What a Python executable, its environment and a running process are: read from files, seldom asked."""
