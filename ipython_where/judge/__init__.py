"""Pure judgement: values in, values out. Nothing here reads a file, a variable or a clock."""
