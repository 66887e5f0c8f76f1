"""What is wrong, judged from what was read: values in, findings out, worst first."""
