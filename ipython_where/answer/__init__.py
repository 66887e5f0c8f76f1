"""Questions and their answers: what was read, judged and put together into one value. The edges call these and show them."""
